"""Data that changes while it is read, and between two runs: the second part of the group data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matrix.case import FaultCase, Group
from matrix.oddities import Scene, fired_of, known_address, sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from matrix.stage import Stage

Odd = dict[tuple[str, str], str | None]
NEW, IN_PROGRESS, DELIVERED = 1, 2, 3


def _always(_: Stage) -> bool:
    return True


def _changes_done(stage: Stage) -> bool:
    return all(fault["done"] for fault in stage.sandbox.faults())


def _order(stage: Stage, status: int = IN_PROGRESS, **fields: Any) -> int:
    """Place an order of a known customer."""
    return stage.sandbox.place_order(**{"delivery_email": known_address(stage), "stat_status": status, **fields})


def _during(stage: Stage, path: str, after: int, *changes: list[Any]) -> None:
    """Let the shop change when a request to it comes, after so many."""
    stage.sandbox.fail(api="shop", path=path, kind="change", after=after, do=list(changes))


def _the_order(stage: Stage) -> str:
    return next(key for table, key in stage.odd if table == "orders")


def _fired(*wanted: list[str]) -> Callable[[Stage], list[str]]:
    """Give a check: the one odd order's events are one of these."""

    def check(stage: Stage) -> list[str]:
        found = fired_of(stage, _the_order(stage))
        return [] if found in wanted else [f"its events: {found}, wanted one of {wanted}"]

    return check


# ---------------------------------------------------------------- between two runs


def _one_order(stage: Stage, status: int = IN_PROGRESS) -> Odd:
    return {("orders", str(_order(stage, status))): "accepted"}


def _there_and_back(stage: Stage) -> None:
    number = int(_the_order(stage))
    stage.sandbox.set_status(number, DELIVERED)
    stage.calm.append(stage.another_run())
    stage.sandbox.set_status(number, IN_PROGRESS)


def _back_unseen(stage: Stage) -> None:
    number = int(_the_order(stage))
    stage.sandbox.set_status(number, DELIVERED)
    stage.sandbox.set_status(number, IN_PROGRESS)


def _edited(**fields: Any) -> Callable[[Stage], None]:
    def edit(stage: Stage) -> None:
        stage.sandbox.edit_order(int(_the_order(stage)), **fields)

    return edit


def _two_edits(stage: Stage) -> None:
    number = int(_the_order(stage))
    stage.sandbox.edit_order(number, stat_status=6, delivery_city="Львів")
    stage.sandbox.edit_order(number, stat_status=DELIVERED, delivery_city="Одеса")


def _in_odesa(stage: Stage) -> list[str]:
    order = sent(stage, _the_order(stage))
    return [] if "Одеса" in order.get("deliveryAddress", "") else [f"it is at {order.get('deliveryAddress')}"]


def _order_vanishes(stage: Stage) -> None:
    stage.sandbox.delete_order(int(_the_order(stage)))


# ---------------------------------------------------------------- people


def _registered_and_run(stage: Stage, *addresses: str) -> list[int]:
    """Register people, and let a calm run deliver them; from then on the odd ones are left out of the oracle."""
    stage.odd_addresses = {address.casefold() for address in addresses}
    numbers = [stage.sandbox.register(title="Ярина Сова", email=address) for address in addresses]
    stage.story.run()
    return numbers


def _two_become_one(stage: Stage) -> Odd:
    first, second = _registered_and_run(stage, "sova1@example.com", "sova2@example.com")
    stage.sandbox.edit_customer(second, email="SOVA1@example.com")
    return {("contacts", str(number)): "accepted" for number in (first, second)}


def _two_with_one_address(stage: Stage) -> Odd:
    numbers = _registered_and_run(stage, "sova@example.com", "Sova@Example.com")
    return {("contacts", str(number)): "accepted" for number in numbers}


def _one_contact_asked_once(address: str) -> Callable[[Stage], list[str]]:
    def check(stage: Stage) -> list[str]:
        there, asked = stage.there().with_email(address), stage.there().asked()[address, "horoshop"]
        return [] if (len(there), asked) == (1, 1) else [f"{len(there)} have the address, asked {asked} times"]

    return check


def _gone_there(stage: Stage) -> Odd:
    """A contact is deleted at eSputnik; then the person orders."""
    [number] = _registered_and_run(stage, "sova@example.com")
    [contact] = stage.there().with_email("sova@example.com")
    stage.sandbox.delete_contact(contact["id"])
    order = _order(stage, NEW, delivery_email="sova@example.com")
    return {("orders", str(order)): "held:buyer_not_delivered", ("contacts", str(number)): "held:deleted_there"}


def _nobody_there(stage: Stage) -> list[str]:
    there = stage.there().with_email("sova@example.com")
    return [f"{len(there)} living contacts have the address"] if there else []


def _account_vanishes(stage: Stage) -> Odd:
    """A customer orders and deletes his account before anybody reads the order."""
    [number] = _registered_and_run(stage, "sova@example.com")
    order = _order(stage, NEW, delivery_email="sova@example.com")
    stage.sandbox.delete_customer(number)
    return {("orders", str(order)): "accepted", ("contacts", str(number)): "accepted"}


# ---------------------------------------------------------------- while it is read


def _flips_while_read(stage: Stage) -> Odd:
    number = _order(stage)
    _during(stage, "/orders/get", 1, ["set_status", {"id": number, "status": DELIVERED}])
    _during(stage, "/orders/get", 3, ["set_status", {"id": number, "status": IN_PROGRESS}])
    return {("orders", str(number)): "accepted"}


