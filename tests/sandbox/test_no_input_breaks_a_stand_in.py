"""Requests out of the APIs' descriptions, right and wrong: each is answered, in a shape that the description lists.

schemathesis makes them, also such as break the description; the stand-ins answer over a real socket.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from stand_in_descriptions import ESPUTNIK, SHOP

from horoshop_esputnik_sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info < (3, 11):
    pytest.skip("schemathesis runs on Python 3.11 and newer", allow_module_level=True)

import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
DESCRIPTIONS = {"shop": SHOP, "esputnik": ESPUTNIK}
CALLS = [
    (api, path, method)
    for api, described in DESCRIPTIONS.items()
    for path, methods in described["paths"].items()
    for method in methods
]
NO_LIMITS = {"rate_limit": "none", "search_rate_limit": "none", "shop_rate_limit": "none"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Give one sandbox to all: what one call leaves behind, the next one meets."""
    with Sandbox(customers=20, orders=30) as running:
        running.switch(**{name: position for name, position in NO_LIMITS.items() if name in running.switches()})
        running.create_contact(email="here@example.com", firstName="Олена")
        yield running


def fuzz(sandbox: Sandbox, api: str, path: str, method: str, examples: int) -> None:
    """Send so many requests of one call, half of them such as break its description."""
    operation = schemathesis.openapi.from_dict(DESCRIPTIONS[api])[path][method]
    url = {"shop": sandbox.shop_url, "esputnik": sandbox.esputnik_url.removesuffix("/api")}[api]
    token = _token(sandbox)

    def send(case: Any) -> None:
        if api == "esputnik":
            answer = case.call(base_url=url, auth=("any", sandbox.api_key), timeout=30)
        else:
            if isinstance(case.body, dict) and path != "/api/auth/":
                case.body = {**case.body, "token": token}
            answer = case.call(base_url=url, timeout=30)
        case.validate_response(answer, checks=CHECKS)

    described = DESCRIPTIONS[api]["paths"][path][method]
    takes_something = "requestBody" in described or "parameters" in described
    for mode in (GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if takes_something else [])):
        strategy = operation.as_strategy(generation_mode=mode)
        test = settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy)(send))
        test()


def _token(sandbox: Sandbox) -> str:
    with requests.Session() as session:
        session.trust_env = False
        login = {"login": sandbox.username, "password": sandbox.password}
        answer = session.post(f"{sandbox.shop_url}/api/auth/", json=login, timeout=30).json()
    return str(answer["response"]["token"])


@pytest.mark.parametrize(("api", "path", "method"), CALLS, ids=str)
def test_a_slice_of_all_inputs_is_answered_as_described(api: str, path: str, method: str, sandbox: Sandbox) -> None:
    fuzz(sandbox, api, path, method, examples=5)


@pytest.mark.faults_full
@pytest.mark.parametrize(("api", "path", "method"), CALLS, ids=str)
def test_many_inputs_are_answered_as_described(api: str, path: str, method: str, sandbox: Sandbox) -> None:
    fuzz(sandbox, api, path, method, examples=25)
