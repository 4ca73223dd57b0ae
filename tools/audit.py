"""Ask whether a locked version has a known weakness, by pip-audit; say so where nobody can be asked.

pip-audit calls a package that its service does not know "skipped", and then finds nothing: a mirror without PyPI's
answers about weaknesses would pass everything. So what was skipped counts as not audited, and one package that every
such service knows is asked about first: where it is skipped, none of the others is asked about.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lock import ROOT, pins

LOCKS = ("dev.txt", "build.txt")
PYPI = ("--vulnerability-service", "pypi")
PROBE = "requests"
SECONDS = 240
ACCEPTED: dict[str, str] = {}
"""{id of a weakness: why it does not touch us, and until when}."""


@dataclass(frozen=True)
class Answer:
    """What was said of some packages.

    Attributes:
        audited: how many the service knows.
        skipped: those that it does not know.
        weak: a line for each known weakness.
    """

    audited: int
    skipped: list[str]
    weak: list[str]


def ask(requirements: Path, service: Sequence[str] = PYPI) -> Answer | None:
    """Ask about the pinned packages of a file with hashes; None: nobody answers."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--disable-pip"]
    command += ["--require-hashes", "--progress-spinner", "off", "--timeout", "10", "--format", "json", *service]
    try:
        ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS)
        told = json.loads(ended.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    weak = [
        f"{one['name']} {one['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions']) or 'none'}"
        for one in told
        for weakness in one.get("vulns", [])
        if weakness["id"] not in ACCEPTED
    ]
    skipped = [one["name"] for one in told if "skip_reason" in one]
    return Answer(len(told) - len(skipped), skipped, weak)


def verdict(service: Sequence[str] = PYPI, locks: Sequence[str] = LOCKS) -> tuple[int, str]:
    """Ask about one, then about all. Returns the exit code, and what to tell."""
    [pin] = [pin for pin, _ in pins("dev.txt") if pin.name == PROBE]
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe.txt"
        probe.write_text(f"{pin} --hash=sha256:{'0' * 64}\n", encoding="utf-8")
        first = ask(probe, service)
    if first is None or not first.audited:
        return 0, "audit: NOT AUDITED: no service that knows of weak versions can be reached from here"
    whole = Answer(0, [], [])
    for lock in locks:
        answer = ask(ROOT / "requirements" / lock, service)
        if answer is None:
            return 0, f"audit: NOT AUDITED: the service stopped answering at requirements/{lock}"
        whole = Answer(whole.audited + answer.audited, whole.skipped + answer.skipped, whole.weak + answer.weak)
    lines = [*whole.weak, *(f"audit: NOT AUDITED: {name}" for name in whole.skipped)]
    lines.append(f"audit: {whole.audited} locked packages audited, {len(whole.weak)} weaknesses")
    return int(bool(whole.weak)), "\n".join(lines)


if __name__ == "__main__":
    code, told = verdict()
    print(told)
    sys.exit(code)
