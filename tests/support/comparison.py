"""What eSputnik holds and fired, beside what the oracle says: every difference as a line."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from oracle import KYIV, TITLES, email_of, phone_of

from tap_horoshop.names import split_name
from target_esputnik.hygiene import clean_first_name, clean_last_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle import Fate, Snapshot

    from horoshop_esputnik_sandbox import Sandbox

Row = dict[str, Any]
KOPECK = Decimal("0.01")


@dataclass(frozen=True)
class There:
    """What the sandbox's eSputnik holds and fired.

    Attributes:
        escaped: the shop's API escapes its texts as HTML, so texts compare without that.
        with_comments: the shop's API tells buyers' comments.
        with_all_waybills: it tells the waybills of all carriers.
    """

    contacts: list[Row]
    orders: dict[str, Row]
    events: list[Row]
    escaped: bool
    with_comments: bool
    with_all_waybills: bool

    @classmethod
    def of(cls, sandbox: Sandbox) -> There:
        """Look."""
        orders = {one["externalOrderId"]: one for one in sandbox.sent_orders()}
        switches = sandbox.switches()
        return cls(
            sandbox.sent_contacts(),
            orders,
            sandbox.events(),
            escaped=switches["entities"] == "escaped",
            with_comments=switches["comments"] == "returned",
            with_all_waybills=switches["delivery_data"] == "object",
        )

    def with_email(self, email: str | None) -> list[Row]:
        """The living contacts with an address."""
        return [one for one in self.living() if email and email.lower() in addresses_of(one)]

    def with_phone(self, phone: str | None) -> list[Row]:
        """The living contacts with a phone."""
        return [one for one in self.living() if phone and phone in phones_of(one)]

    def living(self) -> list[Row]:
        """The contacts that are not deleted."""
        return [one for one in self.contacts if not one["deleted"]]

    def confirmed(self) -> set[str]:
        """All confirmed addresses."""
        return {c["value"].lower() for one in self.living() for c in one["channels"] if c["confirmed"]}

    def unsubscribed(self) -> set[str]:
        """All addresses on the list of the unsubscribed."""
        return {c["value"].lower() for one in self.living() for c in one["channels"] if c["unsubscribed"]}

    def asked(self) -> Counter[tuple[str, str]]:
        """How often each address was asked to confirm: {(address, formType): times}."""
        return Counter(
            (event["params"].get("EmailAddress", "").lower(), event["type"].partition("-")[2])
            for event in self.events
            if event["type"].startswith("subscribe")
        )

    def statuses(self) -> dict[str, list[str]]:
        """{order: the statuses whose event fired, in order}."""
        fired: dict[str, list[str]] = {}
        for event in self.events:
            if event["type"].startswith("order"):
                fired.setdefault(event["key"], []).append(event["type"].removeprefix("order"))
        return fired

    def same(self, sent: object, theirs: object) -> bool:
        """Whether two texts are the same, but for white space around and between."""
        one, other = _plain(sent), _plain(theirs)
        return html.unescape(one) == html.unescape(other) if self.escaped else one == other


def addresses_of(contact: Row) -> set[str]:
    """A contact's email addresses."""
    return {channel["value"].lower() for channel in contact["channels"] if channel["type"] == "email"}


def phones_of(contact: Row) -> set[str]:
    """A contact's phones."""
    return {channel["value"] for channel in contact["channels"] if channel["type"] == "sms"}


def orders_that_differ(there: There, fates: dict[int, Fate]) -> list[str]:
    """Compare every order with the shop's; nothing may be there that was not to be sent."""
    found = [f"order {key} is there" for key in there.orders if not fates[int(key)].sent]
    for number, fate in fates.items():
        if fate.at is None:
            continue
        order, sent = fate.at.orders[number], there.orders.get(str(number))
        if sent is None:
            found.append(f"order {number} is not there")
            continue
        found += [f"order {number}: {name}" for name in _differences(order, sent, fate, there)]
    return found


def events_that_differ(there: There, fates: dict[int, Fate]) -> list[str]:
    """Compare the order events that fired with those that the shop's changes call for: each once, in their order."""
    wanted = {str(number): fate.sent for number, fate in fates.items() if fate.sent}
    fired = there.statuses()
    return [
        f"order {key}: fired {fired.get(key)}, wanted {wanted.get(key)}"
        for key in sorted(wanted.keys() | fired.keys())
        if fired.get(key) != wanted.get(key)
    ]


def _differences(order: Row, sent: Row, fate: Fate, there: There) -> Iterable[str]:
    if sent["status"] != fate.sent[-1]:
        yield "status"
    if not there.same(sent.get("statusDescription"), TITLES[order["stat_status"]]):
        yield "statusDescription"
    # By the wall clock: in the hour that comes twice in autumn, either moment is right.
    if f"{datetime.fromisoformat(sent['date']).astimezone(KYIV):%F %T}" != order["stat_created"]:
        yield "date"
    yield from (name for name, wanted in _money(order).items() if _amount(sent.get(name)) != wanted)
    for name, wanted in _texts(order).items():
        if not there.same(sent.get(name), wanted):
            yield name
    if not there.same(sent["deliveryAddress"], _address(order)):
        yield "deliveryAddress"
    email, phone = email_of(order["delivery_email"]), phone_of(order["delivery_phone"])
    if (sent.get("email") or "").lower() != (email or ""):
        yield "email"
    if sent.get("phone") not in ({phone} if email is None else {phone, None}):
        yield "phone"
    yield from _name_differences(order["delivery_name"], sent, there)
    if sent["source"] != "online":
        yield "source"
    yield from _info_differences(order, sent["additionalInfo"], there)
    yield from _line_differences(order, sent["items"], there)
    yield from _owner_differences(order, sent, fate, there)


