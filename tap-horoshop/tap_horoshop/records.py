"""Pure: a row of the API in, a record of the contract out.

The API's rows are PHP's: an empty object arrives as `[]`, numbers may be strings, a missing text is null or `""`
(`horoshop-api.md` §6). A row without a usable key or date has no place in a stream and raises `BadRow`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tap_horoshop.names import AUTO, split_name
from tap_horoshop.shop_time import parse_stamp, with_offset
from tap_horoshop.values import PLAIN, flag, money, number_of, plain_json, text, whole

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

Row = dict[str, Any]
UTM = frozenset({"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "google_client_id"})


class BadRow(Exception):  # noqa: N818 - a finding about a row, told in the log; no way for the run to fail
    """A row that cannot become a record; says which one and why, with no more of it than its key."""


class Status(NamedTuple):
    """A status of the shop: `titles` by language, and whether the shop counts such orders as sold."""

    id: int
    titles: dict[str, str]
    is_successful: bool
    extra: dict[str, Any]

    @property
    def title(self) -> str | None:
        """The Ukrainian title (`ua` in this API), else the first there is."""
        return self.titles.get("ua") or next((title for title in self.titles.values() if title), None)


# Of every shop, and all of them in shops before v4.0, which cannot list theirs (`horoshop-api.md` §3.1).
BUILT_IN_STATUSES = {
    1: Status(1, {"ua": "Нове", "en": "New"}, is_successful=False, extra={}),
    2: Status(2, {"ua": "В обробці", "en": "Processing"}, is_successful=False, extra={}),
    3: Status(3, {"ua": "Доставлене", "en": "Delivered"}, is_successful=True, extra={}),
    4: Status(4, {"ua": "Не доставлене", "en": "Canceled"}, is_successful=False, extra={}),
    6: Status(6, {"ua": "Надіслане", "en": "Shipping"}, is_successful=False, extra={}),
}


def parse_statuses(statuses: Any) -> dict[int, Status]:
    """Read `response.statuses`: an object keyed by id, or the list that PHP makes of one.

    Returns:
        The statuses by id; rows without an id are left out.
    """
    rows = statuses.values() if isinstance(statuses, dict) else statuses if isinstance(statuses, list) else []
    found = {}
    for row in rows:
        number = whole(_object(row).get("id"))
        if number is None:
            continue
        title = row.get("title")
        titles = {str(lang): str(text) for lang, text in title.items() if text} if isinstance(title, dict) else {}
        if isinstance(title, str) and title:
            titles = {"ua": title}
        found[number] = Status(number, titles, bool(flag(row.get("is_successful"))), _rest(row, KNOWN_OF_STATUS))
    return found


def status_record(status: Status) -> dict[str, Any]:
    """Return a record of `order_statuses`."""
    return {
        "id": status.id,
        "title": status.title,
        "titles": status.titles,
        "is_successful": status.is_successful,
        "extra": status.extra,
    }


def contact_record(row: Row, *, zone: ZoneInfo, name_order: str = AUTO) -> dict[str, Any]:
    """Turn a row of `users/export` into a record of `contacts`.

    Raises:
        BadRow: It has no id, or no date of registration.
    """
    number, registered = _key_and_date(row, "id", "registered")
    full_name = text(row.get("title"))
    name = split_name(full_name, name_order)
    return {
        "id": number,
        "email": text(row.get("email")),
        "phone": text(row.get("phone")),
        "full_name": full_name,
        "first_name": name.first,
        "last_name": name.last,
        "middle_name": name.middle,
        "country": text(row.get("country")),
        "city": text(row.get("city")),
        "address": text(row.get("address")),
        "registered_at": with_offset(registered, zone),
        "newsletter_subscribed": flag(row.get("newsletter_subscription")),
        "note": text(row.get("note")),
        "company": text(row.get("company")),
        "role": text(row.get("role")),
        "customer_group_id": whole(row.get("customer_group_id")),
        "balance": money(row.get("balance")),
        "balance_currency": text(row.get("balance_currency")),
        "manager": plain_json(_object(row.get("manager"))) or None,
        "extra": _rest(row, KNOWN_OF_CONTACT),
    }


def order_record(row: Row, *, zone: ZoneInfo, statuses: Mapping[int, Status], name_order: str = AUTO) -> dict[str, Any]:
    """Turn a row of `orders/get` into a record of `orders`.

    Raises:
        BadRow: It has no order number, or no date of creation.
    """
    get = row.get
    number, created = _key_and_date(row, "order_id", "stat_created")
    full_name = text(get("delivery_name"))
    name = split_name(full_name, name_order)
    status_id = whole(get("stat_status"))
    status = statuses.get(status_id) if status_id is not None else None
    delivery, payment = _object(get("delivery_type")), _object(get("payment_type"))
    analytics, waybill = _object(get("analytics")), _object(get("delivery_data"))
    source = analytics.get
    delivery_price = money(get("delivery_price"))
    return {
        "order_id": number,
        "user_id": whole(get("user")),
        "created_at": with_offset(created, zone),
        "status_id": status_id,
        "status_title": status.title if status else None,
        "status_titles": status.titles if status else {},
        "email": text(get("delivery_email")),
        "phone": text(get("delivery_phone")),
        "full_name": full_name,
        "first_name": name.first,
        "last_name": name.last,
        "middle_name": name.middle,
        "country": text(get("delivery_country")),
        "city": text(get("delivery_city")) or text(get("delivery_city_stable")),
        "address": text(get("delivery_address")),
        "delivery_type": text(delivery.get("title")),
        "delivery_type_id": whole(delivery.get("id")),
        # -1 stands for the carrier's tariff, or not calculated (`horoshop-api.md` §2.4): no price.
        "delivery_price": delivery_price if delivery_price is not None and delivery_price >= 0 else None,
        "payment_type": text(payment.get("title")),
        "payment_type_id": whole(payment.get("id")),
        "payment_price": money(get("payment_price")),
        "paid": bool(flag(get("payed"))),
        "total": money(get("total_sum")),
        "total_before_discount": money(get("total_default")),
        "quantity": number_of(get("total_quantity")),
        "discount_percent": number_of(get("discount_percent")),
        "discount_value": money(get("discount_value")),
        "coupon_code": text(get("coupon_code")),
        "coupon_percent": number_of(get("coupon_percent")),
        "coupon_discount": money(get("coupon_discount_value")),
        "manager_discount": money(get("manager_discount")),
        "currency": text(get("currency")),
        "products": [_product(product) for product in _list(get("products")) if isinstance(product, dict)],
        "comment": text(get("comment")),
        "manager_comment": text(get("manager_comment")),
        "tracking_number": text(waybill.get("tnNumber")),
        "tracking_status": text(waybill.get("tnStatusName")),
        "estimated_delivery": _moment_or_text(waybill.get("estimatedDeliveryDate"), zone),
        # Google Ads' campaign ids arrive as numbers (`horoshop-api.md` §2.7).
        "utm_source": text(source("utm_source")) or "",
        "utm_medium": text(source("utm_medium")) or "",
        "utm_campaign": text(source("utm_campaign")) or "",
        "utm_term": text(source("utm_term")) or "",
        "utm_content": text(source("utm_content")) or "",
        "google_client_id": text(source("google_client_id")) or "",
        "extra": _order_extra(row, analytics, waybill),
    }


def row_key(row: Row, key: str) -> int | None:
    """Return a row's key, or None when it has none that can be used."""
    return whole(_object(row).get(key))