def _vanishes_while_read(stage: Stage) -> Odd:
    """The oldest order of all vanishes behind the first page: what follows moves up by one place."""
    number = _order(stage, stat_created="2021-01-01 10:00:00")
    _during(stage, "/orders/get", 1, ["delete_order", {"id": number}])
    return {("orders", str(number)): "accepted"}


def _its_fate_may_be_either(stage: Stage) -> None:
    """It was read before it vanished, or not."""
    key = _the_order(stage)
    stage.odd["orders", key] = "accepted" if key in stage.known["orders"] else None


def _customer_vanishes_while_read(stage: Stage) -> Odd:
    number = stage.sandbox.register(title="Ярина Сова", phone="+380505556677", registered="2021-01-01 10:00:00")
    _during(stage, "/users/export", 1, ["delete_customer", {"id": number}])
    return {("contacts", str(number)): "accepted"}


def _customer_may_be_either(stage: Stage) -> None:
    [(table, key)] = stage.odd
    stage.odd[table, key] = "accepted" if key in stage.known["contacts"] else None


def _placed_while_read(stage: Stage) -> Odd:
    """An order comes in between two pages, with a date that lies far back: every page behind it moves."""
    number = max(order["order_id"] for order in stage.sandbox.orders()) + 1
    row = {"order_id": number, "delivery_email": known_address(stage), "stat_created": "2021-01-01 10:00:00"}
    _during(stage, "/orders/get", 1, ["place_order", row])
    return {("orders", str(number)): "accepted"}


def _backdated_may_be_either(stage: Stage) -> None:
    """Nobody can see an order that is put behind the bookmark, beyond the lookback."""
    key = _the_order(stage)
    stage.odd["orders", key] = "accepted" if key in stage.known["orders"] else None


def _comes_in_while_read(stage: Stage) -> Odd:
    number = max(order["order_id"] for order in stage.sandbox.orders()) + 1
    row = {"order_id": number, "delivery_email": known_address(stage)}
    _during(stage, "/orders/get", 2, ["place_order", row])
    return {("orders", str(number)): "accepted"}


def _one_number_twice(stage: Stage) -> Odd:
    first, second = _order(stage, NEW), _order(stage, NEW)
    stage.sandbox.misprint("orders", second, {"order_id": first})
    return {("orders", str(first)): "accepted", ("orders", str(second)): None}


def _case(
    name: str,
    sentence: str,
    before: Callable[[Stage], Odd],
    *,
    happened: Callable[[Stage], bool] = _always,
    after: Callable[[Stage], None] = lambda _: None,
    also: Callable[[Stage], list[str]] | None = None,
    fast: bool = False,
) -> FaultCase:
    scene = Scene(before, happened, after)
    return FaultCase(name, Group.DATA, "", sentence, (scene,), also=also, fast=fast)


BACK = ["IN_PROGRESS", "DELIVERED", "IN_PROGRESS"]
CASES = [
    _case(
        "a status that goes and comes back",
        "2 → 3 → 2, with a run between each",
        _one_order,
        after=_there_and_back,
        also=_fired(BACK),
        fast=True,
    ),
    _case(
        "a status that comes back unseen",
        "2 → 3 → 2 between two runs",
        _one_order,
        after=_back_unseen,
        also=_fired(["IN_PROGRESS"]),
    ),
    _case(
        "a status that flips while it is read",
        "2 → 3 → 2 within one run",
        _flips_while_read,
        happened=_changes_done,
        also=_fired(["IN_PROGRESS"], ["DELIVERED", "IN_PROGRESS"], BACK),
    ),
    _case(
        "a status that goes back to New",
        "2 → 1",
        _one_order,
        after=_edited(stat_status=NEW),
        also=_fired(["IN_PROGRESS", "INITIALIZED"]),
    ),
    _case(
        "two edits in one second",
        "status and town change twice before the next run",
        _one_order,
        after=_two_edits,
        also=lambda stage: _fired(["IN_PROGRESS", "DELIVERED"])(stage) + _in_odesa(stage),
    ),
    _case(
        "a total that changes alone",
        "the total is another one, the status is the same",
        _one_order,
        after=_edited(total_sum=1),
        also=_fired(["IN_PROGRESS"]),
    ),
    _case("an order that vanishes", "it is deleted between two runs", _one_order, after=_order_vanishes),
    _case(
        "an order that vanishes while it is read",
        "the first row of all is deleted between two pages",
        _vanishes_while_read,
        happened=_changes_done,
        after=_its_fate_may_be_either,
        fast=True,
    ),
    _case(
        "a customer who vanishes while he is read",
        "the first account of all is deleted between two pages",
        _customer_vanishes_while_read,
        happened=_changes_done,
        after=_customer_may_be_either,
    ),
    _case(
        "an order that is put in front while it is read",
        "it has a date far back, and every page behind it moves",
        _placed_while_read,
        happened=_changes_done,
        after=_backdated_may_be_either,
    ),
    _case(
        "an order that comes in while others are read",
        "it is new, and read at the latest by the next run",
        _comes_in_while_read,
        happened=_changes_done,
    ),
    _case("two orders with one number", "the shop gives two rows with the same number", _one_number_twice),
    _case(
        "two accounts that become one person",
        "one takes the address of the other",
        _two_become_one,
        also=_one_contact_asked_once("sova1@example.com"),
    ),
    _case(
        "two accounts with one address",
        "the address is the same but for its case",
        _two_with_one_address,
        also=_one_contact_asked_once("sova@example.com"),
    ),
    _case(
        "a contact deleted at eSputnik who orders",
        "he is not made again, and his order waits",
        _gone_there,
        also=_nobody_there,
        fast=True,
    ),
    _case("an account deleted before its order is read", "the order is his contact's all the same", _account_vanishes),
]
