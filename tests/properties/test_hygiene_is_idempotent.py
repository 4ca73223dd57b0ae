"""What is clean stays as it is: cleaning twice is cleaning once."""

from __future__ import annotations

import html

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from tap_horoshop.names import AUTO, FIRST_LAST, LAST_FIRST, split_name
from target_esputnik.hygiene import (
    clean_email,
    clean_first_name,
    clean_last_name,
    clean_phone,
    email_key,
    is_valid_first_name,
    is_valid_last_name,
    phone_digits,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))
NAME_LIKE = st.text("АаБбІіЇї'ʼ’`-. ЄєОоВв\u0301\u200b&#039;<>(),@«»123zéß\u0130ﬁ", max_size=60)
NAMES = ANY_TEXT | NAME_LIKE | st.lists(NAME_LIKE, max_size=4).map(" ".join)
PHONE_LIKE = st.text("0123456789+-() .,/тОo\n", max_size=30)
PHONES = ANY_TEXT | PHONE_LIKE | st.tuples(PHONE_LIKE, st.sampled_from([" ", "/", " або "]), PHONE_LIKE).map("".join)
EMAILS = ANY_TEXT | st.emails() | st.text("aA.b@-_+,; \u200bіü1ſK\u0130", max_size=30)
REGIONS = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


@given(typed=NAMES)
@example("О.В.Коваль")
@example("\u0130\u0307")
def test_a_cleaned_name_is_valid_and_cleaning_it_changes_nothing(typed: str) -> None:
    for clean, is_valid in ((clean_first_name, is_valid_first_name), (clean_last_name, is_valid_last_name)):
        name = clean(typed)
        if name is not None:
            assert is_valid(name)
            assert clean(name) == name


@given(typed=PHONES, region=REGIONS)
def test_a_cleaned_phone_is_the_same_phone_in_every_country_and_again(typed: str, region: str) -> None:
    phone = clean_phone(typed, region)
    if phone is not None:
        assert clean_phone(phone, region) == phone
        assert clean_phone(phone, "UA") == phone
        assert phone_digits(phone_digits(phone)) == phone_digits(phone)


@given(typed=EMAILS)
def test_a_cleaned_email_stays_and_has_one_key_however_it_is_written(typed: str) -> None:
    email = clean_email(typed)
    if email is not None:
        assert clean_email(email) == email
        assert email_key(email_key(email)) == email_key(email)
        assert email_key(email.upper()) == email_key(email.lower()) == email_key(email)


@given(typed=NAMES, order=st.sampled_from([AUTO, FIRST_LAST, LAST_FIRST]))
def test_the_parts_of_a_name_are_words_of_it(typed: str, order: str) -> None:
    name = split_name(typed, order)
    for part in filter(None, name):
        assert all(word in html.unescape(typed) for word in part.split())
        assert part.strip()
