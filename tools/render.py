"""Write the parts of the repository that are made from the code, or check that they are fresh.

`make docs` writes; `make check` calls it with --check, which writes nothing and names what is stale.
A generated part of a document stands between `<!-- NAME -->` and `<!-- /NAME -->`. In meltano.yml it is all from the
line `plugins:` on: Meltano rewrites that file and loses comments in its midst.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import catalogues
import crash_report
import plugin_definitions
from plugin_settings import table

ROOT = Path(__file__).resolve().parent.parent

PARTS: dict[str, Callable[[], str]] = {
    "settings:tap-horoshop": lambda: table(plugin_definitions.TAP_SETTINGS),
    "settings:target-esputnik": lambda: table(plugin_definitions.TARGET_SETTINGS),
    "order-statuses": catalogues.order_statuses,
    "order-statuses:uk": catalogues.order_statuses_in_ukrainian,
    "confirmation-rules": catalogues.confirmation_rules,
    "confirmation-routes": catalogues.confirmation_routes,
    "outcomes": catalogues.outcomes,
    "reasons": catalogues.reasons,
    "errors:tap-horoshop": partial(catalogues.errors, "tap_horoshop", "en"),
    "errors:uk:tap-horoshop": partial(catalogues.errors, "tap_horoshop", "uk"),
    "errors:target-esputnik": partial(catalogues.errors, "target_esputnik", "en"),
    "errors:uk:target-esputnik": partial(catalogues.errors, "target_esputnik", "uk"),
    "ledger-commands": catalogues.ledger_commands,
    "crash-points": crash_report.crash_points,
    "fault-results": crash_report.fault_results,
    "fault-cases": crash_report.fault_cases,
    "guards": crash_report.guards,
    "probe-questions": catalogues.probe_questions,
}
WHOLE: dict[str, Callable[[], dict[str, Any]]] = {
    f"plugins/{name}.meltano.yml": partial(plugin_definitions.for_hub, name)
    for name in ("tap-horoshop", "target-esputnik")
}
DOCUMENTS = ("README.md", "README.uk.md", "tap-horoshop/README.md", "target-esputnik/README.md", "docs/*.md")


def filled(text: str, start: str, end: str, content: str) -> str:
    """Return the text with the content between each pair of marks."""
    pattern = re.compile(f"({re.escape(start)}\n).*?({re.escape(end)})", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{content.rstrip()}\n{found[2]}", text)


def document(path: Path) -> str:
    """Return a Markdown file with its generated parts made anew.

    Raises:
        ValueError: it asks for a part that nothing here makes.
    """
    text = path.read_text(encoding="utf-8")
    unknown = set(re.findall(r"^<!-- /([\w:-]+) -->$", text, re.MULTILINE)) - set(PARTS)
    if unknown:
        raise ValueError(f"{path.name}: no generated part is called {', '.join(sorted(unknown))}")
    for name, content in PARTS.items():
        if f"<!-- /{name} -->" in text:
            text = filled(text, f"<!-- {name} -->", f"<!-- /{name} -->", content())
    return text


def rendered() -> Iterator[tuple[Path, str]]:
    """Yield every file that holds something generated, with the text that it should have."""
    for pattern in DOCUMENTS:
        for path in sorted(ROOT.glob(pattern)):
            yield path, document(path)
    project = ROOT / "meltano.yml"
    by_hand, _, _ = project.read_text(encoding="utf-8").partition("\nplugins:\n")
    yield project, by_hand + "\n" + plugin_definitions.as_yaml(plugin_definitions.in_project())
    for name, definition in WHOLE.items():
        yield ROOT / name, plugin_definitions.as_yaml(definition())


def main() -> None:
    """Write what is stale; with --check only name it, and exit 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if something is stale")
    check = parser.parse_args().check
    stale = [(path, text) for path, text in rendered() if not path.exists() or path.read_text("utf-8") != text]
    for path, text in stale:
        print(f"{path.relative_to(ROOT)}: {'stale, run `make docs`' if check else 'written'}")
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if not stale:
        print("generated parts: fresh")
    sys.exit(bool(stale and check))


if __name__ == "__main__":
    main()
