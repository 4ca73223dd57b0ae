"""What the control API can do: each operation by its name, for people, tests and the fault `change`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.aim import FaultError
from horoshop_esputnik_sandbox.shop.store import ShopError
from horoshop_esputnik_sandbox.switches import SwitchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox.world import World

    Arguments = dict[str, Any]


class OperationError(ValueError):
    """An operation that cannot be done; the message says why."""


def _edit_customer(world: World, arguments: Arguments) -> None:
    fields = dict(arguments)
    world.shop.customers.edit(int(fields.pop("id")), fields)


def _edit_order(world: World, arguments: Arguments) -> None:
    fields = dict(arguments)
    world.shop.edit_order(int(fields.pop("id")), fields)


def _delete_contact(world: World, arguments: Arguments) -> None:
    contact = world.account.book.living(int(arguments["id"]))
    if contact is None:
        raise KeyError(arguments["id"])
    world.account.singles.delete(contact, erase=bool(arguments.get("erase")))


def _disturb(world: World, order: Arguments) -> None:
    if not world.proxied:
        raise OperationError("disturbances need the proxy: make the sandbox with `proxied=True`, or start it --proxied")
    world.disturbances.add(order)


OPERATIONS: dict[str, Callable[[World, Arguments], Any]] = {
    "register": lambda world, fields: world.shop.register(fields),
    "edit_customer": _edit_customer,
    "delete_customer": lambda world, arguments: world.shop.customers.delete(int(arguments["id"])),
    "place_order": lambda world, fields: world.shop.place_order(fields),
    "edit_order": _edit_order,
    "set_status": lambda world, arguments: world.shop.edit_order(
        int(arguments["id"]), {"stat_status": int(arguments["status"])}
    ),
    "delete_order": lambda world, arguments: world.shop.orders.delete(int(arguments["id"])),
    "misprint": lambda world, arguments: world.shop.misprint(
        str(arguments["kind"]), int(arguments["id"]), dict(arguments["fields"]), list(arguments.get("without", []))
    ),
    "create_contact": lambda world, fields: world.account.place(fields).id,
    "delete_contact": _delete_contact,
    "switch": lambda world, positions: world.switches.set(positions),
    "fail": lambda world, order: world.faults.add(order),
    "clear_faults": lambda world, _: world.faults.clear(),
    "disturb": _disturb,
    "clear_disturbances": lambda world, _: world.disturbances.clear(),
    "expire_tokens": lambda world, _: world.shop_api.tokens.expire(),
    "advance": lambda world, arguments: world.clock.advance(float(arguments["seconds"])),
    "reset": lambda world, _: world.reset(),
}


def do(world: World, name: str, arguments: Arguments) -> Any:
    """Do an operation and return what it gives (an id, or None); raises OperationError."""
    operation = OPERATIONS.get(name)
    if operation is None:
        raise OperationError(f"no operation is named {name!r}; there are: {', '.join(OPERATIONS)}")
    try:
        return operation(world, arguments)
    except (SwitchError, FaultError, ShopError) as problem:
        raise OperationError(str(problem)) from problem
    except KeyError as missing:
        raise OperationError(f"{name}: there is no {missing.args[0]!r}") from missing
    except (ValueError, TypeError) as problem:
        raise OperationError(f"{name}: {problem}") from problem
