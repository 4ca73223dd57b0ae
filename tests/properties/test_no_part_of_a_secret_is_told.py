"""Masking is maximal: of secrets that overlap, or stand inside each other, nothing is left in any spelling."""

from __future__ import annotations

import base64
import html
import io
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from singer_airbyte.form import secrets_in
from singer_airbyte.masking import MASK, Mask
from singer_airbyte.output import Output

OF_TWO_LETTERS = st.text("ab", min_size=1, max_size=5)
ANY_SECRET = st.text(st.characters(exclude_categories=["Cs", "Zs", "Cc", "Zl", "Zp"]), min_size=6, max_size=16)
SPELLINGS = {
    "as it is": str,
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON with its letters": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "in JSON of PHP": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "in a query": lambda secret: quote(secret, safe=""),
    "in a path": quote,
    "in a form": quote_plus,
    "in a query, small": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "in HTML": html.escape,
    "in base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "in base64 of URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "in an Authorization header": lambda secret: base64.b64encode(f"user:{secret}".encode()).decode(),
    "in base64 in a query": lambda secret: quote(base64.b64encode(f"user:{secret}x".encode()).decode(), safe=""),
}


def touched(text: str, secrets: list[str]) -> list[bool]:
    """Which characters of a text belong to a secret, counted out place by place."""
    inside = [False] * len(text)
    for secret in secrets:
        for begin in range(len(text) - len(secret) + 1):
            if text[begin : begin + len(secret)] == secret:
                inside[begin : begin + len(secret)] = [True] * len(secret)
    return inside


@given(secrets=st.lists(OF_TWO_LETTERS, max_size=4), text=st.text("abc", max_size=40))
def test_whatever_belongs_to_a_secret_is_masked_and_nothing_else(secrets: list[str], text: str) -> None:
    expected, was_inside = "", False
    for character, inside in zip(text, touched(text, secrets), strict=True):
        expected += character if not inside else "" if was_inside else MASK
        was_inside = inside

    assert Mask(secrets)(text) == expected


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("secrets", "text"),
    [
        (["canary-one", "one-two-three"], "canary-one-two-three"),  # the end of one is the beginning of the other
        (["canary", "a canary bird"], "a canary bird"),  # one inside the other
        (["anana"], "ananana"),  # it overlaps with itself
        (["left", "right"], "leftright"),
    ],
)
def test_secrets_that_overlap_leave_nothing_of_each_other(secrets: list[str], text: str, order: int) -> None:
    assert Mask(secrets[::order])(f"<{text}>") == f"<{MASK}>"


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_no_spelling_saves_it(spelled: object) -> None:
    assert callable(spelled)

    @given(secret=ANY_SECRET, others=st.lists(ANY_SECRET, max_size=2))
    def prove(secret: str, others: list[str]) -> None:
        told = spelled(secret)
        text = Mask([secret, *others])(f"| {told} |")
        assert text == f"| {MASK} |"

    prove()


@given(secret=ANY_SECRET, cut=st.integers(1, 5), data=st.data())
def test_a_secret_that_another_one_begins_in_is_masked_to_its_end_in_every_spelling(
    secret: str, cut: int, data: st.DataObject
) -> None:
    longer = secret[cut:] + data.draw(ANY_SECRET)
    spelled = data.draw(st.sampled_from(list(SPELLINGS.values())[:5]))

    assert Mask([secret, longer])(f"| {spelled(secret[:cut] + longer)} |") == f"| {MASK} |"


@given(secrets=st.lists(st.text(max_size=6), max_size=3), text=st.text(max_size=60))
def test_a_text_without_secrets_stays_and_nothing_breaks(secrets: list[str], text: str) -> None:
    assert Mask()(text) == text
    assert isinstance(Mask(secrets)(text), str)


def test_a_secret_of_many_backslashes_takes_no_time() -> None:
    assert Mask(["\\" * 60])("\\" * 59 + "x") == "\\" * 59 + "x"
    assert Mask(["\\" * 60])("\\" * 119) == MASK


@given(password=ANY_SECRET)
def test_the_password_in_a_secret_url_is_one_too(password: str) -> None:
    assume(not any(password in known for known in ("postgresql://owner:@db.example.com/ledger", MASK)))
    url = f"postgresql://owner:{quote(password, safe='')}@db.example.com/ledger"
    mask = Mask([url])

    assert mask(f"| {url} |") == f"| {MASK} |"
    assert mask(f"| {password} |") == f"| {MASK} |"


@given(leaf=ANY_SECRET, shape=st.sampled_from([lambda x: x, lambda x: {"a": x}, lambda x: [1, [x]], lambda x: [x]]))
def test_a_secret_of_the_wrong_type_is_one_all_the_same(leaf: str, shape: object) -> None:
    assert callable(shape)
    form = {"properties": {"key": {"airbyte_secret": True}, "open": {}, "in": {"properties": {"deep": {}}}}}
    form["properties"]["in"]["properties"]["deep"] = {"airbyte_secret": True}

    assert leaf in list(secrets_in(form, {"key": shape(leaf), "open": "not one"}))
    assert leaf in list(secrets_in(form, {"in": {"deep": shape(leaf)}, "open": "not one"}))


@given(secrets=st.lists(ANY_SECRET, min_size=1, max_size=3))
def test_what_the_connector_tells_goes_through_it(secrets: list[str]) -> None:
    out = io.BytesIO()
    output = Output(out)
    try:
        output.mask(secrets)
        assert output.masked(f"| {''.join(secrets)} |") == f"| {MASK} |"
    finally:
        output.close()
