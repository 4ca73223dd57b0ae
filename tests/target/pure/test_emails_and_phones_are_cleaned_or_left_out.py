"""Emails and phones: what people type in, what eSputnik gets; anything else is None and never an error."""

from __future__ import annotations

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from target_esputnik.hygiene import clean_email, clean_phone, email_key, phone_digits

ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.text()) | st.binary()
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))
PHONE_LIKE = st.text(alphabet="0123456789+-() .,/8380тОo\n", max_size=40)
EMAIL_LIKE = st.text(alphabet="abAB.@-_+,; \u200b\ud800іü1", max_size=40)


@pytest.mark.parametrize(
    "typed",
    [
        "0501112233",
        "050 111 22 33",
        "050-111-22-33",
        "050.111.22.33",
        "050–111–22–33",
        "(050) 111-22-33",
        "501112233",
        "380501112233",
        "+380501112233",
        "+38 (050) 111-22-33",
        "+38(050)1112233",
        "(+38) 050 111 22 33",
        "+38-050-111-22-33",
        "38 050 1112233",
        "+38 50 111 22 33",
        "80501112233",
        "+80501112233",
        "8 (050) 111-22-33",
        "00380501112233",
        "+380 (0) 50 111 22 33",
        "+3800501112233",
        "+38 (380) 501112233",
        "+38 +38 (050) 111 22 33",
        "+380 380501112233",
        "тел. 0501112233 Олена",
        "tel:+380501112233",
        "050-111-22-33 дод. 5",
        "О50 111 22 33",
        "0501112233, 0671112233",
        "0501112233; 0671112233",
        "(050) 111 22 33 / (067) 111 22 33",
        "0501112233 0671112233",
        "050 111 22 33 067 111 22 33",
        "050 111 22 33 або 067 111 22 33",
        "12345, 0501112233",
        "\u200e+380501112233\u202c",
        "０５０１１１２２３３",
        "050\u00a0111\u00a022\u00a033",
    ],
)
def test_the_ways_people_type_a_phone_are_one_phone(typed: str) -> None:
    assert clean_phone(typed, "UA") == "+380501112233"
    assert clean_phone(typed, "ua") == "+380501112233"


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        " ",
        "-",
        "+38 (___) ___-__-__",
        "0",
        "0000000000",
        "12345",
        "05011122",
        "050111223344",
        "+380 50 111 22 3",
        "olena@example.com",
        "немає",
        "0800 FLOWERS",
        380501112233,
        ["0501112233"],
        "9" * 600,
        "+" * 600,
    ],
)
def test_what_is_no_phone_is_left_out(typed: object) -> None:
    assert clean_phone(typed, "UA") is None


@pytest.mark.parametrize(
    ("typed", "region", "phone"),
    [
        ("+48 512 345 678", "UA", "+48512345678"),
        ("+385 1 6111 222", "UA", "+38516111222"),  # Croatia is not a Ukrainian +38 with a typing mistake
        ("+383 44 123 456", "UA", "+38344123456"),
        ("512 345 678", "PL", "+48512345678"),
        ("0712 345 678", "RO", "+40712345678"),
        ("0501112233", "XX", None),
        ("+380501112233", "XX", "+380501112233"),
        ("80501112233", "PL", None),  # the old 8 is Ukraine's own
    ],
)
def test_other_countries_keep_their_numbers(typed: str, region: str, phone: str | None) -> None:
    assert clean_phone(typed, region) == phone


@given(typed=ANYTHING | ANY_TEXT | PHONE_LIKE)
def test_a_cleaned_phone_is_a_number_and_stays_itself(typed: object) -> None:
    phone = clean_phone(typed, "UA")

    if phone is not None:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone))
        assert clean_phone(phone, "UA") == phone
        assert phone_digits(phone).isdigit()


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_countrys_numbers_pass_unchanged_through_a_ukrainian_shop(region: str) -> None:
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

        assert clean_phone(phone, "UA") == phone


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        ("olena@example.com", "olena@example.com"),
        ("  Olena.Koval+shop@Example.COM\n", "Olena.Koval+shop@Example.COM"),
        ("olena@example.test", "olena@example.test"),
        ("\u200bolena@example.com\ufeff", "olena@example.com"),
        ("olena@example.com,", "olena@example.com"),
        ("olena@example.com; ihor@example.com", "olena@example.com"),
        ("olena@пошта.укр", "olena@пошта.укр"),
        ("o'neil@example.com", "o'neil@example.com"),
    ],
)
def test_a_usable_address_stays_as_it_was_typed(typed: str, email: str) -> None:
    assert clean_email(typed) == email


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        " ",
        "-",
        "немає",
        "olena",
        "olena@",
        "@example.com",
        "olena@example",
        "olena@localhost",
        "olena@example.",
        "olena @example.com",
        "olena@exam ple.com",
        "olena@@example.com",
        "олена@example.com",
        ".olena@example.com",
        "olena..k@example.com",
        "olena@example..com",
        "olena@[127.0.0.1]",
        "Olena <olena@example.com>",
        "olena@-example.com",
        "a,olena@example.com",
        "olena@exam�ple.com",
        "olena@example.com\x00x",
        5,
        ["olena@example.com"],
        "o" * 65 + "@example.com",
        "olena@" + "e" * 300 + ".com",
        "0501112233",
        "@" * 600,
    ],
)
def test_what_is_no_address_is_left_out(typed: object) -> None:
    assert clean_email(typed) is None


@given(typed=ANYTHING | ANY_TEXT | EMAIL_LIKE | st.emails())
@example("a@b.c\ud800")
def test_a_cleaned_email_is_an_address_and_stays_itself(typed: object) -> None:
    email = clean_email(typed)

    if email is not None:
        assert validate_email(email, check_deliverability=False, test_environment=True).original == email
        assert clean_email(email) == email
        assert isinstance(typed, str)
        assert email in typed.replace("\u200b", "")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Olena@Example.com", "olena@EXAMPLE.COM", True),
        ("olena@ПОШТА.укр", "olena@пошта.УКР", True),
        ("olena@example.com", "olena.@example.com", False),
        ("olena@example.com", "olena+1@example.com", False),
    ],
)
def test_addresses_compare_without_case_and_nothing_else(one: str, other: str, same: bool) -> None:
    assert (email_key(one) == email_key(other)) is same
