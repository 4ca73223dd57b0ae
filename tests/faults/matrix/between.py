"""What is between the two programs and around them: the text on its way, pipes, stdout and stderr."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from matrix import clocks
from matrix.case import DONE, HEALS, PERSON, FaultCase, Runner
from matrix.worlds import ANY_END, ended_with, process_case, processes

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage


def _through(shell: str) -> Callable[[Stage], None]:
    """Let a shell run the tap's command: `"$0" "$@"`."""

    def arrange(stage: Stage) -> None:
        processes(stage).tap_front = ("bash", "-c", f"set -o pipefail; {shell}")

    return arrange


def _target_by(shell: str) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        processes(stage).target_front = ("bash", "-c", shell)

    return arrange


def _unheard(stage: Stage) -> None:
    closed = ("bash", "-c", 'exec "$0" "$@" 2>&-')
    processes(stage).tap_front = processes(stage).target_front = closed


def _no_bookmark(stage: Stage) -> bool:
    return not stage.bookmarks


def _text_becomes(change: Callable[[str], str]) -> Callable[[Stage], None]:
    """Let the tap's text become another one on its way."""

    def arrange(stage: Stage) -> None:
        def changed(said: str) -> str:
            text = change(said)
            stage.notes["changed"] = text != said
            return text

        stage.pipe.on_the_way = changed

    return arrange


def _was_changed(stage: Stage) -> bool:
    return bool(stage.notes.get("changed"))


def _lines(said: str) -> list[str]:
    return said.splitlines(keepends=True)


def _middle(said: str) -> int:
    return len(_lines(said)) // 2


def _with_line(line: str) -> Callable[[str], str]:
    return lambda said: "".join([*_lines(said)[: _middle(said)], line, *_lines(said)[_middle(said) :]])


def _text(
    name: str, sentence: str, change: Callable[[str], str], *, target: int | frozenset[int] = DONE, **more: Any
) -> FaultCase:
    arrange = _text_becomes(change)
    return process_case(name, sentence, arrange, _was_changed, target=target, by=Runner.HERE, **more)


def _lost(name: str, sentence: str, change: Callable[[str], str], *, fast: bool = False) -> FaultCase:
    """Give a case in which neither can know that something is missing; it goes with the next run."""

    def arrange(stage: Stage) -> None:
        clocks.place(stage)
        _text_becomes(change)(stage)

    return process_case(name, sentence, arrange, _was_changed, by=Runner.HERE, fast=fast)


def _other_ends(said: str) -> str:
    return said.replace("\n", "\r\n")


def _escaped(said: str) -> str:
    return "".join(json.dumps(json.loads(line)) + "\n" for line in said.splitlines())


def _without_last_state(said: str) -> str:
    return "".join(line for line in _lines(said) if '"type":"STATE"' not in line.replace(" ", ""))


TEXT = [
    _lost("an empty stdin", "nothing of what the tap said arrives", lambda _: "", fast=True),
    _text("half a line at the end", "cut in the middle", lambda said: said[: len(said) // 2], target=HEALS, fast=True),
    _lost("a whole half", "cut between two lines", lambda said: "".join(_lines(said)[: _middle(said)])),
    _text("a line of garbage", "no JSON among the lines", _with_line("Traceback: oops\n"), target=HEALS),
    _text("a line of JSON that is no message", "a list among the lines", _with_line("[1, 2]\n"), target=HEALS),
    _text("a blank line", "an empty line among the lines", _with_line("\n"), target=HEALS),
    _text("a message that nobody knows", "another type", _with_line('{"type": "HELLO"}\n'), target=HEALS),
    _text("line ends of Windows", "CR LF behind each line", _other_ends),
    _text("letters as escapes", "all but ASCII as escapes", _escaped),
    _text("everything said twice", "the whole text, and once more", lambda said: said + said),
    _text("no STATE at all", "the bookmarks are lost", _without_last_state),
]
PIPES = [
    process_case(
        "the reader of the tap goes away",
        "SIGPIPE: who reads the tap's stdout ends after 3,000 bytes",
        _through('"$0" "$@" | head -c 3000'),
        lambda stage: ended_with(stage, tap=HEALS),
        tap=HEALS,
        target=HEALS,
        fast=True,
    ),
    process_case(
        "the tap dies in mid-line",
        "what arrives ends within a record",
        _through('"$0" "$@" | head -c 30001'),
        lambda stage: ended_with(stage, target=HEALS),
        tap=ANY_END,
        target=HEALS,
    ),
    process_case(
        "the tap has no stdout",
        "its stdout is closed",
        _through('exec "$0" "$@" >&-'),
        _no_bookmark,
        tap=frozenset({DONE, HEALS, PERSON}),
    ),
    process_case(
        "the tap writes to a full disk",
        "its stdout takes nothing",
        _through('exec "$0" "$@" >/dev/full'),
        _no_bookmark,
        tap=frozenset({HEALS, PERSON}),
    ),
    process_case(
        "the target has no stdout",
        "its stdout is closed",
        _target_by('exec "$0" "$@" >&-'),
        _no_bookmark,
        tap=ANY_END,
        target=frozenset({DONE, HEALS, PERSON}),
    ),
    process_case(
        "the target's stdout takes nothing",
        "its stdout is a full disk",
        _target_by('exec "$0" "$@" >/dev/full'),
        _no_bookmark,
        tap=ANY_END,
        target=frozenset({HEALS, PERSON}),
    ),
    process_case(
        "the reader of STATE is gone",
        "SIGPIPE: who reads the target's stdout ends at once",
        _target_by('set -o pipefail; "$0" "$@" | true'),
        lambda stage: ended_with(stage, target=HEALS),
        tap=ANY_END,
        target=HEALS,
    ),
    process_case(
        "nobody hears them",
        "stderr of both is closed",
        _unheard,
        lambda stage: stage.heard.stderr.count("Done.") < len(stage.calm) + 1,
    ),
]

CASES = [*TEXT, *PIPES]
