"""The status map: defaults, the fixed New, the owner's entries, one status to many."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_esputnik import statuses
from target_esputnik.statuses import ESPUTNIK_STATUSES, StatusMap, StatusMapError, remaining

DEFAULTS = StatusMap.from_setting([])


@pytest.mark.parametrize(
    ("status_id", "sent"),
    [
        (1, ("INITIALIZED",)),
        (2, ("IN_PROGRESS",)),
        (6, ("IN_PROGRESS",)),
        (3, ("DELIVERED",)),
        (4, ("CANCELLED",)),
        (5, None),
        (8, None),
    ],
)
def test_built_in_statuses_have_defaults_and_others_none(status_id: int, sent: tuple[str, ...] | None) -> None:
    assert DEFAULTS.statuses_for(status_id, ["Оплачено"]) == sent


@pytest.mark.parametrize("title", ["оплачено", " ОПЛАЧЕНО ", "Paid", "pAID", "Оплачено\u00a0"])
def test_a_title_matches_in_any_language_without_case(title: str) -> None:
    mapped = StatusMap.from_setting(
        [{"status": "Оплачено", "send": "IN_PROGRESS"}, {"status": "PAID", "send": "IN_PROGRESS"}]
    )

    assert mapped.statuses_for(8, ["Оплачен", title]) == ("IN_PROGRESS",)


def test_a_title_in_decomposed_letters_is_the_same_title() -> None:
    mapped = StatusMap.from_setting([{"status": "Замовлений", "send": "IN_PROGRESS"}])

    assert mapped.statuses_for(9, ["Замовлении\u0306"]) == ("IN_PROGRESS",)


def test_an_entry_by_id_wins_over_one_by_title() -> None:
    mapped = StatusMap.from_setting([{"status": "Оплачено", "send": "DELIVERED"}, {"status": 8, "send": "IN_PROGRESS"}])

    assert mapped.statuses_for(8, ["Оплачено"]) == ("IN_PROGRESS",)


def test_an_entry_by_title_overrides_a_default() -> None:
    mapped = StatusMap.from_setting([{"status": "Shipping", "send": "DELIVERED"}])

    assert mapped.statuses_for(6, ["Надіслане", "Shipping"]) == ("DELIVERED",)


def test_a_list_is_kept_in_its_order() -> None:
    mapped = StatusMap.from_setting([{"status": 8, "send": ["IN_PROGRESS", "DELIVERED"]}])

    assert mapped.statuses_for(8, []) == ("IN_PROGRESS", "DELIVERED")


def test_new_stays_initialized_under_any_title() -> None:
    mapped = StatusMap.from_setting([{"status": "Прийняте", "send": "IN_PROGRESS"}])

    assert mapped.statuses_for(1, ["Прийняте"]) == ("INITIALIZED",)


@pytest.mark.parametrize("status", [1, "1", "Нове", " нове ", "New", "NEW", "Новый", "Nouă"])
@pytest.mark.parametrize("send", ["IN_PROGRESS", ["INITIALIZED", "IN_PROGRESS"], ["CANCELLED"]])
def test_any_other_mapping_of_new_is_refused(status: int | str, send: str | list[str]) -> None:
    with pytest.raises(StatusMapError, match=r"entry 2, send: New is always sent as INITIALIZED") as refusal:
        StatusMap.from_setting([{"status": 8, "send": "DELIVERED"}, {"status": status, "send": send}])

    assert refusal.value.position == 2


@pytest.mark.parametrize("status", [1, "1", "Нове", "New"])
def test_new_may_be_written_down_as_what_it_is(status: int | str) -> None:
    assert StatusMap.from_setting([{"status": status, "send": ["initialized"]}]).statuses_for(1, []) == ("INITIALIZED",)


@pytest.mark.parametrize("status", ["Нове замовлення", "New collection", 11, "Renew"])
def test_a_status_that_only_sounds_new_is_the_owners(status: int | str) -> None:
    mapped = StatusMap.from_setting([{"status": status, "send": "IN_PROGRESS"}])

    assert mapped.statuses_for(11, [str(status)]) == ("IN_PROGRESS",)


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("Оплачено-7781", "entry 1, the entry"),
        ({"send": "DELIVERED"}, "entry 1, status"),
        ({"status": None, "send": "DELIVERED"}, "entry 1, status"),
        ({"status": True, "send": "DELIVERED"}, "entry 1, status"),
        ({"status": 8.0, "send": "DELIVERED"}, "entry 1, status"),
        ({"status": "  ", "send": "DELIVERED"}, "entry 1, status"),
        ({"status": ["secret-7781"], "send": "DELIVERED"}, "entry 1, status"),
        ({"status": 8}, "entry 1, send"),
        ({"status": 8, "send": []}, "entry 1, send"),
        ({"status": 8, "send": "secret-7781"}, "entry 1, send: unknown eSputnik status; use INITIALIZED"),
        ({"status": 8, "send": ["DELIVERED", "secret-7781"]}, "entry 1, send"),
        ({"status": 8, "send": ["DELIVERED", 7781]}, "entry 1, send"),
        ({"status": 8, "send": {"7781": "DELIVERED"}}, "entry 1, send"),
        ({"status": 8, "send": ["DELIVERED", "CANCELLED", "delivered"]}, "entry 1, send: a status is listed twice"),
    ],
)
def test_a_bad_entry_is_refused_by_place_and_never_by_value(entry: Any, says: str) -> None:
    with pytest.raises(StatusMapError) as refusal:
        StatusMap.from_setting([entry])

    assert says in str(refusal.value)
    assert "7781" not in str(refusal.value)
    assert refusal.value.position == 1


@pytest.mark.parametrize(("first", "again"), [(8, 8), (8, "8"), ("Оплачено", " оплачено")])
def test_a_status_that_is_mapped_twice_is_refused(first: int | str, again: int | str) -> None:
    with pytest.raises(StatusMapError, match=r"entry 2, status: this Horoshop status is mapped twice"):
        StatusMap.from_setting([{"status": first, "send": "DELIVERED"}, {"status": again, "send": "DELIVERED"}])


@pytest.mark.parametrize("setting", ["8=DELIVERED", {"8": "DELIVERED"}, None, 8])
def test_a_setting_that_is_no_list_is_refused(setting: Any) -> None:
    with pytest.raises(StatusMapError) as refusal:
        StatusMap.from_setting(setting)

    assert refusal.value.position == 0


def test_fingerprints_differ_exactly_when_the_rules_do() -> None:
    same = StatusMap.from_setting([{"status": "2", "send": ["in_progress"]}])
    other = StatusMap.from_setting([{"status": 2, "send": "DELIVERED"}])
    by_title = StatusMap.from_setting([{"status": "Оплачено", "send": "DELIVERED"}])

    assert same.fingerprint() == DEFAULTS.fingerprint()
    assert len({DEFAULTS.fingerprint(), other.fingerprint(), by_title.fingerprint()}) == 3


A, B, C = "IN_PROGRESS", "DELIVERED", "CANCELLED"


@pytest.mark.parametrize(
    ("planned", "last", "done", "left"),
    [
        ((A,), None, (), (A,)),
        ((A,), A, (), ()),  # 2 -> 6: nothing is left to send
        ((A, B), None, (), (A, B)),
        ((A, B), A, (), (B,)),
        ((A, B), B, (), (A, B)),  # it must end as B again, and B is not the last one once A is sent
        ((A, B), A, (A,), (B,)),  # the run was cut off between the two
        ((A, B), B, (A, B), ()),
        ((A, B), B, (B,), ()),  # A was skipped before B was sent
        ((A, B, A), None, (), (A, B)),  # a member goes once per change
        ((A, B, A), A, (A,), (B,)),
        ((A, B, C), B, (A, B), (C,)),
        ((A, A), None, (), (A,)),
    ],
)
def test_what_was_accepted_is_not_sent_again(
    planned: tuple[str, ...], last: str | None, done: tuple[str, ...], left: tuple[str, ...]
) -> None:
    assert remaining(planned, last_accepted=last, accepted_for_this_change=done) == left


PLANS = st.lists(st.sampled_from(ESPUTNIK_STATUSES), min_size=1, max_size=5, unique=True)


@given(plan=PLANS, last=st.none() | st.sampled_from(ESPUTNIK_STATUSES), cut=st.integers(0, 5))
def test_a_plan_cut_off_anywhere_is_finished_and_repeats_nothing(plan: list[str], last: str | None, cut: int) -> None:
    whole = remaining(plan, last_accepted=last, accepted_for_this_change=())
    before = whole[:cut]
    after = remaining(plan, last_accepted=(before or (last,))[-1], accepted_for_this_change=before)

    assert before + after == whole
    assert (whole or (last,))[-1] == plan[-1]


@given(
    status_id=st.integers(),
    titles=st.lists(st.text()),
    entries=st.dictionaries(st.integers(2, 99) | st.text(min_size=1), PLANS, max_size=5),
)
def test_a_map_answers_for_every_status(status_id: int, titles: list[str], entries: dict[int | str, list[str]]) -> None:
    try:
        mapped = StatusMap.from_setting([{"status": status, "send": plan} for status, plan in entries.items()])
    except StatusMapError:
        return  # blank titles, equal titles and New are drawn too; their refusal has its own tests
    sent = mapped.statuses_for(status_id, titles)

    assert sent is None or (sent and set(sent) <= set(statuses.ESPUTNIK_STATUSES))
