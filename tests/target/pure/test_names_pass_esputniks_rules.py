"""Names: whatever a shop has in that field, what leaves is a name that eSputnik takes, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_esputnik.hygiene import clean_first_name, clean_last_name, is_valid_first_name, is_valid_last_name

if TYPE_CHECKING:
    from collections.abc import Callable

NAME_LIKE = st.text(
    alphabet="аяїІЄєОленаKovalʼ’'`\"*- .,/()!❤️👨‍👩‍👧0123456789\u0301\u0308\u00a0\u200d¨ﬁⅧ½०हि각\ud800", max_size=60
)
ANYTHING = st.none() | st.booleans() | st.integers() | st.lists(st.text())
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "name",
    [
        "Олена",
        "Олена Петрівна",
        "Анна-Марія",
        "О'Коннор",
        "Мар'яна",
        "Нечуй-Левицький",
        "Ян",
        "St. John",
        "О. В.",
        "Олена2",
        "Ivan IV",
        "José",
        "Łucja",
        "Ștefan",
        "李小龍",
        "محمد",
        "Ángel María Jesús",
        "ОЛЕНА",
        "олена",
    ],
)
def test_a_good_name_stays_as_it_is(name: str) -> None:
    assert clean_first_name(name) == name
    assert clean_last_name(name) == name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" Олена  Петрівна\n", "Олена Петрівна"),
        ("Мар’яна", "Мар'яна"),
        ("Марʼяна", "Мар'яна"),
        ("Мар`яна", "Мар'яна"),
        ("Мар´яна", "Мар'яна"),
        ('Мар"яна', "Мар'яна"),
        ("Мар*яна", "Мар'яна"),
        ("Д''Арк", "Д'Арк"),
        ("'Олена'", "Олена"),
        ("О&#039;Коннор", "О'Коннор"),
        ("&quot;Ромашка&quot; Іван", "Ромашка Іван"),
        ("<b>Петро</b>", "Петро"),
        ("«Олена»", "Олена"),
        ("Нечуй – Левицький", "Нечуй-Левицький"),
        ("Анна--Марія", "Анна-Марія"),
        ("-Олена-", "Олена"),
        ("Олена!!!", "Олена"),
        ("❤️ Олена 🌸", "Олена"),
        ("👨‍👩‍👧 Олена", "Олена"),
        ("Олена (мама Івана)", "Олена"),
        ("Олена, Марія", "Олена Марія"),
        ("Олена/Марія", "Олена Марія"),
        ("Олена_Коваль", "Олена Коваль"),
        ("Олена 0501112233", "Олена"),
        ("1234567 Олена", "Олена"),
        ("Олена.", "Олена"),
        ("О.В.", "О В"),
        ("О.В.Коваль", "О В Коваль"),
        ("Оле\u0301на", "Олена"),
        ("Андріи\u0306", "Андрій"),
        ("Ｏｌｅｎａ", "Olena"),
        ("Оле\u00adна", "Олена"),
        ("\u200bОлена\u200b", "Олена"),
    ],
)
def test_what_people_type_around_a_name_is_taken_off(typed: str, name: str) -> None:
    assert clean_first_name(typed) == name
    assert clean_last_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        None,
        5,
        True,
        ["Олена"],
        "",
        " ",
        "-",
        ".",
        "'",
        "О",
        "@@@",
        "12345",
        "1234 !",
        "🌸",
        "(Олена)",
        "\u200b",
        "я" * 41,
        "olena@example.com",
        "Ви виграли http://example.com",
        "example.com",
        "Приз example.com",
        "www.example.com",
        "Ол@ена",
        "Ол#ена",
        "Ол1234ена",
        "a<b>c=d",
        "Оле�на",
        "{{ name }}",
        "हिन्दी",
        "о" * 600,
    ],
)
def test_what_is_no_name_is_left_out(typed: object) -> None:
    assert clean_first_name(typed) is None
    assert clean_last_name(typed) is None


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("Анна Марія Луїза Тереза", "Анна Марія Луїза", "Анна Марія Луїза Тереза"),
        ("Кім Ін Чол До Анна", "Кім Ін Чол Анна", "Кім Ін Чол До Анна"),
        ("Анна-Марія Луїза-Тереза", "Анна-Марія", "Анна-Марія Луїза-Тереза"),
        ("Перша " + "Коваленко " * 5, "Перша Коваленко Коваленко", "Перша Коваленко Коваленко Коваленко"),
    ],
)
def test_a_name_with_too_many_words_is_cut_between_words(typed: str, first: str, last: str) -> None:
    assert clean_first_name(typed) == first
    assert clean_last_name(typed) == last


@pytest.mark.parametrize(
    "name",
    [
        "",
        "О",
        " Олена",
        "Олена ",
        "Олена  Коваль",
        "Олена-",
        "-Олена",
        "'Олена",
        "Олена'",
        "Оле--на",
        "Оле-'на",
        "Олена.",
        "О.лена",
        "О..",
        "Олена!",
        "Олена@",
        "123",
        "Ол1234",
        "12 3",
        "Олена - Марія",
        "Мар’яна",
        "о" * 41,
        "Ⅷ Олена",
        "००",
    ],
)
def test_the_rules_refuse(name: str) -> None:
    assert not is_valid_first_name(name)
    assert not is_valid_last_name(name)


@pytest.mark.parametrize(
    ("name", "as_first"),
    [
        ("Анна Марія Луїза", True),
        ("Анна Марія Луїза Тереза", False),
        ("Анна Марія Луїза-Тереза", False),
        ("Ян Ли Ан", True),
        ("Ян Ли Ан Бо", False),
        ("Ян Ли Ан Анна Марія Луїза", True),
    ],
)
def test_only_a_first_name_is_bounded_in_words(name: str, as_first: bool) -> None:
    assert is_valid_first_name(name) is as_first
    assert is_valid_last_name(name)


ROUTES = [(clean_first_name, is_valid_first_name), (clean_last_name, is_valid_last_name)]


@pytest.mark.parametrize(("clean", "is_valid"), ROUTES)
@given(typed=ANYTHING | ANY_TEXT | NAME_LIKE)
def test_whatever_goes_in_a_valid_name_or_none_comes_out(
    clean: Callable[[object], str | None], is_valid: Callable[[str], bool], typed: object
) -> None:
    name = clean(typed)

    if name is not None:
        assert is_valid(name)
        assert clean(name) == name


# The documented rules told anew, after the vendor's own plugin (esputnik-api.md §3.6, O2).
FORBIDDEN = set('~!@#$%^&*()_=+[{]}\\|;:,<>/?"’`')


def _vendors_plugin_takes(name: str, *, first: bool) -> bool:
    words = name.split(" ")
    short = [word for word in words if len(word) <= 3]
    return (
        2 <= len(name) <= 40
        and len(re.findall(r"\d", name)) <= 3
        and re.search(r"\D", name) is not None
        and not FORBIDDEN & set(name)
        and all(word and word[0] not in "'-." and word[-1] not in "'-" for word in words)
        and all("." not in word[:-1] and (word[-1] != "." or 2 <= len(word) <= 3) for word in words)
        and (not first or (len(short) <= 3 and len(words) - len(short) <= 3))
    )


@given(typed=ANY_TEXT | NAME_LIKE)
def test_the_vendors_own_validator_takes_every_cleaned_name(typed: str) -> None:
    first, last = clean_first_name(typed), clean_last_name(typed)

    assert first is None or _vendors_plugin_takes(first, first=True)
    assert last is None or _vendors_plugin_takes(last, first=False)
