"""Run every check, also after one has failed; exit 1 if any did."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "lint": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
    "types of the tools": ["-m", "mypy", "tools"],
    # Not of all there: the peers' libraries are not installed here.
    "types of the benchmark": ["-m", "mypy", *(f"benchmarks/{one}.py" for one in ("compare", "rates", "shop_costs"))],
    "locks": ["tools/lock.py", "--check"],
    "dependencies": ["tools/dependencies.py"],
    "licences": ["tools/licences.py"],
    "known weaknesses": ["tools/audit.py"],
    "generated parts": ["tools/render.py", "--check"],
    "translations": ["tools/translations.py", "--check"],
    "traces of machines": ["tools/traces.py"],
}


def main() -> None:
    """Run them one after another, so that each one's output stays together."""
    failed = []
    for name, arguments in CHECKS.items():
        print(f"── {name}", flush=True)
        started = time.monotonic()
        if subprocess.run([sys.executable, *arguments], cwd=ROOT, check=False).returncode:
            failed.append(name)
        print(f"   {time.monotonic() - started:.1f} s", flush=True)
    print("make check: " + (f"failed: {', '.join(failed)}" if failed else "all passed"))
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
