"""The control API and its client: what can be changed, what can be seen, what is kept."""

from __future__ import annotations

import gc
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox, SandboxClient, SandboxError
from horoshop_esputnik_sandbox.requestlog import RequestLog

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_client_elsewhere_can_do_the_same(fresh: Sandbox) -> None:
    client = SandboxClient(fresh.control_url)
    number = client.register(title="Іваненко Іван", email="i@example.com")
    assert fresh.customers()[-1]["id"] == number == 1061
    assert requests.get(fresh.control_url, timeout=10).json() == fresh.addresses()


def test_accounts_are_registered_edited_and_deleted(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    number = fresh.register(title="Іваненко Іван", email="i@example.com", newsletter_subscription=1)
    fresh.edit_customer(number, phone="0501112233")
    fresh.delete_customer(1001)
    users = shop("users/export", limit=500)["response"]["users"]
    assert (users[0]["id"], len(users)) == (1002, 60)
    assert (users[-1]["email"], users[-1]["phone"], users[-1]["city"]) == ("i@example.com", "0501112233", "")
    assert users[-1]["registered"] > users[-2]["registered"]


def test_orders_are_placed_with_money_that_follows_from_their_products(fresh: Sandbox) -> None:
    products = [{"title": "Чай", "price": 10.5, "quantity": 2}, {"price": 3, "quantity": 0.5, "article": "X"}]
    number = fresh.place_order(delivery_email="i@example.com", products=products)
    row = fresh.orders()[-1]
    assert row["order_id"] == number == 10_151
    assert (row["total_sum"], row["total_default"], row["stat_status"]) == (22.5, 22.5, 1)
    assert [(p["title"], p["article"], p["total_price"]) for p in row["products"]] == [
        ("Чай", "A-1", 21.0),
        ("Товар 2", "X", 1.5),
    ]


def test_fields_that_the_shop_does_not_know_are_kept(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    number = fresh.place_order(customer_details={"group": 1})
    assert shop("orders/get", ids=[number])["response"]["orders"][0]["customer_details"] == {"group": 1}


def test_a_misprinted_row_leaves_otherwise_than_the_shop_holds_it(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    shop("orders/get", ids=[10_001])
    fresh.misprint("orders", 10_001, {"total_sum": "NaN"}, without=["comment"])
    fresh.misprint("customers", 1001, {"registered": None})
    [row] = shop("orders/get", ids=[10_001])["response"]["orders"]
    assert (row["total_sum"], "comment" in row) == ("NaN", False)
    assert fresh.orders()[0]["total_sum"] != "NaN"
    assert shop("users/export", limit=1)["response"]["users"][0]["registered"] is None
    with pytest.raises(SandboxError, match="there is no 5"):
        fresh.misprint("orders", 5)
    with pytest.raises(SandboxError, match="not of 'goods'"):
        fresh.misprint("goods", 5)


def test_what_is_not_there_is_an_error_with_a_sentence(fresh: Sandbox) -> None:
    for act in (fresh.edit_order, fresh.delete_order, fresh.edit_customer, fresh.delete_customer, fresh.delete_contact):
        with pytest.raises(SandboxError, match="there is no 5"):
            act(5)
    with pytest.raises(SandboxError, match="the shop has no status 5; it has 1, 2, 3, 4, 6, 8"):
        fresh.set_status(10_001, 5)
    with pytest.raises(SandboxError, match="order_id 10001 is taken"):
        fresh.place_order(order_id=10_001)
    with pytest.raises(SandboxError, match=r"place_order: .*does not match format"):
        fresh.place_order(stat_created="yesterday")


def test_unknown_operations_and_views_name_those_that_there_are(fresh: Sandbox) -> None:
    operation = requests.post(f"{fresh.control_url}/do/dance", json={}, timeout=10)
    assert (operation.status_code, "set_status" in operation.json()["error"]) == (400, True)
    view = requests.get(f"{fresh.control_url}/see/nothing", timeout=10)
    assert (view.status_code, "sent_contacts" in view.json()["error"]) == (404, True)
    no_number = requests.get(f"{fresh.control_url}/see/orders", params={"offset": "x"}, timeout=10)
    assert no_number.json() == {"error": "offset and limit are whole numbers"}
    no_json = requests.post(f"{fresh.control_url}/do/reset", data="{", timeout=10)
    assert no_json.json() == {"error": "the body is no JSON"}


def test_contacts_are_put_into_esputnik_in_any_state(fresh: Sandbox) -> None:
    fresh.create_contact(email="A@example.com", phone="380501112233", confirmed=False, unsubscribed=True)
    channels = [{"type": "email", "value": f"{n}@example.com", "confirmed": bool(n)} for n in range(2)]
    fresh.create_contact(channels=channels, externalCustomerId="h-1", fields=[{"id": 40011, "value": "x"}])
    first, second = fresh.sent_contacts()
    assert [(c["confirmed"], c["unsubscribed"]) for c in first["channels"]] == [(False, True), (None, False)]
    assert [c["confirmed"] for c in second["channels"]] == [False, True]
    assert (second["externalCustomerId"], second["fields"]) == ("h-1", [{"id": 40011, "value": "x"}])


def test_requests_are_kept_with_what_they_said_but_no_secrets(
    fresh: Sandbox, token: str, esputnik: Callable[..., requests.Response]
) -> None:
    body: dict[str, Any] = {"token": token, "limit": 1}
    requests.post(f"{fresh.shop_url}/api/orders/get/", json=body, timeout=10)
    requests.post(f"{fresh.shop_url}/api/orders/get", data=body, timeout=10)
    requests.get(f"{fresh.shop_url}/api/orders/get", params=body, timeout=10)
    esputnik("POST", "/v1/orders/", {"orders": []})
    esputnik("GET", "/v1/contacts", params={"email": "a@example.com"})
    login, as_json, as_form, as_query = fresh.requests("shop")
    assert login["body"] == {"login": fresh.username, "password": "[secure]"}
    assert (as_json["path"], as_json["body"], as_json["status"]) == (
        "/orders/get",
        {"token": "[secure]", "limit": 1},
        200,
    )
    assert as_form["body"] == {"token": "[secure]", "limit": ["1"]}
    assert as_query["query"] == {"token": "[secure]", "limit": "1"}
    sent, searched = fresh.requests("esputnik")
    assert (sent["method"], sent["path"], sent["body"], sent["status"]) == ("POST", "/v1/orders", {"orders": []}, 400)
    assert searched["query"] == {"email": "a@example.com"}
    everything = fresh.requests()
    assert [one["seq"] for one in everything] == sorted(one["seq"] for one in everything)
    assert token not in str(everything)
    assert fresh.password not in str(everything)
    assert "authorization" not in str(everything).lower()


def test_the_oldest_bodies_go_when_there_are_too_many_bytes(fresh: Sandbox) -> None:
    log = RequestLog(fresh._world.clock, counts_only=False)
    for _ in range(5):
        log.receive("shop", "POST", "/x", "", "", b"x" * 20 * 2**20)
    assert [entry.body is None for entry in log.entries(None)] == [True, True, False, False, False]


def test_counts_tell_requests_by_kind_and_answer(fresh: Sandbox, esputnik: Callable[..., requests.Response]) -> None:
    for number in (1, 2):
        esputnik("GET", f"/v1/contact/{number}")
    esputnik("POST", "/v2/event", {"eventTypeKey": "x", "keyValue": "k"})
    esputnik("GET", "/v1/importstatus/3f2b0c1e-8a77-4f41-9c66-1b1de2a0c0aa")
    assert fresh.counts() == {
        "customers": 60,
        "orders": 150,
        "sent_contacts": 0,
        "sent_orders": 0,
        "events": {"x": 1},
        "requests": {
            "esputnik GET /v1/contact/{id} 404": 2,
            "esputnik GET /v1/importstatus/{id} 404": 1,
            "esputnik POST /v2/event 200": 1,
        },
    }


def test_long_lists_are_paged_inside(fresh: Sandbox, bulk: Callable[..., Any]) -> None:
    rows = [{"channels": [{"type": "email", "value": f"{n}@example.com"}]} for n in range(2001)]
    bulk(*rows, dedupeOn="email")
    assert len({held["id"] for held in fresh.sent_contacts()}) == 2001


def test_reset_is_as_new(fresh: Sandbox, shop: Callable[..., Any], esputnik: Callable[..., requests.Response]) -> None:
    before = (fresh.customers(), fresh.orders())
    fresh.place_order()
    fresh.delete_order(10_001)
    fresh.edit_customer(1001, title="X")
    fresh.create_contact(email="a@example.com")
    esputnik("POST", "/v2/event", {"eventTypeKey": "x", "keyValue": "k"})
    fresh.fail(status=500, times=None)
    fresh.switch(sort="desc")
    fresh.reset()
    assert (fresh.customers(), fresh.orders()) == before
    assert (fresh.sent_contacts(), fresh.events(), fresh.requests(), fresh.faults()) == ([], [], [], [])
    assert fresh.switches()["sort"] == "asc"
    assert shop("orders/get")["status"] == "UNAUTHORIZED"


def test_expire_tokens_ends_them(fresh: Sandbox, shop: Callable[..., Any]) -> None:
    fresh.expire_tokens()
    assert shop("orders/get")["status"] == "UNAUTHORIZED"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", "::", ""])  # noqa: S104 - refused
def test_addresses_that_others_reach_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match="loopback addresses only"):
        Sandbox(host=host)


def test_a_taken_port_leaves_no_socket_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            Sandbox(customers=1, orders=1, ports=(0, taken.getsockname()[1], 0)).start()
    gc.collect()  # an open socket would warn here, and warnings are errors


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv6_is_loopback_too() -> None:
    with Sandbox(customers=1, orders=1, host="::1") as sandbox:
        assert sandbox.shop_url.startswith("http://[::1]:")
        assert sandbox.counts()["orders"] == 1


def test_a_sandbox_stops_cleanly_with_an_answer_pending() -> None:
    with Sandbox(customers=1, orders=1) as sandbox:
        sandbox.fail(api="shop", kind="delay", seconds=60)
        failures: list[Exception] = []

        def wait() -> None:
            try:
                requests.post(f"{sandbox.shop_url}/api/auth/", json={}, timeout=20)
            except requests.RequestException as failure:
                failures.append(failure)

        waiting = threading.Thread(target=wait)
        waiting.start()
        while not sandbox.faults()[0]["done"]:
            pass
    waiting.join(10)
    assert not waiting.is_alive()
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.control_url, timeout=5)
