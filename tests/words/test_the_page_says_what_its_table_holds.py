"""The statistics page: every sentence of its table is said, and nothing is said that the table does not hold."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import target_esputnik.web
from target_esputnik import fates
from target_esputnik.confirmation import CONFIRMED, UNCONFIRMED
from target_esputnik.language import speaking
from target_esputnik.web.words import PAGE, say

FOLDER = Path(target_esputnik.web.__file__).parent
SOURCES = [
    path.read_text(encoding="utf-8")
    for path in [*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")]
    if not path.name.startswith("words")
]
WHOLE = re.compile(r"[\"'](web\.[a-z_0-9.]+[a-z0-9])[\"']")
BEGUN = re.compile(r"\"(web\.[a-z_0-9.]+[._])(?:\{|\" ~)")


def test_every_sentence_is_said_somewhere_and_no_other() -> None:
    whole = {name for text in SOURCES for name in WHOLE.findall(text)}
    begun = tuple({name for text in SOURCES for name in BEGUN.findall(text)})

    assert len(whole) > 80
    assert [name for name in PAGE if name not in whole and not name.startswith(begun)] == []
    assert sorted(whole - set(PAGE)) == []


def test_every_result_reason_and_way_of_a_send_has_its_words() -> None:
    outcomes = ("sending", "accepted", "rejected", "in_doubt", "not_sent")
    kinds = ("done", "running", "incomplete", "failed")
    names = [f"web.fate.{fate}" for fate in fates.FATES] + [f"web.reason.{reason}" for reason in fates.REASONS]
    names += [f"web.outcome.{outcome}" for outcome in outcomes] + [f"web.run.kind.{kind}" for kind in kinds]
    names += [f"web.contact.{one}" for one in (CONFIRMED, UNCONFIRMED)]

    assert [name for name in names if name not in PAGE] == []


def test_two_visitors_are_spoken_to_in_two_languages_at_once() -> None:
    heard: dict[str, list[str]] = {"en": [], "uk": []}
    both = threading.Barrier(2)

    def visit(language: str) -> None:
        with speaking(language):
            for _ in range(50):
                both.wait(timeout=10)
                heard[language].append(say("web.nav.orders"))

    visitors = [threading.Thread(target=visit, args=(language,)) for language in heard]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()

    assert heard == {"en": ["Orders"] * 50, "uk": ["Замовлення"] * 50}
    assert say("web.nav.orders") == "Orders"
