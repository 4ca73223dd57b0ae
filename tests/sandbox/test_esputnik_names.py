"""The name rules that are documented (esputnik-api.md §3.6), one by one."""

from __future__ import annotations

import pytest

from horoshop_esputnik_sandbox.esputnik.names import first_name_problem, last_name_problem


@pytest.mark.parametrize(
    "name",
    [
        "Олена",
        "Мар'яна",
        "Мар’яна",
        "Анна-Марія",
        "Ян",
        "Li",
        "مريم",
        "Zoë",
        "Ів.",
        "Олександр 2",
        "О'Коннор",
        "А" * 40,
        "J. R.",
    ],
)
def test_names_of_people_pass(name: str) -> None:
    assert first_name_problem(name) is None
    assert last_name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "А" * 41, "abc1234", "123", "@@@", "-", "Олена!", "Оля 🌻", "'Олена", "Олена'", "-Анна", "Анна-",
        "Анна - Марія",
        "Олена.", "A..", ".A", "Оля(мама)", "a_b", "Олена,", "О''Коннор", "",
    ],
)  # fmt: skip
def test_what_the_rules_forbid_is_refused(name: str) -> None:
    assert first_name_problem(name)
    assert last_name_problem(name)


def test_a_first_name_has_three_long_words_and_three_short_ones_at_most() -> None:
    assert first_name_problem("Абвг Абвг Абвг аб аб аб") is None
    assert first_name_problem("Абвг Абвг Абвг Абвг")
    assert first_name_problem("аб аб аб аб")
    assert last_name_problem("аб аб аб аб Абвг Абвг Абвг Абвг") is None
