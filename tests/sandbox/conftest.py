"""One running sandbox for this folder, as new for each test, and how to speak to its two APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    with Sandbox(customers=60, orders=150, seed=7, as_of="2026-05-15T12:00:00") as sandbox:
        yield sandbox


@pytest.fixture
def fresh(running: Sandbox) -> Sandbox:
    """Give the running sandbox as new."""
    running.reset()
    return running


@pytest.fixture
def token(fresh: Sandbox) -> str:
    login = {"login": fresh.username, "password": fresh.password}
    answer = requests.post(f"{fresh.shop_url}/api/auth/", json=login, timeout=10).json()
    return str(answer["response"]["token"])


@pytest.fixture
def shop(fresh: Sandbox, token: str) -> Callable[..., Any]:
    """Call a function of the shop with a token; give the parsed envelope."""

    def call(function: str, **parameters: Any) -> Any:
        address = f"{fresh.shop_url}/api/{function}/"
        return requests.post(address, json={"token": token, **parameters}, timeout=10).json()

    return call


@pytest.fixture
def esputnik(fresh: Sandbox) -> Callable[..., requests.Response]:
    """Call eSputnik with the key; give the response."""

    def call(method: str, path: str, payload: Any = None, **more: Any) -> requests.Response:
        address = fresh.esputnik_url + path
        return requests.request(method, address, json=payload, auth=("", fresh.api_key), timeout=10, **more)

    return call


@pytest.fixture
def bulk(esputnik: Callable[..., requests.Response]) -> Callable[..., Any]:
    """Send contacts in bulk by external id and poll the import to its end; give the last importstatus."""

    def send(*contacts: Any, **call: Any) -> Any:
        payload = {"dedupeOn": "externalCustomerId", **call, "contacts": list(contacts)}
        session = esputnik("POST", "/v1/contacts", payload).json()["asyncSessionId"]
        status: Any = {}
        for _ in range(10):
            status = esputnik("GET", f"/v1/importstatus/{session}").json()
            if status["status"] in {"FINISHED", "ERROR"}:
                break
        return status

    return send