def _key_and_date(row: Row, key: str, date: str) -> tuple[int, dt.datetime]:
    number = row_key(row, key)
    if number is None:
        raise BadRow(f"a row without a usable {key}")
    moment = parse_stamp(row.get(date))
    if moment is None:
        raise BadRow(f"{key} {number}, whose {date} is no date")
    return number, moment


def _product(row: Row) -> dict[str, Any]:
    get = row.get
    product: dict[str, Any] = {
        "article": text(get("article")),
        "title": text(get("title")),
        "price": money(get("price")),
        "quantity": number_of(get("quantity")),
        "total_price": money(get("total_price")),
        "type": text(get("type")),
        "discount_marker": text(get("discount_marker")),
        "storage_id": whole(get("storage_id")),
        "parent_storage_id": whole(get("parent_storage_id")),
    }
    extra = _rest(row, KNOWN_OF_PRODUCT)
    if extra:
        product["extra"] = extra
    return product


def _order_extra(row: Row, analytics: Row, waybill: Row) -> dict[str, Any]:
    """Keep what the contract has no field for; of objects that are taken apart, the parts that are left."""
    extra = _rest(row, KNOWN_OF_ORDER)
    for key, rest in (("analytics", _rest(analytics, UTM)), ("delivery_data", _rest(waybill, KNOWN_OF_WAYBILL))):
        if rest:
            extra[key] = rest
    return extra


def _moment_or_text(value: Any, zone: ZoneInfo) -> str | None:
    words = text(value)
    moment = parse_stamp(words)
    has_time = words is not None and len(words) > len("YYYY-MM-DD")
    return with_offset(moment, zone) if moment and has_time else words


def _rest(row: Row, known: frozenset[str]) -> dict[str, Any]:
    unknown = _unknown_of(tuple(row), known)
    if not unknown:
        return {}
    return {key: value if type(value := row[key]) in PLAIN else plain_json(value) for key in unknown}


@lru_cache(maxsize=200)
def _unknown_of(keys: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    """Return the keys that the contract has no field for; a shop's rows have the same keys, but for a few."""
    return tuple(key for key in keys if key not in known)


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


KNOWN_OF_STATUS = frozenset({"id", "title", "is_successful"})
KNOWN_OF_CONTACT = frozenset({
    "id", "title", "email", "phone", "country", "city", "address", "registered", "newsletter_subscription", "note",
    "company", "role", "customer_group_id", "balance", "balance_currency", "manager",
})  # fmt: skip
KNOWN_OF_ORDER = frozenset({
    "order_id", "user", "stat_created", "stat_status", "delivery_name", "delivery_email", "delivery_phone",
    "delivery_country", "delivery_city", "delivery_address", "delivery_type", "delivery_price", "payment_type",
    "payment_price", "payed", "total_sum", "total_default", "total_quantity", "discount_percent", "discount_value",
    "coupon_code", "coupon_percent", "coupon_discount_value", "manager_discount", "currency", "products", "comment",
    "manager_comment", "analytics", "delivery_data",
})  # fmt: skip
KNOWN_OF_PRODUCT = frozenset({
    "article", "title", "price", "quantity", "total_price", "type", "discount_marker", "storage_id",
    "parent_storage_id",
})  # fmt: skip
KNOWN_OF_WAYBILL = frozenset({"tnNumber", "tnStatusName", "estimatedDeliveryDate"})
