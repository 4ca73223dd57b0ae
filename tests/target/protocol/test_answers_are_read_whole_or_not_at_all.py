"""An answer of eSputnik is neither endless nor endlessly slow, nor taken for whole when it was cut off."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from target_driver import contact, order

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.client import EsputnikClient
from target_esputnik.errors import NoAnswer, TargetError
from target_esputnik.receiving import MOST_BYTES
from target_esputnik.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_driver import Driver

ORDER = {"externalOrderId": "1", "status": "INITIALIZED", "email": "olena@example.com"}


@pytest.fixture
def proxied() -> Iterator[Sandbox]:
    with Sandbox(customers=1, orders=1, proxied=True) as running:
        yield running


@pytest.fixture
def client(proxied: Sandbox) -> Iterator[EsputnikClient]:
    config = {"api_key": proxied.api_key, "api_url": proxied.esputnik_url, "request_timeout": 1}
    talking = EsputnikClient(Settings.from_config(config), give_up_after=1.0)
    yield talking
    talking.close()


@pytest.mark.parametrize("kind", ["huge", "gzip_bomb"])
def test_an_answer_without_measure_is_none_and_fills_no_memory(
    kind: str, proxied: Sandbox, client: EsputnikClient
) -> None:
    proxied.fail(api="esputnik", kind=kind, bytes=4 * MOST_BYTES, times=None)
    with pytest.raises(NoAnswer, match="more than 16 MB"):
        client.contacts_with(email="olena@example.com")


def test_a_refusal_without_measure_is_a_refusal(target: Driver) -> None:
    target.sandbox.fail(api="esputnik", path="/v1/orders", status=400, body="no " * 2**20)
    assert target(orders=[order(1), order(2)]).ended("orders") == {"accepted": 2}


def test_an_answer_that_comes_drop_by_drop_for_ever_is_given_up(proxied: Sandbox, client: EsputnikClient) -> None:
    for number in range(100):
        proxied.create_contact(email=f"olena@example.com{number}")
    proxied.disturb(api="esputnik", kind="sliced", at="answer", bytes=1, seconds=0.2, times=None)
    begun = time.monotonic()
    with pytest.raises(NoAnswer):
        client.contacts_with(email="olena@example.com")
    assert time.monotonic() - begun < 60  # at this pace the list alone would take hours


@pytest.mark.parametrize("bytes_of_the_head", [20, 40, 60])
def test_a_head_that_was_cut_off_is_no_answer(
    bytes_of_the_head: int, proxied: Sandbox, client: EsputnikClient, caplog: pytest.LogCaptureFixture
) -> None:
    proxied.disturb(api="esputnik", kind="limited", at="before_answer", bytes=bytes_of_the_head, times=None)
    with pytest.raises(NoAnswer):
        client.send_orders([ORDER])
    with pytest.raises(NoAnswer):
        client.contacts_with(email="olena@example.com")
    assert not [record for record in caplog.records if record.levelno >= logging.INFO]


@pytest.mark.parametrize("fault", [{"kind": "charset"}, {"kind": "half_character"}], ids=lambda fault: fault["kind"])
def test_what_may_be_written_back_must_be_readable(fault: dict[str, Any], target: Driver) -> None:
    number = target.sandbox.create_contact(email="customer7@example.com", firstName="Олена", confirmed=False)
    target.sandbox.fail(api="esputnik", path=f"/v1/contact/{number}", method="GET", **fault)
    assert target(contacts=[contact(7, first_name=None, last_name="Коваль")]).ended("contacts") == {"accepted": 1}
    [there] = target.sandbox.sent_contacts()
    assert (there["firstName"], there["lastName"]) == ("Олена", "Коваль")


def test_half_a_character_in_an_escape_is_replaced(target: Driver) -> None:
    number = target.sandbox.create_contact(email="customer7@example.com", firstName="Олена", confirmed=False)
    target.sandbox.fail(api="esputnik", path=f"/v1/contact/{number}", method="GET", kind="half_character", escaped=True)
    assert target(contacts=[contact(7)]).ended("contacts") == {"accepted": 1}


def test_every_error_of_reading_is_one_of_ours(proxied: Sandbox, client: EsputnikClient) -> None:
    for at in ("before_answer", "answer"):
        for kind in ("reset", "limited", "slow_close", "timeout"):
            proxied.disturb(api="esputnik", kind=kind, at=at, times=None)
            with pytest.raises(TargetError):
                client.account()
            proxied.clear_disturbances()