def _money(order: Row) -> dict[str, Decimal | None]:
    total, before = _amount(order["total_sum"]), _amount(order["total_default"])
    assert total is not None
    assert before is not None
    shipping = _amount(order["delivery_price"])
    return {
        "totalCost": total,
        "discount": before - total if before > total else None,
        "shipping": shipping if shipping is not None and shipping >= 0 else None,
    }


def _texts(order: Row) -> dict[str, str]:
    return {
        "currency": order["currency"],
        "deliveryMethod": order["delivery_type"]["title"],
        "paymentMethod": order["payment_type"]["title"],
    }


def _address(order: Row) -> str:
    return ", ".join(part for part in (order["delivery_city"], order["delivery_address"]) if part)


def _name_differences(full_name: str, sent: Row, there: There) -> Iterable[str]:
    name = split_name(full_name)
    for key, wanted in (("firstName", clean_first_name(name.first)), ("lastName", clean_last_name(name.last))):
        # A name that is HTML in the shop itself cannot be told from one that the API escaped.
        if (sent.get(key) or None) != wanted and not (there.escaped and "&" in full_name):
            yield key


def _info_differences(order: Row, info: Row, there: There) -> Iterable[str]:
    if info["paid"] != ("true" if order["payed"] else "false"):
        yield "paid"
    waybill = order["delivery_data"]
    told = there.with_all_waybills or waybill["deliveryOperatorType"] == "novaposhta"
    if info.get("tracking_number") != ((told and waybill["tnNumber"]) or None):
        yield "tracking_number"
    for name in ("utm_source", "utm_medium", "utm_campaign"):
        if not there.same(info.get(name), order["analytics"][name]):
            yield name
    if not there.same(info.get("comment"), order["comment"] if there.with_comments else None):
        yield "comment"


def _line_differences(order: Row, items: list[Row], there: There) -> Iterable[str]:
    products = order["products"]
    if len(items) != len(products):
        yield "items"
        return
    for product, item in zip(products, items, strict=True):
        quantity = Decimal(str(product["quantity"]))
        whole = quantity == quantity.to_integral_value()
        if item["externalItemId"] != product["article"] or item["quantity"] != (int(quantity) if whole else 1):
            yield f"item {product['article']}"
        if not there.same(item["name"] if whole else item["name"].rpartition(" × ")[0], product["title"]):
            yield f"item {product['article']}: name"
    total = sum((Decimal(str(item["cost"])) * item["quantity"] for item in items), Decimal(0))
    exact = any(
        i["quantity"] == 1 and p["type"] not in {"gift", "set_item"} for i, p in zip(items, products, strict=True)
    )
    most = Decimal(0) if exact else KOPECK / 2 * max(item["quantity"] for item in items)
    if abs(total - Decimal(str(order["total_sum"]))) > most:
        yield f"the sum of its lines: {total}, not {order['total_sum']}"


def _owner_differences(order: Row, sent: Row, fate: Fate, there: There) -> Iterable[str]:
    """Whose the order is at eSputnik, and by which external id."""
    assert fate.at is not None
    owner = next(one for one in there.contacts if one["id"] == sent["contactId"])
    email, phone = email_of(order["delivery_email"]), phone_of(order["delivery_phone"])
    accounts = fate.at.account_of(order)
    his = {str(twin) for number in accounts for twin in fate.at.with_address(number)}
    if email in addresses_of(owner) or owner["externalCustomerId"] in his:
        pass
    elif email is not None or phone not in phones_of(owner):
        yield f"it is another person's: {owner['id']}"
    if accounts and not sent.get("externalCustomerId"):
        yield "it has no externalCustomerId"
    if sent.get("externalCustomerId") and sent["externalCustomerId"] != owner["externalCustomerId"]:
        yield "it has the externalCustomerId of another contact"


def contacts_that_differ(there: There, snapshot: Snapshot) -> list[str]:
    """Compare every customer with eSputnik's contact for him."""
    found = []
    for number, customer in snapshot.reachable().items():
        email, phone = email_of(customer["email"]), phone_of(customer["phone"])
        theirs = there.with_email(email) if email else there.with_phone(phone)
        twins = snapshot.with_address(number)
        owners = {str(twin) for twin in twins}
        own = [one for one in theirs if one["externalCustomerId"] == str(number)]
        if not theirs:
            found.append(f"customer {number} is not there")
        elif not own:
            # Another account with the same address, or another system, has the contact: nobody overwrites the other.
            strangers = [one["externalCustomerId"] for one in theirs if one["externalCustomerId"] not in owners]
            if len(twins) == 1 and strangers != ["crm-1"]:
                found.append(f"customer {number}: his contact has the external ids {strangers}")
        else:
            wrong = list(_name_differences(customer["title"], _but_kept(own[0], customer), there))
            found += [f"customer {number}: {name}" for name in wrong]
    found += [f"{email} is there {times} times" for email, times in _repeated(there).items()]
    return found


def _but_kept(contact: Row, customer: Row) -> Row:
    """A contact without the names that the shop does not have: blanks overwrite nothing."""
    name = split_name(customer["title"])
    has = {"firstName": clean_first_name(name.first), "lastName": clean_last_name(name.last)}
    return {key: contact[key] for key, value in has.items() if value is not None}


def _repeated(there: There) -> dict[str, int]:
    addresses = Counter(email for one in there.living() for email in addresses_of(one))
    return {email: times for email, times in addresses.items() if times > 1}


def _amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(KOPECK)


def _plain(value: object) -> str:
    return " ".join(str(value if value is not None else "").split())
