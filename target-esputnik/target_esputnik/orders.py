"""A shop's order as an eSputnik order (esputnik-api.md §4).

Pure. Always the whole order, because it is not known whether a field that is left out of an update stays.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_esputnik.hygiene import clean_email, clean_first_name, clean_last_name, clean_phone, phone_digits
from target_esputnik.money import as_number, as_source, exact, in_kopecks, kopecks_of, number_of
from target_esputnik.order_lines import lines
from target_esputnik.text import clean_text, is_blank, one_line, remembered, without_empty

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NoIdentity", "lines", "order_content", "order_payload"]

ADDITIONAL_INFO: tuple[str, ...] = (
    "comment",
    "paid",
    "tracking_number",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
)
"""Record fields that go into `additionalInfo`, all as text."""

CONTENT: tuple[str, ...] = (
    "total",
    "total_before_discount",
    "delivery_price",
    "currency",
    "email",
    "phone",
    "first_name",
    "last_name",
    "country",
    "city",
    "address",
)
"""Record fields whose change is a change of the order's content; its products are one more."""

PRODUCT_CONTENT: tuple[str, ...] = ("article", "title", "price", "quantity", "total_price", "type")


class NoIdentity(ValueError):  # noqa: N818 - the contract's name of the reason is `no_identity`
    """An order without a usable email and phone: eSputnik could tie it to nobody."""

    def __init__(self) -> None:
        super().__init__("the order has neither a usable email nor a usable phone")


def order_payload(
    record: Mapping[str, Any],
    *,
    status: str,
    external_id_prefix: str,
    external_customer_id: str | None,
    store_id: str | None,
    phone_region: str,
    with_phone: bool = True,
) -> dict[str, Any]:
    """The order object that `POST /v1/orders` takes, with nothing blank in it.

    Args:
        record: a record of the stream `orders`, valid by its schema.
        status: the eSputnik status to send.
        external_id_prefix: put before the order's number.
        external_customer_id: of the contact that the buyer is; None for a guest.
        store_id: the shop's `storeId`.
        phone_region: country of phones without a country code ("UA").
        with_phone: False leaves the phone out, because it belongs to another contact.

    Raises:
        NoIdentity: neither the email nor the phone can be used.
    """
    get = record.get
    email = clean_email(get("email"))
    phone = clean_phone(get("phone"), phone_region) if with_phone else None
    if email is None and phone is None:
        raise NoIdentity
    return without_empty(
        {
            "externalOrderId": f"{external_id_prefix}{record['order_id']}",
            "externalCustomerId": None if is_blank(external_customer_id) else external_customer_id,
            "email": email,
            "phone": phone_digits(phone) if phone else None,
            "firstName": clean_first_name(get("first_name")),
            "lastName": clean_last_name(get("last_name")),
            "status": status,
            "statusDescription": one_line(get("status_title")),
            "date": clean_text(get("created_at")),
            **_money(record),
            "currency": one_line(get("currency")),
            "deliveryMethod": one_line(get("delivery_type")),
            "paymentMethod": one_line(get("payment_type")),
            "deliveryAddress": _delivery_address(get("address"), get("country"), get("city")),
            "storeId": None if is_blank(store_id) else store_id,
            "source": "online",
            "additionalInfo": _additional_info(record),
            "items": lines(record),
        }
    )


def order_content(record: Mapping[str, Any]) -> dict[str, Any]:
    """What `order_updates: any` compares: totals, products, buyer and address, as the shop has them."""
    get = record.get
    content: dict[str, Any] = {name: as_source(get(name)) for name in CONTENT}
    content["products"] = [_product_content(*map(product.get, PRODUCT_CONTENT)) for product in get("products") or []]
    return content


@remembered
def _product_content(*values: Any) -> dict[str, Any]:
    return dict(zip(PRODUCT_CONTENT, map(as_source, values), strict=True))


def _money(record: Mapping[str, Any]) -> dict[str, int | float | None]:
    total, before = kopecks_of(record.get("total")), kopecks_of(record.get("total_before_discount"))
    price = record.get("delivery_price")
    delivery = -1 if price is None else kopecks_of(price)
    if total is None or before is None or delivery is None:
        return _exact_money(record)
    return {
        "totalCost": number_of(total),
        # A negative price is the shop's word for "by the carrier's tariff" (horoshop-api.md §2.4).
        "shipping": number_of(delivery) if delivery >= 0 else None,
        "discount": number_of(before - total) if before > total else None,
    }


def _exact_money(record: Mapping[str, Any]) -> dict[str, int | float | None]:
    """The same where a sum is missing, is text, or has more than two decimals."""
    total, before = exact(record.get("total")), exact(record.get("total_before_discount"))
    delivery = exact(record.get("delivery_price"))
    discount = None
    if total is not None and before is not None and total != before:
        discount = in_kopecks(before) - in_kopecks(total)
    return {
        "totalCost": as_number(_sum_of_lines(record) if total is None else total),
        "shipping": as_number(delivery) if delivery is not None and delivery >= 0 else None,
        "discount": as_number(discount) if discount is not None and discount > 0 else None,
    }


def _sum_of_lines(record: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(str(line["cost"])) * line["quantity"] for line in lines(record)), Decimal(0))


def _delivery_address(typed: Any, *places: Any) -> str | None:
    """Country, city and address in one line; a city that the address begins with is not said twice."""
    address = one_line(typed) or ""
    named = [place for place in map(one_line, places) if place]
    if not address:
        return ", ".join(named) or None
    unsaid = [place for place in named if not address.casefold().startswith(place.casefold())]
    return ", ".join([*unsaid, address])


def _additional_info(record: Mapping[str, Any]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name in ADDITIONAL_INFO:
        value = record.get(name)
        if (value or value is False) and (text := _as_info(value)):
            told[name] = text
    return told


def _as_info(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean_text(value)
