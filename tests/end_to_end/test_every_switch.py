"""The whole pipe under every position of every switch of the sandbox: each is a reading of what the APIs leave open.

Each position goes through a cold start, a day of changes from the state, a run with nothing new, and the loss of the
ledger; the oracle says from the shop's own rows what must have become of each record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from comparison import There, events_that_differ
from oracle import Snapshot
from story import Story

from horoshop_esputnik_sandbox import Sandbox
from horoshop_esputnik_sandbox.switches import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Positions = dict[str, Any]

# Of switches that take any whole number: those that change the way.
NUMBERS: dict[str, tuple[int, ...]] = {
    "page_cap": (7,),
    "default_limit": (5,),
    "token_ttl": (1,),
    "import_polls": (0, 3),
    "import_errors": (1,),
    "rate_limit": (30,),
    "search_rate_limit": (15,),
}
# With these the integration cannot work, by design: it must end with 2, and heal when it is put right.
IMPOSSIBLE: dict[tuple[str, Any], str] = {
    ("api_access", "off"): "the shop's API is switched off",
    ("api_access", "redirect"): "another platform",
    ("api_access", "storefront"): "another address",
    ("html_challenge", "always"): "the shop lets no program in",
    ("html_challenge", "non_browser"): "the shop lets browsers in only: user_agent must be set",
    ("key_scope", "contacts"): "the key may not send orders",
    ("key_scope", "contacts_write"): "the key may not search",
    ("key_scope", "events"): "the key may do nothing that is needed",
    ("key_scope", "messages"): "the key may do nothing that is needed",
    ("key_scope", "disabled"): "the key is disabled",
}
# Waiting for the account's limits proves nothing about the other switches.
UNLIMITED = {"rate_limit": "none", "search_rate_limit": "none"}
TOGETHER: tuple[Positions, ...] = (
    {
        "sort": "shuffled",
        "page_cap": 7,
        "empty_body": "message",
        "numbers": "strings",
        "blanks": "null",
        "bad_token": "401",
        "token_sessions": "newest",
        "statuses_body": "list",
        "additional_data": "list",
        "single_element": "object",
        "ids": "strings",
        "error_body": "json",
        "put_omitted": "cleared",
        "order_omitted": "kept",
        "search_email": "contains",
        "search_none": "empty",
        "import_mapping": "absent",
    },
    {
        "sort": "desc",
        "offset": "ignored",
        "blanks": "empty",
        "shop_version": "old",
        "entities": "escaped",
        "duplicate_guard": "all",
        "duplicate_guard_arms": "received",
        "order_match": "email_first",
        "order_foreign_id": "new",
        "subscribe_foreign_id": "new",
        "subscribe_email": "replace",
        "dedupe_fallback": "ignored",
        "search_case": "sensitive",
        "order_answer": "full",
        "event_caps": "API",
    },
    {"currencies": "documented", "failed_orders": "id"},
    {"currencies": "documented", "failed_orders": "object", "single_element": "object"},
)


def _positions() -> Iterator[Positions]:
    yield {}
    yield {switch.name: switch.default for switch in TABLE if switch.name in UNLIMITED}
    for switch in TABLE:
        for position in (*switch.positions, *NUMBERS.get(switch.name, ())):
            if position != str(switch.default) and (switch.name, position) not in IMPOSSIBLE:
                yield {switch.name: position}
    yield from TOGETHER


def _name(positions: Positions) -> str:
    return "-".join(f"{name}={position}" for name, position in positions.items()) or "no limits"


@pytest.fixture
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """Give a shop of 40 customers and 80 orders under some positions."""
    limited = any(isinstance(request.param.get(name), int) for name in UNLIMITED)
    with Sandbox(customers=40, orders=80, switches={**UNLIMITED, **request.param}) as sandbox:
        yield Story.in_process(sandbox, tmp_path, **({"max_requests_per_second": 40} if limited else {}))


@pytest.mark.parametrize("story", list(_positions()), indirect=True, ids=_name)
def test_everything_arrives_as_it_is_once_and_nobody_is_confirmed_by_accident(story: Story) -> None:
    story.run()
    story.check_consent(story.check())

    day = story.day()
    story.run()
    there = story.check()
    story.check_consent(there)
    story.check_who_was_there(there)
    story.check_edits(there, day)

    calm = story.run()
    assert calm.writes() == []
    story.check()

    story.pipe.lose_ledger()
    newest = story.sandbox.place_order(
        delivery_email=story.before.confirmed, delivery_name="Стара Назва", stat_status=1
    )
    lost = story.run()
    assert lost.events == []
    assert set(story.pipe.fates("orders").values()) == {"baseline:ledger_lost"}
    assert str(newest) in story.pipe.fates("orders")
    after = There.of(story.sandbox)
    assert after.confirmed() == there.confirmed()
    assert after.unsubscribed() == there.unsubscribed()
    assert story.run().writes() == []


@pytest.mark.parametrize("position", IMPOSSIBLE, ids=lambda position: "=".join(map(str, position)))
def test_where_a_reading_leaves_no_way_it_ends_with_2_and_heals_when_put_right(
    position: tuple[str, Any], tmp_path: Path
) -> None:
    name, value = position
    with Sandbox(customers=40, orders=80, switches={**UNLIMITED, name: value}) as sandbox:
        story = Story.in_process(sandbox, tmp_path)
        ran = story.pipe.run()
        assert 2 in ran.codes
        assert not [event for event in ran.events if event["type"].startswith("order")]
        assert There.of(sandbox).confirmed() == story.before.confirmed_ones()
        if value == "non_browser":
            story.pipe.tap_settings["user_agent"] = "Mozilla/5.0 (X11; Linux x86_64)"
        else:
            sandbox.switch(**{name: next(switch.default for switch in TABLE if switch.name == name)})
        story.run()
        story.check_consent(story.check())


def test_every_position_is_tried() -> None:
    tried = {(name, str(value)) for positions in _positions() for name, value in positions.items()}
    tried |= {(name, str(value)) for name, value in IMPOSSIBLE} | {
        (switch.name, str(switch.default)) for switch in TABLE
    }
    assert {(switch.name, position) for switch in TABLE for position in switch.positions} <= tried
    assert {switch.name for switch in TABLE if switch.number} <= NUMBERS.keys()


@pytest.mark.parametrize("story", [{"subscribe_on_deleted": p} for p in ("new", "revives", "refused")], indirect=True)
def test_who_was_deleted_at_esputnik_is_never_made_again_not_even_by_an_order(story: Story) -> None:
    story.run()
    asked = [one for one in There.of(story.sandbox).living() if one["madeBy"] == "POST contact/subscribe"]
    gone = next(one for one in asked if one["externalCustomerId"])
    number = int(gone["externalCustomerId"])
    story.sandbox.delete_contact(gone["id"])
    story.sandbox.edit_customer(number, title="Інша Назва")
    story.run()
    assert story.pipe.fates("contacts")[str(number)] == "held:deleted_there"
    email = next(channel["value"] for channel in gone["channels"])
    order = story.sandbox.place_order(delivery_email=email, delivery_name="Інша Назва")
    assert story.run().writes() == []
    assert story.pipe.fates("orders")[str(order)] == "held:buyer_not_delivered"
    assert There.of(story.sandbox).with_email(email) == []

    # Without a ledger nothing tells him from a newcomer, but no workflow of the account listens to this form.
    story.pipe.lose_ledger()
    assert {event["type"].partition("-")[2] for event in story.run().events} <= {"horoshop-history"}


def test_a_refusal_that_names_nobody_leaves_its_batch_to_a_person_and_sends_nothing_twice(tmp_path: Path) -> None:
    positions = {**UNLIMITED, "currencies": "documented", "failed_orders": "unmatched"}
    with Sandbox(customers=40, orders=80, switches=positions) as sandbox:
        story = Story.in_process(sandbox, tmp_path)
        story.run()
        day = story.day()
        story.snapshots.append(Snapshot.of(sandbox))
        assert story.pipe.run().codes == (0, 1)
        batch = sandbox.requests(api="esputnik")[-1]["body"]["orders"]
        in_doubt = {order["externalOrderId"] for order in batch}
        assert str(day.placed[-1]) in in_doubt
        calm = story.run()
        assert "POST /v1/orders" not in calm.writes()
        fates = {str(number): fate for number, fate in story.fates().items()}
        ledger = story.pipe.fates("orders")
        assert {key for key, fate in ledger.items() if fate == "held:in_doubt"} == in_doubt
        assert {key: fate for key, fate in ledger.items() if key not in in_doubt} == {
            key: fate.ledger for key, fate in fates.items() if key not in in_doubt
        }
        assert events_that_differ(There.of(sandbox), story.fates()) == []
