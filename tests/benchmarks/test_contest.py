"""The benchmark's own reckoning: turns, medians, the check of every run, what it writes."""

from __future__ import annotations

import os
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from contest import calibration, figures, picture, pipe, report, scale
from contest.contestants import FLOOR, OURS, TABLE, VANILLA
from contest.exactly_once import problems, requests_by_side
from contest.race import AGAIN, Race
from contest.steps import steps
from contest.work import Work

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"


def counts(*, orders: int = 10, fired: int = 10, contacts: int = 4) -> dict[str, Any]:
    events = {"orderDELIVERED": fired - 3, "orderINITIALIZED": 3, "subscribeFromApi": 7}
    return {"sent_orders": orders, "sent_contacts": contacts, "events": events, "requests": {}}


def figure(wall: float, processor: float = 1.0, megabytes: float = 100.0) -> figures.Figures:
    return figures.Figures(wall, processor, megabytes, 1.0)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (counts(orders=9, fired=9), "9 of 10 orders were delivered"),
        (counts(fired=11), "10 orders were delivered 11 times"),
        (counts(fired=9), "10 orders were delivered 9 times"),
        (counts(contacts=5), "the account has 5 contacts, the shop 4 customers"),
    ],
)
def test_a_run_that_lost_or_doubled_something_is_found_out(found: dict[str, Any], sentence: str) -> None:
    assert list(problems(found, orders=10, customers=4)) == [sentence]


def test_a_run_that_delivered_each_order_once_is_fine() -> None:
    assert list(problems(counts(), orders=10, customers=4)) == []


def test_an_order_lost_and_another_doubled_do_not_make_up_for_each_other() -> None:
    assert list(problems(counts(orders=9, fired=10), orders=10, customers=4))


def test_requests_are_counted_by_side() -> None:
    asked = {"shop POST /auth 200": 1, "shop POST /orders/get 200": 20, "esputnik POST /v1/orders 200": 2}
    assert requests_by_side({"requests": asked}) == {"shop": 21, "esputnik": 2}


def test_everybody_runs_once_a_round_and_takes_every_place() -> None:
    names = ["a", "b", "c"]
    turns = list(figures.rotated(names, 3))
    rounds = [turns[start : start + 3] for start in (0, 3, 6)]
    assert all(sorted(one) == names for one in rounds)
    assert all(sorted(place) == names for place in zip(*rounds, strict=True))


def test_a_slow_moment_of_the_machine_is_taken_off_the_processor_and_not_off_waiting() -> None:
    # The machine takes twice as long from the second run on.
    factors = calibration.factors([1.0, 1.0, 1.0, 2.0, 2.0])
    assert factors == pytest.approx([1.0, 1.0, 2 / 3, 0.5])
    runs = [pipe.Measured(4.0, 2.0, 50.0), pipe.Measured(8.0, 4.0, 60.0)]
    assert figures.middle(runs, [1.0, 0.5], waiting=False) == figures.Figures(4.0, 2.0, 55.0, 1.0)
    assert figures.middle(runs, [1.0, 0.5], waiting=True) == figures.Figures(6.0, 2.0, 55.0, 2.0)


def test_one_run_out_of_line_does_not_move_the_middle() -> None:
    runs = [pipe.Measured(wall, 1.0, 50.0) for wall in (2.0, 90.0, 2.2)]
    assert figures.middle(runs, [1.0] * 3, waiting=False).wall == 2.2


def test_the_commands_of_a_pipe_are_measured_with_what_they_start(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True); print('done')"
    reader = "import sys; held = bytearray(60_000_000); print(sys.stdin.read().strip(), len(held))"
    commands = [[sys.executable, "-c", parent], [sys.executable, "-c", reader]]
    measured = pipe.run(commands, dict(os.environ), tmp_path)
    assert (tmp_path / "stdout").read_text(encoding="utf-8") == "done 60000000\n"
    assert measured.processor >= 0.3
    assert measured.wall > 0


