"""The sample shop: the same for the same wish, of any size, with every oddity that a real one has."""

from __future__ import annotations

import re
import time
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox
from horoshop_esputnik_sandbox.sample.days import parse_written
from horoshop_esputnik_sandbox.sample.phones import BAD, FORMS
from horoshop_esputnik_sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows = list[dict[str, Any]]
AS_OF = "2026-05-15T12:00:00"
KYIV = ZoneInfo("Europe/Kyiv")


def rows_of(*, customers: int = 400, orders: int = 1500, seed: int = 1, as_of: str = AS_OF) -> tuple[Rows, Rows]:
    moment = datetime.fromisoformat(as_of)
    world = World(customers=customers, orders=orders, seed=seed, as_of=moment, switches=None, brief=True)
    return tuple(  # type: ignore[return-value]
        [row for number in rows.window(None, None) if (row := rows.get(number)) is not None]
        for rows in (world.shop.customers, world.shop.orders)
    )


@pytest.fixture(scope="module")
def shop() -> tuple[Rows, Rows]:
    return rows_of()


@pytest.fixture(scope="module")
def customers(shop: tuple[Rows, Rows]) -> Rows:
    return shop[0]


@pytest.fixture(scope="module")
def orders(shop: tuple[Rows, Rows]) -> Rows:
    return shop[1]


def money(value: float) -> Decimal:
    return Decimal(str(value))


def test_the_same_wish_gives_the_same_shop(shop: tuple[Rows, Rows]) -> None:
    assert rows_of() == shop


@pytest.mark.parametrize("other", [{"seed": 2}, {"customers": 401}, {"orders": 1501}, {"as_of": "2026-05-16T12:00:00"}])
def test_another_wish_gives_another_shop(shop: tuple[Rows, Rows], other: dict[str, Any]) -> None:
    assert rows_of(**other) != shop


def test_sizes_are_exact_and_numbers_without_gaps(customers: Rows, orders: Rows) -> None:
    assert [row["id"] for row in customers] == list(range(1001, 1401))
    assert [row["order_id"] for row in orders] == list(range(10_001, 11_501))


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_tiny_shops_are_shops(size: tuple[int, int]) -> None:
    customers, orders = rows_of(customers=size[0], orders=size[1])
    assert (len(customers), len(orders)) == size


def test_times_rise_with_numbers_and_end_before_as_of(customers: Rows, orders: Rows) -> None:
    for rows, field in ((customers, "registered"), (orders, "stat_created")):
        times = [row[field] for row in rows]
        assert times == sorted(times)
        assert times[-1] <= "2026-05-15 12:00:00"
    assert orders[0]["stat_created"] >= "2025-04-09"


def test_a_fifth_of_the_orders_is_from_the_last_30_days(orders: Rows) -> None:
    recent = sum(order["stat_created"] >= "2026-04-15 12:00:00" for order in orders)
    assert 0.17 < recent / len(orders) < 0.23


def test_orders_without_order_level_discount_cost_what_their_lines_cost(orders: Rows) -> None:
    plain = [o for o in orders if not (o["coupon_code"] or o["discount_value"] or o["manager_discount"])]
    assert len(plain) > 1000
    for order in plain:
        paid = [line for line in order["products"] if line["type"] != "set_item"]
        assert money(order["total_default"]) == money(order["total_sum"])
        assert money(order["total_sum"]) == sum(money(line["total_price"]) for line in paid)


def test_discounts_are_what_lies_between_the_two_totals(orders: Rows) -> None:
    kinds: Counter[str] = Counter()
    for order in orders:
        coupon, value = money(order["coupon_discount_value"]), money(order["discount_value"])
        manager = money(order["manager_discount"])
        assert money(order["total_default"]) - money(order["total_sum"]) == coupon + value + manager
        assert (order["coupon_code"] == "") == (coupon == 0)
        kinds.update(name for name, off in (("coupon", coupon), ("value", value), ("manager", manager)) if off)
    assert all(kinds[name] > 10 for name in ("coupon", "value", "manager"))


def test_percents_of_coupons_explain_their_values(orders: Rows) -> None:
    for order in orders:
        exact = money(order["total_default"]) * money(order["coupon_percent"]) / 100
        assert abs(exact - money(order["coupon_discount_value"])) <= Decimal("0.51")


def test_lines_cost_price_times_quantity_to_the_kopeck(orders: Rows) -> None:
    for order in orders:
        for line in order["products"]:
            exact = money(line["price"]) * money(line["quantity"])
            assert abs(exact - money(line["total_price"])) <= Decimal("0.005")
            assert money(line["total_price"]) == round(money(line["total_price"]), 2)


