"""The machine: its limits, its zone and encoding, its disk, and others who are at work on it."""

from __future__ import annotations

import contextlib
import resource
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING

import psutil
from pipe_driver import ProcessPipe

from matrix.case import DONE, HEALS, PERSON, Relaxed, Runner
from matrix.worlds import ANY_END, at_moment, ended_with, process_case, processes, said, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

SHOP, ORDERS = ("shop", "/orders/get"), ("esputnik", "/v1/orders")


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
        stage.notes["world"] = True

    at_moment(stage, sleep, *SHOP, seconds=0.2)


def _limited(*, lives: bool = True, **limits: int) -> Callable[[Stage], None]:
    """Limits of both, as `prlimit` sets them; `lives`: both live long enough under them to be looked at."""

    def arrange(stage: Stage) -> None:
        pipe = processes(stage)
        pipe.tap_front = pipe.target_front = ("prlimit", *(f"--{name}={value}" for name, value in limits.items()))

        def look() -> None:
            both = [psutil.Process(one.pid) for one in pipe.processes]
            wanted = (limits["nofile"], limits["nofile"])
            wait_until(lambda: all(one.rlimit(resource.RLIMIT_NOFILE) == wanted for one in both))
            stage.notes["world"] = True

        pipe.meanwhile = look if lives else None

    return arrange


def _target_limited(**limits: int) -> Callable[[Stage], None]:
    def arrange(stage: Stage) -> None:
        processes(stage).target_front = ("prlimit", *(f"--{name}={value}" for name, value in limits.items()))

    return arrange


def _world(**variables: str) -> Callable[[Stage], None]:
    """Variables of the environment of both."""

    def arrange(stage: Stage) -> None:
        pipe = processes(stage)
        pipe.world = variables

        def look() -> None:
            # A process that was just made has none yet.
            worlds = [psutil.Process(one.pid) for one in pipe.processes]
            wait_until(lambda: all(world.environ() for world in worlds))
            stage.notes["world"] = all(variables.items() <= world.environ().items() for world in worlds)

        pipe.meanwhile = look

    return arrange


def _ran_so(stage: Stage) -> bool:
    """Both were in that world, and went to their end: what is asked of it is that nothing is different."""
    return bool(stage.asked) and bool(stage.notes.get("world"))


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

    at_moment(stage, start, *ORDERS, seconds=20, times=1)  # a loaded machine starts two programs in it


def _second_was_refused(stage: Stage) -> bool:
    second = stage.notes["second"]
    return second.target == HEALS and "ledger_busy" in second.log and not second.kept


CASES = [
    process_case(
        "no room for the ledger",
        "a file may grow to 100 KB, as on a full disk",
        _target_limited(fsize=100_000),
        lambda stage: ended_with(stage, target=PERSON),
        tap=ANY_END,
        target=PERSON,
        fast=True,
    ),
    process_case(
        "little room for the ledger",
        "a file may grow to 260 KB: it is full in the middle of a run",
        _target_limited(fsize=260_000),
        lambda stage: ended_with(stage, target=PERSON),
        tap=ANY_END,
        target=PERSON,
        relaxed=Relaxed.BATCH_TWICE,
    ),
    process_case("few files may be open", "24 file descriptors for each", _limited(nofile=24), _ran_so),
    process_case(
        "hardly any file may be open",
        "7 file descriptors for each",
        _limited(nofile=7, lives=False),
        lambda stage: not ended_with(stage, tap=DONE, target=DONE),
        tap=frozenset({HEALS, PERSON}),
        target=frozenset({DONE, HEALS, PERSON}),
    ),
    process_case("a machine in Los Angeles", "TZ of both", _world(TZ="America/Los_Angeles"), _ran_so),
    process_case("a machine in Kathmandu", "TZ is 5:45 ahead", _world(TZ="Asia/Kathmandu"), _ran_so),
    process_case("a machine on Kiritimati", "TZ is 14 hours ahead", _world(TZ="Pacific/Kiritimati"), _ran_so),
    process_case(
        "a machine that knows no zone",
        "TZ is nonsense, and there is no tz database",
        _world(TZ="Nowhere/Never", PYTHONTZPATH="/nowhere"),
        _ran_so,
    ),
    process_case(
        "a machine of plain ASCII",
        "the locale is C, its UTF-8 switched off",
        _world(LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        _ran_so,
        fast=True,
    ),
    process_case(
        "a machine of another alphabet", "streams are KOI8-U", _world(PYTHONIOENCODING="koi8-u"), _ran_so, fast=True
    ),
    process_case(
        "a user without a home", "HOME and TMPDIR are nowhere", _world(HOME="/nowhere", TMPDIR="/nowhere"), _ran_so
    ),
    process_case("hashes in another order", "PYTHONHASHSEED is 1", _world(PYTHONHASHSEED="1"), _ran_so),
    process_case(
        "a ledger that is a folder",
        "there is a folder of its name",
        _ledger_is_a_folder,
        said("ledger_unusable"),
        target=PERSON,
        by=Runner.HERE,
        then=_ledger_away,
    ),
    process_case(
        "a folder of the ledger that is a file",
        "nothing can be made in it",
        _folder_of_ledger_is_a_file,
        said("ledger_unusable"),
        target=PERSON,
        by=Runner.HERE,
        then=_ledger_away,
    ),
    process_case(
        "a ledger that another program holds",
        "it is locked for as long as the run lasts",
        _held_by_another,
        said("locked by another process", "ledger_locked"),
        target=HEALS,
        by=Runner.HERE,
        then=_let_go,
    ),
    process_case(
        "a second run beside the first",
        "started while the first one sends orders",
        _second_run,
        _second_was_refused,
    ),
    process_case("a machine that falls asleep", "both stand still, then go on", _paused, _ran_so),
]
