"""Cleaning against the sandbox: its eSputnik tells the rules from the same pages, its shop types as people do."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horoshop_esputnik_sandbox.esputnik.names import first_name_problem, last_name_problem
from horoshop_esputnik_sandbox.sample import names, phones
from target_esputnik.hygiene import clean_first_name, clean_last_name, clean_phone

NAME_LIKE = st.text(alphabet="аяїІЄєОленаKoval’ʼ'`\"*- .,/()!❤0123\u0301\u00a0\u200d&;", max_size=60)
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
PEOPLE = sorted({*names.MEN, *names.WOMEN, *(form for forms in names.SURNAMES + names.PATRONYMICS for form in forms)})


@given(typed=ANY_TEXT | NAME_LIKE | st.sampled_from(names.NASTY))
def test_esputnik_takes_every_cleaned_name(typed: str) -> None:
    first, last = clean_first_name(typed), clean_last_name(typed)

    assert first is None or first_name_problem(first) is None
    assert last is None or last_name_problem(last) is None


@pytest.mark.parametrize("name", PEOPLE)
def test_a_ukrainian_name_stays_as_it_is_but_for_its_apostrophe(name: str) -> None:
    for apostrophe in names.APOSTROPHES:
        assert clean_first_name(name.replace("'", apostrophe)) == name
        assert clean_last_name(name.replace("'", apostrophe)) == name


def test_every_way_of_typing_a_phone_gives_the_phone() -> None:
    subscribers = [phones.subscriber(number) for number in range(0, 3000, 97)]

    for digits, form in product(subscribers, range(3 * len(phones.FORMS))):
        assert clean_phone(phones.typed(digits, form), "UA") == f"+380{digits}"


@pytest.mark.parametrize("typed", phones.BAD)
def test_what_the_sandbox_calls_no_phone_is_left_out(typed: str) -> None:
    assert clean_phone(typed, "UA") is None