def test_every_kind_of_line_comes(orders: Rows) -> None:
    lines = [line for order in orders for line in order["products"]]
    kinds = Counter(line["type"] for line in lines)
    assert set(kinds) == {"product", "gift", "gift_parent", "set_main", "set_item"}
    assert all(line["price"] == 0 for line in lines if line["type"] == "gift")
    assert any(line["quantity"] != int(line["quantity"]) for line in lines)
    assert any(line["price"] != int(line["price"]) for line in lines)
    assert {line["price"] > 0 for line in lines if line["type"] == "set_item"} == {True, False}
    assert any(line["article"].isdecimal() for line in lines)


def test_statuses_are_those_of_the_shop_with_its_own(orders: Rows) -> None:
    assert set(Counter(order["stat_status"] for order in orders)) == {1, 2, 3, 4, 6, 8}


def test_every_oddity_of_the_api_comes(orders: Rows) -> None:
    campaigns = {type(order["analytics"]["utm_campaign"]) for order in orders}
    assert campaigns == {str, int}
    assert {order["delivery_price"] for order in orders} >= {-1, 0, 89.5}
    assert {type(order["delivery_data"]["destination"]) for order in orders} == {dict, type(None)}
    seconds = Counter(order["stat_created"] for order in orders)
    assert max(seconds.values()) >= 2


def test_buyers_are_customers_guests_and_callers(customers: Rows, orders: Rows) -> None:
    registered = {customer["email"].lower(): customer["registered"] for customer in customers if customer["email"]}
    by_mail = [order for order in orders if order["delivery_email"]]
    known = [order for order in by_mail if order["delivery_email"].lower() in registered]
    later = [o for o in known if registered[o["delivery_email"].lower()] > o["stat_created"]]
    guests = Counter(o["delivery_email"].lower() for o in by_mail if o["delivery_email"].lower() not in registered)
    assert len(known) > 500
    assert len(later) > 30
    assert sum(count > 1 for count in guests.values()) > 50
    assert sum(1 for o in orders if not o["delivery_email"] and o["delivery_phone"]) > 100
    assert sum(1 for o in orders if not o["delivery_email"] and not o["delivery_phone"]) > 5


def test_the_user_of_an_order_is_no_customer_key(customers: Rows, orders: Rows) -> None:
    owners = {customer["id"] for customer in customers}
    assert len({order["user"] for order in orders}) > len(orders) / 2
    # A guest's address carries a number beyond all customers'.
    numbers = [re.search(r"(\d+)@example", order["delivery_email"]) for order in orders if order["user"] in owners]
    assert any(number is not None and int(number[1]) >= len(customers) for number in numbers)


def test_accounts_share_emails_in_other_case_and_phones(customers: Rows) -> None:
    emails = Counter(customer["email"].lower() for customer in customers if customer["email"])
    assert sum(count > 1 for count in emails.values()) >= 3
    assert len({customer["email"] for customer in customers if customer["email"]}) > len(emails)
    digits = Counter(re.sub(r"\D", "", customer["phone"])[-9:] for customer in customers if customer["phone"])
    assert sum(count > 1 for count in digits.values()) >= 4
    assert any(not customer["email"] for customer in customers)
    assert any(not customer["phone"] for customer in customers)
    assert any(not customer["title"] for customer in customers)


def test_optional_fields_of_customers_come(customers: Rows) -> None:
    assert {customer["newsletter_subscription"] for customer in customers} == {0, 1}
    assert any(customer["note"] for customer in customers)
    business = [customer for customer in customers if "company" in customer]
    assert 0 < len(business) < len(customers)
    assert set(business[0]["manager"]) == {"id", "name", "phone"}


def test_names_have_apostrophes_hyphens_patronymics_and_both_orders(customers: Rows) -> None:
    titles = [customer["title"] for customer in customers]
    for mark in ("'", "’", "ʼ", "-"):
        assert any(mark in title for title in titles), mark
    firsts = {"Олена", "Тарас", "Андрій", "Оксана", "Юлія"}
    assert any(title.split()[:1] and title.split()[0] in firsts for title in titles)
    assert any(len(title.split()) == 2 and title.split()[1] in firsts for title in titles)
    assert any(title.endswith(("івна", "ович", "ївна")) for title in titles)
    assert any(re.search(r"(івна|ович) \S+$", title) for title in titles)


def test_texts_are_nasty_but_free_of_nul(customers: Rows, orders: Rows) -> None:
    texts = [row["title"] for row in customers] + [order["delivery_name"] for order in orders]
    for nasty in ("🌻", "&quot;", "<b>", "مريم", "@@@", "\u200b"):
        assert any(nasty in text for text in texts), nasty
    assert not any("\0" in text for text in texts)


