"""Each kind of fault does what the table says, to the requests that it is meant for."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from horoshop_esputnik_sandbox import SandboxError
from horoshop_esputnik_sandbox.effects import EFFECTS
from horoshop_esputnik_sandbox.faults import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox

    Call = Callable[..., requests.Response]
    Shop = Callable[..., Any]

ORDER = {
    "externalOrderId": "1",
    "email": "a@example.com",
    "status": "INITIALIZED",
    "date": "2026-02-11",
    "totalCost": 1,
    "currency": "UAH",
}


@pytest.fixture
def post(esputnik: Call) -> Call:
    """Send one order."""
    return lambda **more: esputnik("POST", "/v1/orders", {"orders": [ORDER]}, **more)


def test_every_kind_has_an_effect_and_a_test() -> None:
    here = Path(__file__).read_text()
    assert set(EFFECTS) == set(KINDS)
    assert all(f'kind="{kind}"' in here for kind in KINDS)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 524])
def test_status_answers_without_the_work(fresh: Sandbox, post: Call, status: int) -> None:
    fresh.fail(api="esputnik", kind="status", status=status, headers={"x-fault": "1"}, body={"message": "no"})
    answer = post()
    assert (answer.status_code, answer.headers["x-fault"], answer.json()) == (status, "1", {"message": "no"})
    assert fresh.sent_orders() == []
    assert post().status_code == 200


def test_a_body_may_be_a_text(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", status=400, body="Bad date")
    assert post().text == "Bad date"


def test_status_after_answers_a_failure_of_what_was_done(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", kind="status_after", status=502)
    assert post().status_code == 502
    assert len(fresh.sent_orders()) == 1


@pytest.mark.parametrize("status", [200, 503])
def test_html_is_a_page(fresh: Sandbox, post: Call, status: int) -> None:
    fresh.fail(api="esputnik", kind="html", status=status)
    answer = post()
    assert (answer.status_code, "<html" in answer.text) == (status, True)
    assert fresh.sent_orders() == []


def test_drop_before_closes_the_connection_with_nothing_done(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", kind="drop_before")
    with pytest.raises(requests.ConnectionError):
        post()
    assert fresh.sent_orders() == []
    assert fresh.requests("esputnik")[-1]["status"] is None
    assert post().status_code == 200


def test_drop_after_closes_the_connection_with_the_work_done(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", kind="drop_after")
    with pytest.raises(requests.ConnectionError):
        post()
    assert len(fresh.sent_orders()) == 1
    assert fresh.requests("esputnik")[-1]["status"] is None


def test_truncate_cuts_the_body_under_the_length_of_the_whole(fresh: Sandbox, shop: Shop) -> None:
    whole = shop("orders/get", limit=5)
    fresh.fail(api="shop", kind="truncate")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        shop("orders/get", limit=5)
    assert shop("orders/get", limit=5) == whole


def test_delay_waits_before_the_work(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", kind="delay", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        post_within(fresh, 0.1)
    assert fresh.sent_orders() == []
    begun = time.monotonic()
    fresh.fail(api="esputnik", kind="delay", seconds=0.2)
    assert post().status_code == 200
    assert time.monotonic() - begun >= 0.2


def test_delay_after_waits_with_the_work_done(fresh: Sandbox) -> None:
    fresh.fail(api="esputnik", kind="delay_after", seconds=0.5)
    with pytest.raises(requests.ReadTimeout):
        post_within(fresh, 0.2)
    assert len(fresh.sent_orders()) == 1


def post_within(sandbox: Sandbox, seconds: float) -> None:
    address = f"{sandbox.esputnik_url}/v1/orders"
    requests.post(address, json={"orders": [ORDER]}, auth=("", sandbox.api_key), timeout=seconds)


def test_garbage_is_no_json(fresh: Sandbox, shop: Shop) -> None:
    fresh.fail(api="shop", kind="garbage")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        shop("orders/get")


def test_empty_is_200_with_nothing(fresh: Sandbox, esputnik: Call) -> None:
    fresh.fail(api="esputnik", kind="empty")
    answer = esputnik("GET", "/v1/account/info")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_points_elsewhere(fresh: Sandbox, post: Call, status: int) -> None:
    fresh.fail(api="esputnik", kind="redirect", to="https://platform.example.com/", status=status)
    answer = post(allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (status, "https://platform.example.com/")


def test_rate_limit_says_when_in_every_form(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", kind="rate_limit")
    assert (post().status_code, "retry-after" in post().headers) == (429, False)
    fresh.fail(api="esputnik", kind="rate_limit", seconds=2)
    assert post().headers["retry-after"] == "2"
    fresh.fail(api="esputnik", kind="rate_limit", seconds=2, date=True)
    moment = parsedate_to_datetime(post().headers["retry-after"])
    assert 0 <= moment.timestamp() - time.time() <= 3


def test_charset_is_another_one(fresh: Sandbox, token: str) -> None:
    fresh.fail(api="shop", kind="charset")
    answer = requests.post(f"{fresh.shop_url}/api/orders/get/", json={"token": token, "limit": 3}, timeout=10)
    assert answer.headers["content-type"] == "application/json; charset=windows-1251"
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()
    assert fresh.orders()[0]["delivery_name"] in str(json.loads(answer.content.decode("windows-1251")))


@pytest.mark.parametrize(("escaped", "error"), [(True, None), (False, UnicodeDecodeError)])
def test_half_character_is_half_a_letter(
    fresh: Sandbox, token: str, escaped: bool, error: type[Exception] | None
) -> None:
    fresh.fail(api="shop", kind="half_character", escaped=escaped)
    body = requests.post(f"{fresh.shop_url}/api/orders/get/", json={"token": token, "limit": 3}, timeout=10).content
    if error:
        with pytest.raises(error):
            body.decode()
    assert len(json.loads(body.decode("utf-8", "replace"))["response"]["orders"]) == 3
    assert (rb"\ud83d" in body) is escaped


def test_expire_token_ends_the_token_in_mid_paging(fresh: Sandbox, shop: Shop) -> None:
    fresh.fail(api="shop", path="/orders/get", after=1, kind="expire_token")
    words = [shop("orders/get", limit=10, offset=offset)["status"] for offset in (0, 10, 20)]
    assert words == ["OK", "UNAUTHORIZED", "UNAUTHORIZED"]
    login = shop("auth", login=fresh.username, password=fresh.password)
    assert shop("orders/get", token=login["response"]["token"])["status"] == "OK"


def test_huge_is_many_bytes(fresh: Sandbox, esputnik: Call) -> None:
    fresh.fail(api="esputnik", kind="huge", bytes=3_000_000)
    answer = esputnik("GET", "/v1/account/info")
    assert len(answer.content) == 3_000_000
    assert answer.json()["orgId"]


def test_gzip_bomb_is_few_bytes_that_become_many(fresh: Sandbox, esputnik: Call) -> None:
    fresh.fail(api="esputnik", kind="gzip_bomb", bytes=2**23)
    answer = esputnik("GET", "/v1/account/info", stream=True)
    packed = answer.raw.read(decode_content=False)
    answer.close()
    assert len(packed) < 2**16
    assert len(gzip.decompress(packed)) == 2**23
    assert zlib.decompress(packed, wbits=47) == b" " * 2**23


def test_drip_sends_the_body_slowly(fresh: Sandbox, esputnik: Call) -> None:
    fresh.fail(api="esputnik", kind="drip", seconds=0.3)
    begun = time.monotonic()
    assert esputnik("GET", "/v1/account/info").json()["orgId"]
    assert time.monotonic() - begun >= 0.25


def test_change_alters_the_shop_between_two_pages(fresh: Sandbox, shop: Shop) -> None:
    do = [["delete_order", {"id": 10_001}], ["place_order", {"delivery_email": "new@example.com"}]]
    fresh.fail(api="shop", path="/orders/get", after=1, kind="change", do=do)
    pages = [shop("orders/get", limit=2, offset=offset)["response"]["orders"] for offset in (0, 2)]
    assert [[order["order_id"] for order in page] for page in pages] == [[10_001, 10_002], [10_004, 10_005]]
    assert fresh.orders()[-1]["delivery_email"] == "new@example.com"


def statuses(call: Call, times: int) -> list[int]:
    return [call().status_code for _ in range(times)]


def test_after_and_times_say_which_requests(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", path="/v1/orders", after=2, times=2, status=503)
    assert statuses(post, 6) == [200, 200, 503, 503, 200, 200]
    assert fresh.faults()[0]["done"] == 2


def test_times_none_is_always_until_cleared(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", times=None, status=503)
    assert statuses(post, 5) == [503] * 5
    fresh.clear_faults()
    assert statuses(post, 2) == [200, 200]
    assert fresh.faults() == []


def test_path_method_and_api_say_which_requests(fresh: Sandbox, esputnik: Call, post: Call, shop: Shop) -> None:
    number = fresh.create_contact(email="a@example.com")
    fresh.fail(api="esputnik", path="/api/v1/contact/*", method="get", times=None, status=503)
    assert esputnik("GET", f"/v1/contact/{number}").status_code == 503
    assert esputnik("GET", f"/v1/contact/{number}/").status_code == 503
    assert esputnik("PUT", f"/v1/contact/{number}", {"firstName": "A"}).status_code == 200
    assert esputnik("GET", "/v1/contacts").status_code == 200
    assert post().status_code == 200
    fresh.fail(kind="status", path="orders/get", status=200, body={"status": "EXCEPTION", "response": {"message": "x"}})
    assert shop("orders/get")["status"] == "EXCEPTION"


def test_probability_strikes_some_requests_the_same_ones_each_time(fresh: Sandbox, post: Call) -> None:
    rounds = []
    for _ in range(2):
        fresh.reset()
        fresh.fail(api="esputnik", times=None, probability=0.5, status=503)
        rounds.append(statuses(post, 20))
    assert rounds[0] == rounds[1]
    assert {200, 503} == set(rounds[0])


def test_two_faults_strike_in_the_order_in_which_they_were_given(fresh: Sandbox, post: Call) -> None:
    fresh.fail(api="esputnik", status=500)
    fresh.fail(api="esputnik", status=429)
    assert statuses(post, 3) == [500, 429, 200]


def test_what_no_fault_has_is_refused_with_what_there_is(fresh: Sandbox) -> None:
    with pytest.raises(SandboxError, match=r"no fault is of kind 'explode'; there are: status, .*gzip_bomb"):
        fresh.fail(kind="explode")
    with pytest.raises(SandboxError, match=r"kind html has no option seconds; it has: .*status"):
        fresh.fail(kind="html", seconds=1)
    with pytest.raises(SandboxError, match="api is one of shop, esputnik"):
        fresh.fail(api="bank")


def test_a_client_that_keeps_its_connection_meets_a_drop_and_goes_on(fresh: Sandbox) -> None:
    with requests.Session() as session:
        session.auth = ("", fresh.api_key)
        address = f"{fresh.esputnik_url}/v1/version"
        assert session.get(address, timeout=10).status_code == 200
        fresh.fail(api="esputnik", kind="drop_before")
        with pytest.raises(requests.ConnectionError):
            session.get(address, timeout=10)
        assert json.loads(session.get(address, timeout=10).content)["version"]


def test_a_fault_may_be_about_the_requests_that_carry_something(fresh: Sandbox, esputnik: Call, post: Call) -> None:
    fresh.fail(api="esputnik", carrying="poison@", times=None, kind="status", status=500)
    poisoned = {"orders": [ORDER | {"email": "poison@example.com"}]}
    assert esputnik("POST", "/v1/orders", poisoned).status_code == 500
    assert post().status_code == 200
    assert esputnik("POST", "/v1/orders", poisoned).status_code == 500
