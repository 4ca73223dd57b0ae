"""Processes: what may become of the two programs and of the machine that they run on."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING, Any

from pipe_driver import ProcessPipe

from matrix import clocks
from matrix.case import DONE, HEALS, PERSON, FaultCase, Group, Relaxed, Runner
from matrix.worlds import World, at_moment, nothing, processes, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

KILLED, TERMINATED, INTERRUPTED, HUNG_UP = -signal.SIGKILL, 143, 130, -signal.SIGHUP
ANY_END = frozenset({DONE, HEALS})
SHOP, SUBSCRIBE, ORDERS = ("shop", "/orders/get"), ("esputnik", "/v1/contact/subscribe"), ("esputnik", "/v1/orders")


def _case(
    name: str,
    sentence: str,
    arrange: Callable[[Stage], None],
    happened: Callable[[Stage], bool],
    *,
    tap: int | frozenset[int] = DONE,
    target: int | frozenset[int] = DONE,
    by: Runner = Runner.PROCESSES,
    then: Callable[[Stage], None] = nothing,
    **more: Any,
) -> FaultCase:
    codes = {"tap": tap, "target": target}
    ends = {which: frozenset({code}) if isinstance(code, int) else code for which, code in codes.items()}
    return FaultCase(name, Group.PROCESS, "", sentence, (World(arrange, happened, then),), by=by, **ends, **more)


def _ended_with(stage: Stage, *, tap: int | None = None, target: int | None = None) -> bool:
    assert stage.ran is not None
    return tap in (None, stage.ran.tap) and target in (None, stage.ran.target)


# ---------------------------------------------------------------- signals


def _signalled(
    name: str, sentence: str, number: int, where: tuple[str, str], *who: int, code: int, **more: Any
) -> FaultCase:
    """Give a case of a signal to the tap (0), the target (1) or both, while a request is under way."""

    def strike(stage: Stage) -> None:
        for one in who:
            processes(stage).processes[one].send_signal(number)

    ends: dict[str, Any] = {"tap": code if 0 in who else ANY_END, "target": code if 1 in who else DONE}
    expected = {which: code for which, one in (("tap", 0), ("target", 1)) if one in who}
    return _case(
        name,
        sentence,
        lambda stage: at_moment(stage, lambda: strike(stage), *where),
        lambda stage: _ended_with(stage, **expected),
        **{**ends, **more},
    )


BOTH = (0, 1)
SIGNALS = [
    _signalled("the tap is killed", "SIGKILL while it reads", signal.SIGKILL, SHOP, 0, code=KILLED, fast=True),
    _signalled("the tap is stopped", "SIGTERM while it reads", signal.SIGTERM, SHOP, 0, code=TERMINATED),
    _signalled("the tap is interrupted", "SIGINT while it reads", signal.SIGINT, SHOP, 0, code=INTERRUPTED),
    _signalled("the tap loses its terminal", "SIGHUP while it reads", signal.SIGHUP, SHOP, 0, code=HUNG_UP),
    _signalled("the target is killed among contacts", "SIGKILL", signal.SIGKILL, SUBSCRIBE, 1, code=KILLED),
    _signalled(
        "the target is killed among orders",
        "SIGKILL",
        signal.SIGKILL,
        ORDERS,
        1,
        code=KILLED,
        relaxed=Relaxed.BATCH_TWICE,
    ),
    _signalled("the target is stopped among contacts", "SIGTERM", signal.SIGTERM, SUBSCRIBE, 1, code=TERMINATED),
    _signalled("the target is stopped among orders", "SIGTERM", signal.SIGTERM, ORDERS, 1, code=TERMINATED),
    _signalled("the target is interrupted among orders", "SIGINT", signal.SIGINT, ORDERS, 1, code=INTERRUPTED),
    _signalled("both are stopped at once", "SIGTERM", signal.SIGTERM, SHOP, *BOTH, code=TERMINATED),
    _signalled("both are interrupted at once", "SIGINT", signal.SIGINT, SHOP, *BOTH, code=INTERRUPTED),
    _signalled("both are killed at once", "SIGKILL while the shop is read", signal.SIGKILL, SHOP, *BOTH, code=KILLED),
]  # fmt: skip


def _paused(stage: Stage) -> None:
    """Both stand still for a while, as on a machine that sleeps."""

    def sleep() -> None:
        both = processes(stage).processes
        for one in both:
            one.send_signal(signal.SIGSTOP)
        requests = len(stage.sandbox.requests())
        with contextlib.suppress(AssertionError):
            wait_until(lambda: len(stage.sandbox.requests()) > requests + 1)
        for one in both:
            one.send_signal(signal.SIGCONT)

    at_moment(stage, sleep, *SHOP, seconds=0.2)


# ---------------------------------------------------------------- the pipe and stdout


def _through(shell: str) -> Callable[[Stage], None]:
    """Let a shell run the tap's command: `"$0" "$@"`."""

    def arrange(stage: Stage) -> None:
        processes(stage).tap_front = ("bash", "-c", f"set -o pipefail; {shell}")

    return arrange


