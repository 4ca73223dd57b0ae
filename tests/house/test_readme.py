"""What the READMEs tell people to type exists, and the Ukrainian one is in step with the English one."""

import json
import re
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest

from plugin_definitions import TAP_SETTINGS, TARGET_SETTINGS, ledger_commands

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
UKRAINIAN = (ROOT / "README.uk.md").read_text(encoding="utf-8")
PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/**/*.md")]
}
GENERATED = re.compile(r"<!-- ([\w:-]+) -->\n.*?<!-- /\1 -->", re.DOTALL)
SETTING_NAMES = {setting.name for setting in (*TAP_SETTINGS, *TARGET_SETTINGS)}


def by_hand(text: str) -> str:
    """A page without its generated parts."""
    return GENERATED.sub("", text)


def spans(text: str) -> set[str]:
    """What stands in `code` on a page, outside of its blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)))


def commands(text: str, program: str) -> list[str]:
    """Every command of a page that begins with a program, without its comment."""
    found = [*spans(text), *re.findall(r"^(?:\w+=\w+ )?([\w./-]+ .*)$", text, re.MULTILINE)]
    told = {line.split("#")[0].strip() for line in found if line.split(" ")[0].split("/")[-1] == program}
    return sorted(command for command in told if " " in command)


def test_commands_are_found_on_a_page() -> None:
    """Else the tests below would prove nothing."""
    page = "Run `make demo`, or `.venv/bin/meltano run x` (not `make`):\n```bash\nX=1 meltano job list  # all\n```\n"
    assert commands(page, "make") == ["make demo"]
    assert commands(page, "meltano") == [".venv/bin/meltano run x", "meltano job list"]


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_make_command_is_a_target(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {command.split()[1] for command in commands(PAGES[page].read_text(encoding="utf-8"), "make")}
    assert told <= targets


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_ledger_command_exists(page: str) -> None:
    text = PAGES[page].read_text(encoding="utf-8")
    told = {command.split()[1] for command in commands(text, "esputnik-ledger") if "|" not in command}
    told |= set(re.findall(r"target-esputnik:([a-z-]+)", text)) - {"tap-horoshop"}
    assert told - {"COMMAND"} <= set(ledger_commands())


def meltano_commands() -> list[str]:
    return sorted({command for path in PAGES.values() for command in commands(path.read_text("utf-8"), "meltano")})


def test_every_meltano_command_and_option_exists() -> None:
    """Each is asked for its help by Meltano itself: an unknown command or option is an error there."""
    known = json.loads(
        subprocess.run([sys.executable, "-c", LIST_COMMANDS], check=True, capture_output=True, text=True).stdout
    )
    told = meltano_commands()
    assert len(told) > 5
    for command in told:
        words = command.split()[1:]
        while words[0].startswith("--"):  # Meltano's own, before its command
            assert words.pop(0).split("=")[0] in known[""], command
        if words[0] in {"…", "COMMAND"}:
            continue
        path = words[0] if f"{words[0]} {words[1] if len(words) > 1 else ''}" not in known else " ".join(words[:2])
        assert path in known, command
        # What stands behind a plugin belongs to the plugin: its own tests try its examples.
        own = [*takewhile(lambda word: word.startswith("--"), words[1:])] if path == "invoke" else words
        options = {word.split("=")[0] for word in own if word.startswith("--")}
        assert options <= set(known[path]), command


LIST_COMMANDS = """
import json, click
from meltano.cli import cli
found = {}
def walk(command, path):
    found[path] = [name for one in command.params for name in (*one.opts, *one.secondary_opts)] + ["--help"]
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            walk(command.get_command(click.Context(command), name), f"{path} {name}".strip())
walk(cli, "")
print(json.dumps(found))
"""


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_link_inside_the_repository_leads_somewhere(page: str) -> None:
    path = PAGES[page]
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings}, target


def headings(text: str) -> list[int]:
    return [len(found) for found in re.findall(r"^(?:> )?(#+) ", text, re.MULTILINE)]


def blocks(text: str) -> list[str]:
    """The commands of the code blocks; what is drawn and what is commented differs by language."""
    found = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [line.split("  #")[0].strip() for block in found for line in block.splitlines()]


def test_both_languages_have_the_same_sections() -> None:
    assert headings(ENGLISH) == headings(UKRAINIAN)


def test_both_languages_tell_the_same_commands() -> None:
    assert blocks(ENGLISH) == blocks(UKRAINIAN)


def test_both_languages_name_the_same_settings_and_events() -> None:
    """What stands in code in the English prose stands in the Ukrainian one, which adds no name of its own."""
    english, ukrainian = spans(by_hand(ENGLISH)), spans(by_hand(UKRAINIAN))
    assert english - ukrainian == set()
    own = {name for name in ukrainian - english if not name.startswith(("esputnik-ledger ", "meltano invoke "))}
    assert own <= SETTING_NAMES


def test_environment_variables_of_the_example_are_settings() -> None:
    names = re.findall(r"^(?:# )?(T[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    known = {f"TAP_HOROSHOP_{one.name.upper()}" for one in TAP_SETTINGS}
    known |= {f"TARGET_ESPUTNIK_{one.name.upper()}" for one in TARGET_SETTINGS}
    assert len(names) > 3
    assert set(names) <= known
    required = {f"TAP_HOROSHOP_{one.name.upper()}" for one in TAP_SETTINGS if one.required}
    assert required <= set(names)