def test_phones_are_typed_in_a_dozen_ways_and_some_are_none(orders: Rows) -> None:
    assert len(FORMS) >= 12
    shapes = {re.sub(r"\d", "0", order["delivery_phone"]) for order in orders if order["delivery_phone"]}
    assert len(shapes) >= 12
    assert any(order["delivery_phone"] in BAD for order in orders)
    assert any("," in order["delivery_phone"] for order in orders)


def test_emails_lead_nowhere(customers: Rows, orders: Rows) -> None:
    emails = [row["email"] for row in customers] + [order["delivery_email"] for order in orders]
    hosts = {email.rpartition("@")[2].lower().strip(" ,") for email in emails if "@" in email}
    assert hosts - {""} <= {f"{sub}example.{top}" for sub in ("", "mail.", "shop.") for top in ("com", "org", "net")}
    assert any("@@" in email or email.endswith("@") for email in emails)


def test_nights_when_clocks_change_have_orders_and_no_hour_that_was_not(orders: Rows) -> None:
    times = [order["stat_created"] for order in orders]
    assert sum(time.startswith("2025-10-26 03:") for time in times) >= 3
    spring = [time for time in times if time.startswith("2026-03-29 0")]
    assert {"2026-03-29 02:59:30", "2026-03-29 04:00:00"} <= set(spring)
    assert not any(time.startswith("2026-03-29 03:") for time in times)


def test_a_dense_shop_has_no_hour_that_was_not_either() -> None:
    world = World(customers=0, orders=300_000, seed=1, as_of=datetime.fromisoformat(AS_OF), switches=None, brief=True)
    for night in ("2025-10-26", "2026-03-29"):
        since, until = parse_written(f"{night} 00:00:00"), parse_written(f"{night} 08:00:00")
        rows = [world.shop.orders.get(number) for number in world.shop.orders.window(since, until)]
        times = [row["stat_created"] for row in rows if row is not None]
        assert len(times) > 100
        assert times == sorted(times)
        assert not any(time.startswith("2026-03-29 03:") for time in times)


def test_the_default_end_is_now_in_kyiv() -> None:
    now = datetime.now(KYIV).replace(tzinfo=None)
    with Sandbox(customers=1, orders=400) as sandbox:
        newest = datetime.fromisoformat(sandbox.orders()[-1]["stat_created"])
    assert now - timedelta(days=3) < newest <= now


@pytest.fixture(scope="module")
def million() -> Iterator[tuple[Sandbox, str]]:
    with Sandbox(customers=200_000, orders=1_000_000, as_of=AS_OF, brief=True) as sandbox:
        login = {"login": sandbox.username, "password": sandbox.password}
        answer = requests.post(f"{sandbox.shop_url}/api/auth/", json=login, timeout=10).json()
        yield sandbox, answer["response"]["token"]


@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_a_page_of_a_million_orders_is_quick_wherever_it_lies(million: tuple[Sandbox, str], sort: str) -> None:
    sandbox, token = million
    sandbox.switch(sort=sort)
    fastest = 99.0
    for offset in (0, 500_000, 999_900):
        query = {"token": token, "limit": 100, "offset": offset}
        begun = time.perf_counter()
        answer = requests.post(f"{sandbox.shop_url}/api/orders/get/", json=query, timeout=30).json()
        fastest = min(fastest, time.perf_counter() - begun)
        assert len(answer["response"]["orders"]) == 100
    # 5 ms of work on a quiet machine; the limit leaves room for a busy one, none for walking through a million rows.
    assert fastest < 0.2


def test_a_window_of_a_million_orders_is_found_without_reading_them(million: tuple[Sandbox, str]) -> None:
    sandbox, token = million
    query = {"token": token, "limit": 100, "from": "2026-05-01 00:00:00", "to": "2026-05-01 00:30:00"}
    orders = requests.post(f"{sandbox.shop_url}/api/orders/get/", json=query, timeout=30).json()["response"]["orders"]
    assert orders
    assert all("2026-05-01 00:00:00" <= order["stat_created"] <= "2026-05-01 00:30:00" for order in orders)
    assert sandbox.counts()["orders"] == 1_000_000


def test_a_brief_sandbox_counts_and_keeps_nothing(million: tuple[Sandbox, str]) -> None:
    sandbox, _ = million
    assert sandbox.requests() == []
    assert sandbox.counts()["requests"]["shop POST /auth 200"] == 1


@pytest.mark.parametrize("size", [{"orders": 1_000_001}, {"orders": -1}, {"customers": -1}])
def test_a_size_out_of_range_is_refused(size: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1000000"):
        Sandbox(**size)
