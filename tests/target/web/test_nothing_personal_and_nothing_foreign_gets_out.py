"""What a shopper typed is masked, or escaped where it is shown; no page runs or fetches anything."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from page_story import PATHS, PERSONAL

from target_esputnik.web.download import defused
from target_esputnik.web.masks import HIDDEN, initials, masked, masked_email, masked_phone

if TYPE_CHECKING:
    from conftest import Story
    from page_driver import Served


class Tags(HTMLParser):
    """The tags of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PATHS)
def test_personal_data_is_masked_everywhere(path: str, page: Served) -> None:
    text = page.text(path)

    assert [value for value in (*PERSONAL, "0671112233", "671112233") if value in text] == []
    assert "example.com" not in text


def test_it_is_shown_to_who_asks_for_it(open_page: Served) -> None:
    order, contact = open_page.words("/order/1"), open_page.words("/contact/7")

    assert [value for value in PERSONAL if value not in order] == []
    assert [value for value in PERSONAL[:5] if value not in contact] == []
    assert "Personal data is shown" in order


@pytest.mark.parametrize("path", [path for path in PATHS if ".csv" not in path and ".json" not in path])
def test_what_a_shopper_typed_is_text_and_nothing_else(path: str, page: Served, open_page: Served) -> None:
    for one in (page, open_page):
        text = one.text(path)
        assert "<img" not in text
        assert "alert('" not in text
        tags = Tags(text).tags
        assert not {tag for tag, _ in tags} & {"script", "img", "iframe", "object", "embed", "link"} - {"link"}
        names = {name for _, attributes in tags for name in attributes}
        assert not [name for name in names if name.startswith("on") or name == "style"]


def test_it_is_there_where_it_belongs(open_page: Served) -> None:
    words = open_page.words("/order/6")

    for place in ("name", "comment", "address", "delivery", "article", "title"):
        assert f"<script>alert('{place}')</script>" in words, place


def test_no_page_refers_to_another_host_and_its_one_style_is_the_one_that_the_policy_names(page: Served) -> None:
    for path in PATHS:
        answer = page.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        if "html" not in answer.headers["Content-Type"]:
            continue
        assert re.findall(r"(?:https?:)?//[\w.]", answer.text) == []
        (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_a_cell_that_a_spreadsheet_would_run_is_defused(open_page: Served) -> None:
    rows = list(csv.reader(io.StringIO(open_page.get("/orders.csv").content.decode("utf-8-sig"))))
    (row,) = [row for row in rows if row[1] == "5"]

    assert row[2] == "'=HYPERLINK(1)"
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\r=1", " =1", "\n=1"])
def test_every_beginning_of_a_formula_is_known(value: str) -> None:
    assert defused(value) == f"'{value}"


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert [defused(value) for value in ("Олена", "1-2", None, 7)] == ["Олена", "1-2", "", "7"]


def test_a_mask_keeps_a_hint_and_no_more() -> None:
    assert masked_email("olena@example.ua") == "o***@e***.ua"
    assert [masked_email(text) for text in ("olena", "@x.ua", "a@b@c")] == [HIDDEN] * 3
    assert masked_phone("+380 67 111-22-33") == "***33"
    assert masked_phone("12") == HIDDEN
    assert initials("Олена Коваль-Гак") == "О. К."
    assert initials("  123 ") == HIDDEN


def test_a_field_that_is_not_known_counts_as_personal() -> None:
    record = {"nickname": "x", "city": "Львів", "channels": [{"type": "email", "value": "a@b.ua"}], "total": 7}

    assert masked(record) == {
        "nickname": HIDDEN,
        "city": "Львів",
        "channels": [{"type": HIDDEN, "value": "a***@b***.ua"}],
        "total": 7,
    } | {"channels": [{"type": "email", "value": "a***@b***.ua"}]}


def test_the_ledgers_address_and_key_are_on_no_page(story: Story, page: Served) -> None:
    for path in PATHS:
        text = page.text(path)
        assert story.target.place.url not in text
        assert story.target.sandbox.api_key not in text
