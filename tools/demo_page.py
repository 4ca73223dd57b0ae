"""The demo's end: its ledger is kept, and the statistics page shows it; are the page's numbers what really came?"""

import contextlib
import html
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from horoshop_esputnik_sandbox import Sandbox

from demo_views import Remembered
from isolated_project import ROOT, IsolatedProject, scrubbed

KEPT_IN = ROOT / ".demo"
NUMBER = re.compile(r'<td class="num"><a href="([^"]+)"[^>]*>([^<]*)</a></td>')
PROGRAM = Path(sys.executable).parent / "esputnik-ledger"


def keep(project: IsolatedProject, sandbox: Sandbox, folder: Path) -> None:
    """Copy the demo's ledger out of the copy of the project, which is deleted, with settings that lead to it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    ledger = folder / "ledger.db"
    with (
        contextlib.closing(sqlite3.connect(project.root / ".esputnik" / "ledger.db")) as source,
        contextlib.closing(sqlite3.connect(ledger)) as copy,
    ):
        source.backup(copy)
    ledger.chmod(0o600)
    settings = {"api_key": sandbox.api_key, "api_url": sandbox.esputnik_url, "ledger_url": f"sqlite:///{told(ledger)}"}
    (folder / "target.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def told(path: Path) -> str:
    """Return a path as it is typed in the project's folder."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def command(folder: Path) -> str:
    """Return what is typed in the project's folder to open the page of a ledger that was kept."""
    return f"{told(PROGRAM)} serve --config {told(folder / 'target.json')}"


def numbers(folder: Path, buyers: int) -> Remembered:
    """Return the numbers of the page of a ledger that was kept, in the form in which the demo compares them.

    Args:
        folder: where it was kept.
        buyers: how many of the accepted contacts have no account; the page does not say.
    """
    with served(folder) as url, urllib.request.urlopen(f"{url}?period=all&lang=en", timeout=30) as answer:  # noqa: S310
        page = answer.read().decode()
    counts: Counter[tuple[str, str, str]] = Counter()
    for href, number in NUMBER.findall(page):
        parts = urlsplit(html.unescape(href))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        stream, fate, reason = parts.path.strip("/"), query["result"], query.get("reason", "")
        counts[stream, fate, reason.replace("-", "") or "all"] = int(re.sub(r"\D", "", number))
    for (stream, fate, reason), number in list(counts.items()):
        if reason != "all":  # what no reason accounts for has none
            counts[stream, fate, "all"] -= number
    plain = {(stream, fate, "" if reason == "all" else reason): n for (stream, fate, reason), n in counts.items() if n}
    return Remembered(Counter(plain), buyers)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the page on a free port, and give its address."""
    process = subprocess.Popen(
        [str(PROGRAM), "serve", "--config", told(folder / "target.json"), "--port", "0", "--json"],
        cwd=ROOT,
        env=scrubbed(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield str(json.loads(line)["url"])
    finally:
        process.terminate()
        process.communicate(timeout=15)