def _target_by(shell: str) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        processes(stage).target_front = ("bash", "-c", shell)

    return arrange


def _said(*words: str) -> Callable[[Stage], bool]:
    """Whether one of these stands in what both said."""
    return lambda stage: any(word in stage.heard.stderr + stage.heard.at_least(0) for word in words)


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
    return _case(name, sentence, arrange, _was_changed, target=target, by=Runner.HERE, **more)


def _lost(name: str, sentence: str, change: Callable[[str], str], *, fast: bool = False) -> FaultCase:
    """Give a case in which neither can know that something is missing; it goes with the next run."""

    def arrange(stage: Stage) -> None:
        clocks.place(stage)
        _text_becomes(change)(stage)

    return _case(name, sentence, arrange, _was_changed, by=Runner.HERE, fast=fast)


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
    _case(
        "the reader of the tap goes away",
        "SIGPIPE: who reads the tap's stdout ends after 3,000 bytes",
        _through('"$0" "$@" | head -c 3000'),
        lambda stage: _ended_with(stage, tap=HEALS),
        tap=HEALS,
        target=HEALS,
        fast=True,
    ),
    _case(
        "the tap dies in mid-line",
        "what arrives ends within a record",
        _through('"$0" "$@" | head -c 30001'),
        lambda stage: _ended_with(stage, target=HEALS),
        tap=ANY_END,
        target=HEALS,
    ),
    _case(
        "the tap has no stdout",
        "its stdout is closed",
        _through('exec "$0" "$@" >&-'),
        _no_bookmark,
        tap=frozenset({DONE, HEALS, PERSON}),
    ),
    _case(
        "the tap writes to a full disk",
        "its stdout takes nothing",
        _through('exec "$0" "$@" >/dev/full'),
        _no_bookmark,
        tap=frozenset({HEALS, PERSON}),
    ),
    _case(
        "the target has no stdout",
        "its stdout is closed",
        _target_by('exec "$0" "$@" >&-'),
        _no_bookmark,
        tap=ANY_END,
        target=frozenset({DONE, HEALS, PERSON}),
    ),
    _case(
        "the target's stdout takes nothing",
        "its stdout is a full disk",
        _target_by('exec "$0" "$@" >/dev/full'),
        _no_bookmark,
        tap=ANY_END,
        target=frozenset({HEALS, PERSON}),
    ),
    _case(
        "the reader of STATE is gone",
        "SIGPIPE: who reads the target's stdout ends at once",
        _target_by('set -o pipefail; "$0" "$@" | true'),
        lambda stage: _ended_with(stage, target=HEALS),
        tap=ANY_END,
        target=HEALS,
    ),
    _case(
        "nobody hears them",
        "stderr of both is closed",
        lambda stage: (_through('exec "$0" "$@" 2>&-')(stage), _target_by('exec "$0" "$@" 2>&-')(stage)) and None,
        lambda stage: stage.heard.stderr.count("Done.") < len(stage.calm) + 1,
    ),
]


# ---------------------------------------------------------------- the machine


def _limited(**limits: int) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        front = ("prlimit", *(f"--{name}={value}" for name, value in limits.items()))
        processes(stage).tap_front = processes(stage).target_front = front

    return arrange


def _target_limited(**limits: int) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        processes(stage).target_front = ("prlimit", *(f"--{name}={value}" for name, value in limits.items()))

    return arrange


def _world(**variables: str) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        processes(stage).world = variables

    return arrange


def _ran_so(stage: Stage) -> bool:
    """It went to its end in that world: what is asked of it is that nothing is different."""
    return bool(stage.asked)


def _ledger_is_a_folder(stage: Stage) -> None:
    stage.pipe.ledger.mkdir(parents=True)


def _folder_of_ledger_is_a_file(stage: Stage) -> None:
    stage.pipe.ledger.parent.write_text("dear diary")


def _ledger_away(stage: Stage) -> None:
    if stage.pipe.ledger.parent.is_file():
        stage.pipe.ledger.parent.unlink()
    else:
        shutil.rmtree(stage.pipe.ledger.parent)


