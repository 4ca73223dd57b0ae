"""The statistics page as a visitor reaches it: `esputnik-ledger serve` as a process of its own, on a free port."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = str(Path(sys.executable).parent / "esputnik-ledger")
NUMBER = re.compile(r'<td class="num"[^>]*><a href="([^"]+)"[^>]*>([^<]*)</a></td>')


@dataclass
class Served:
    """A page that is served.

    Attributes:
        url: without a slash at its end.
        process: the server.
    """

    url: str
    process: subprocess.Popen[str]

    def get(self, path: str, *, code: int = 200, **headers: str) -> requests.Response:
        """Look at a page, which must answer with this code."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = requests.get(self.url + path, headers={"Accept-Language": "en"} | told, timeout=30)
        assert answer.status_code == code, (path, answer.status_code, answer.text[-600:])
        return answer

    def text(self, path: str, *, code: int = 200, **headers: str) -> str:
        """A page's HTML."""
        return self.get(path, code=code, **headers).text

    def words(self, path: str, *, code: int = 200, **headers: str) -> str:
        """What stands on a page, without its tags and styles."""
        text = self.text(path, code=code, **headers)
        text = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", text, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def numbers(self, path: str) -> list[tuple[str, int]]:
        """The numbers of a page that lead to lists: (address, number)."""
        found = NUMBER.findall(self.text(path))
        return [(html.unescape(href), int(re.sub(r"\D", "", number))) for href, number in found]

    def records(self, href: str) -> list[dict[str, Any]]:
        """All the records of a list, by its download."""
        path, _, query = href.partition("?")
        rows = self.get(f"{path}.json?{query}").json()
        assert isinstance(rows, list)
        return rows


@contextlib.contextmanager
def served(config: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Served]:
    """Serve the page of a configuration; it ends as it began."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TARGET_", "MELTANO_"))}
    process = subprocess.Popen(
        [SCRIPT, "serve", "--config", str(config), "--port", "0", "--json", *options],
        env=kept | {"PYTHONUTF8": "1"} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            with contextlib.suppress(json.JSONDecodeError):
                yield Served(json.loads("".join(lines))["url"].rstrip("/"), process)
                break
        else:
            raise AssertionError((process.stderr.read() if process.stderr else "") + "".join(lines))
    finally:
        process.terminate()
        process.communicate(timeout=20)