def test_a_failed_command_of_a_pipe_is_no_result(tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", "raise SystemExit('it broke')"], [sys.executable, "-c", "input()"]]
    with pytest.raises(pipe.PipeFailedError, match="it broke"):
        pipe.run(commands, dict(os.environ), tmp_path)


def test_the_memory_of_a_process_and_of_its_child_is_added_up(tmp_path: Path) -> None:
    hold = "held = bytearray(b'1' * 40_000_000); import time; time.sleep(0.3)"
    both = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; child.wait()"
    assert pipe.run([[sys.executable, "-c", both]], dict(os.environ), tmp_path).megabytes > 80


def test_the_account_is_asked_and_empty_again_for_each_run(tmp_path: Path) -> None:
    with Work(tmp_path, orders=30, customers=5) as work:
        work.begin(0.0)
        assert next(problems(work.counts(), orders=30, customers=5)) == "0 of 30 orders were delivered"
        assert work.processor_seconds() > 0


def races(*, ours: float) -> tuple[Race, Race]:
    found = []
    for delay in (0.0, 0.05):
        one = Race(delay)
        for place, name in enumerate([*(contestant.name for contestant in TABLE), AGAIN], start=1):
            one.figures[name] = figure(float(place))
            one.requests[name] = {"shop": 10 * place, "esputnik": place}
        one.figures[VANILLA] = figure(10.0, processor=10.0)
        one.figures[FLOOR] = figure(2.0)
        one.figures[OURS] = figure(ours, processor=ours)
        one.figures[AGAIN] = figure(1.0, processor=1.0)
        found.append(one)
    return found[0], found[1]


def test_bars_hold_or_break_by_what_was_measured() -> None:
    kept = report.race_bars(*races(ours=2.4))
    assert all(bar.holds for bar in kept)
    broken = {bar.what for bar in report.race_bars(*races(ours=6.0)) if not bar.holds}
    assert broken == {
        "wall, 50 ms, of the vanilla pair's",
        "wall, 50 ms, of the asyncio floor's",
        "wall, 0 ms, of the vanilla pair's",
        "processor, 0 ms, of the vanilla pair's",
    }
    assert "**no**" in report.bars_table(report.race_bars(*races(ours=6.0)))
    assert not report.start_bars({"tap-horoshop --help": 0.61})[0].holds


def test_the_table_has_a_row_for_each_contestant_with_its_ratio() -> None:
    table = report.race_table(*races(ours=2.5)).splitlines()
    assert len(table) == 2 + len(TABLE) + 1
    ours = next(line for line in table if line.startswith(f"| {OURS} |"))
    assert "| 2.50 (0.25) | 2.50 (0.25) | 2.50 (0.25) | 100 | 70 | 7 |" in ours


def test_only_the_measured_part_of_the_document_is_written_anew(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "by hand\n<!-- measured: bench -->\nold\n<!-- /measured: bench -->\nalso by hand\n", encoding="utf-8"
    )
    for text in ("new \\1", "newer"):
        report.put(page, "bench", text)
    assert page.read_text(encoding="utf-8") == (
        "by hand\n<!-- measured: bench -->\nnewer\n<!-- /measured: bench -->\nalso by hand\n"
    )
    with pytest.raises(ValueError, match="no part scale"):
        report.put(page, "scale", "new")


def test_a_bar_is_as_long_as_its_value_and_names_are_text() -> None:
    series = {"wall": {"<ours>": 0.5, "theirs": 1.0}, "cpu": {"<ours>": 2.0, "theirs": 1.0}}
    drawn = ET.fromstring(picture.bars("A & B", series))  # noqa: S314 - our own
    boxes = [(box.get("width", ""), box.get("height", "")) for box in drawn.iter(f"{SVG}rect")]
    wide = Counter(round(float(width), 1) for width, height in boxes if height == "10" and width != "10")
    longest = max(wide)
    assert wide == {longest: 1, round(longest / 2, 1): 2, round(longest / 4, 1): 1}
    written = [text.text for text in drawn.iter(f"{SVG}text")]
    assert {"A & B", "<ours>", "theirs", "0.50", "2.00"} <= set(written)


@pytest.mark.parametrize("from_zero", [True, False])
def test_a_curve_goes_up_where_values_grow_and_stays_inside_the_picture(from_zero: bool) -> None:
    lines = {"one": [(1_000, 2.0), (10_000, 20.0), (1_000_000, 900.0)], "two": [(1_000, 50.0), (1_000_000, 50.0)]}
    drawn = ET.fromstring(picture.curve("Time", "s", lines, from_zero=from_zero))  # noqa: S314 - our own
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in drawn.iter(f"{SVG}circle")]
    growing, flat = dots[:3], dots[3:]
    assert [x for x, _ in growing] == sorted(x for x, _ in growing)
    assert [y for _, y in growing] == sorted((y for _, y in growing), reverse=True)
    assert flat[0][1] == flat[1][1]
    assert all(70 <= x <= picture.WIDTH and picture.TOP <= y <= picture.TOP + picture.HIGH for x, y in dots)


def test_memory_that_grows_with_the_shop_is_told() -> None:
    def grown(*megabytes: float) -> list[scale.Grown]:
        sizes = (1_000, 20_000, 1_000_000)
        return [
            scale.Grown(size, pipe.Measured(1.0, 1.0, most), ()) for size, most in zip(sizes, megabytes, strict=True)
        ]

    assert scale.growth(grown(50, 100, 119)) is None
    assert scale.growth(grown(50, 100, 121)) == "memory grows from 100 MB with 20,000 orders to 121 MB with 1,000,000"
    assert scale.growth([]) is None


def test_where_the_time_goes_is_told_of_both_programs_and_adds_up() -> None:
    found = steps(300, 30)
    assert sum(share for _, share in found) == pytest.approx(1)
    assert {step.partition(":")[0] for step, _ in found} == {"tap", "target"}
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)