def _held_by_another(stage: Stage) -> None:
    """Another process holds the ledger's file for as long as the run lasts."""
    stage.story.run()
    other = sqlite3.connect(stage.pipe.ledger, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    stage.notes["other"] = other


def _let_go(stage: Stage) -> None:
    stage.notes["other"].close()


def _second_run(stage: Stage) -> None:
    """Another run is started on the same ledger while the first one is at work."""

    def start() -> None:
        folder = stage.folder / "second"
        folder.mkdir()
        first = processes(stage)
        second = ProcessPipe(stage.sandbox, folder)
        second.tap_settings, second.target_settings = first.tap_settings, first.target_settings
        second.start()
        stage.notes["second"] = second.wait()

    at_moment(stage, start, *ORDERS, seconds=8, times=1)


def _second_was_refused(stage: Stage) -> bool:
    second = stage.notes["second"]
    return second.target == HEALS and "ledger_busy" in second.log and not second.kept


MACHINE = [
    _case(
        "no room for the ledger",
        "a file may grow to 100 KB, as on a full disk",
        _target_limited(fsize=100_000),
        lambda stage: _ended_with(stage, target=PERSON),
        tap=ANY_END,
        target=PERSON,
        fast=True,
    ),
    _case(
        "little room for the ledger",
        "a file may grow to 260 KB: it is full in the middle of a run",
        _target_limited(fsize=260_000),
        lambda stage: _ended_with(stage, target=PERSON),
        tap=ANY_END,
        target=PERSON,
        relaxed=Relaxed.BATCH_TWICE,
    ),
    _case("few files may be open", "24 file descriptors for each", _limited(nofile=24), _ran_so),
    _case(
        "hardly any file may be open",
        "7 file descriptors for each",
        _limited(nofile=7),
        lambda stage: not _ended_with(stage, tap=DONE, target=DONE),
        tap=frozenset({HEALS, PERSON}),
        target=frozenset({DONE, HEALS, PERSON}),
    ),
    _case("a machine in Los Angeles", "TZ of both", _world(TZ="America/Los_Angeles"), _ran_so),
    _case("a machine in Kathmandu", "TZ is 5:45 ahead", _world(TZ="Asia/Kathmandu"), _ran_so),
    _case("a machine on Kiritimati", "TZ is 14 hours ahead", _world(TZ="Pacific/Kiritimati"), _ran_so),
    _case("a machine that knows no zone", "TZ is nonsense, and there is no tz database", _world(
        TZ="Nowhere/Never", PYTHONTZPATH="/nowhere"), _ran_so),
    _case("a machine of plain ASCII", "the locale is C, its UTF-8 switched off", _world(
        LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"), _ran_so, fast=True),
    _case("a machine of another alphabet", "streams are KOI8-U", _world(PYTHONIOENCODING="koi8-u"), _ran_so, fast=True),
    _case("a user without a home", "HOME and TMPDIR are nowhere", _world(HOME="/nowhere", TMPDIR="/nowhere"), _ran_so),
    _case("hashes in another order", "PYTHONHASHSEED is 1", _world(PYTHONHASHSEED="1"), _ran_so),
    _case("a ledger that is a folder", "there is a folder of its name", _ledger_is_a_folder, _said("ledger_unusable"),
          target=PERSON, by=Runner.HERE, then=_ledger_away),
    _case("a folder of the ledger that is a file", "nothing can be made in it", _folder_of_ledger_is_a_file,
          _said("ledger_unusable"), target=PERSON, by=Runner.HERE, then=_ledger_away),
    _case("a ledger that another program holds", "it is locked for as long as the run lasts", _held_by_another,
          _said("locked by another process", "ledger_locked"), target=HEALS, by=Runner.HERE, then=_let_go),
    _case("a second run beside the first", "started while the first one sends orders", _second_run,
          _second_was_refused, fast=True),
    _case("a machine that falls asleep", "both stand still for a minute", _paused, _ran_so),
]  # fmt: skip


# ---------------------------------------------------------------- by Meltano


def _child_is_struck(which: str, number: int, where: tuple[str, str]) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        at_moment(stage, lambda: clocks.strike_child(stage, which, number), *where, after=0, times=1, seconds=4)

    return arrange


def _struck_by_meltano(stage: Stage) -> bool:
    return bool(stage.notes.get("struck"))


GAVE_UP = frozenset({HEALS})
BY_MELTANO = [
    _case("the tap dies under Meltano", "SIGKILL while it reads", _child_is_struck("tap-horoshop", signal.SIGKILL, SHOP),
          _struck_by_meltano, tap=HEALS, target=HEALS, by=Runner.MELTANO),
    _case("the target dies under Meltano", "SIGKILL among orders",
          _child_is_struck("target-esputnik", signal.SIGKILL, ORDERS), _struck_by_meltano, tap=HEALS, target=HEALS,
          by=Runner.MELTANO, relaxed=Relaxed.BATCH_TWICE),
    _case("the target is stopped under Meltano", "SIGTERM among contacts",
          _child_is_struck("target-esputnik", signal.SIGTERM, SUBSCRIBE), _struck_by_meltano, tap=HEALS, target=HEALS,
          by=Runner.MELTANO),
]  # fmt: skip

CASES = [*SIGNALS, *TEXT, *PIPES, *MACHINE, *BY_MELTANO, *clocks.CASES]
