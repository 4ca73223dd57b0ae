"""Every way to fail is one row of a catalogue: classes, raises, HTTP statuses, known answers, foreign exceptions."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import requests.exceptions
import sqlalchemy.exc
import urllib3.exceptions
from requests.adapters import BaseAdapter

import tap_horoshop.catalogue
import tap_horoshop.errors
import target_esputnik.catalogue
import target_esputnik.errors
from tap_horoshop.answers import Action, judge
from tap_horoshop.client import Client, _PassingFault
from tap_horoshop.errors import HoroshopError
from target_esputnik.connection import new_session
from target_esputnik.errors import TargetError
from target_esputnik.ledger.failures import foreign_errors_as_ours
from target_esputnik.pacing import Pace
from target_esputnik.receiving import Answer
from target_esputnik.transport import Transport
from target_esputnik.tries import Request, Tries, TryAgain

ROOT = Path(__file__).resolve().parents[2]


class Package(NamedTuple):
    """One of the two packages: where its sources are, the root of its errors, and its table."""

    folder: Path
    root: type[HoroshopError | TargetError]
    catalogue: dict[str, Any]


TAP = Package(ROOT / "tap-horoshop" / "tap_horoshop", HoroshopError, dict(tap_horoshop.catalogue.CATALOGUE))
TARGET = Package(ROOT / "target-esputnik" / "target_esputnik", TargetError, dict(target_esputnik.catalogue.CATALOGUE))
BOTH = pytest.mark.parametrize("package", [TAP, TARGET], ids=["tap", "target"])


def tree(root: type[BaseException]) -> list[type[BaseException]]:
    """A class and all below it, each once."""
    found = [root]
    for one in found:
        found += [below for below in one.__subclasses__() if below not in found]
    return found


def classes_of(package: Package) -> dict[str, Any]:
    return {kind.__name__: kind for kind in tree(package.root) if kind.__module__.endswith(".errors")}


def raises_in(package: Package) -> list[tuple[str, int, ast.Call]]:
    """Every place where an error of the package is made: file, line and call."""
    names = set(classes_of(package))
    return [
        (path.name, node.lineno, node)
        for path in sorted(package.folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


def fields(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


# -------------------------------------------------------------------- classes and raises


@BOTH
def test_every_class_has_a_code_of_its_own_and_every_row_a_class(package: Package) -> None:
    codes = [kind.code for kind in classes_of(package).values()]
    grouping = {"failed", "needs_person", *(["heals"] if package is TARGET else [])}

    assert {code for code in codes if codes.count(code) > 1} <= {"failed"}, "the tap's groups share the root's"
    assert {entry.code for entry in package.catalogue.values()} | grouping == set(codes) | grouping


@BOTH
def test_every_error_that_is_made_names_its_row_and_fills_it_in(package: Package) -> None:
    own_arguments = {"RequestRefused": {"answer"}, "SettingsInvalidError": set()}
    for file, line, call in raises_in(package):
        name = call.func.id  # type: ignore[attr-defined]
        if name == "SettingsInvalidError":  # it is made from problems, and names its row itself
            continue
        where = f"{file}:{line}"
        case = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
        assert case in package.catalogue, where
        assert package.catalogue[case].code == classes_of(package)[name].code, where
        filled = {keyword.arg for keyword in call.keywords} - own_arguments.get(name, set())
        assert fields(package.catalogue[case].cause) <= filled, where
        assert filled - fields(package.catalogue[case].cause) <= {"status"}, where


@BOTH
def test_every_row_is_used(package: Package) -> None:
    made = {call.args[0].value for _, _, call in raises_in(package) if call.args and _is_text(call.args[0])}

    assert set(package.catalogue) - made - {"settings_invalid"} == set()


@BOTH
def test_every_row_says_what_happened_and_what_to_do(package: Package) -> None:
    for case, entry in package.catalogue.items():
        assert entry.cause.endswith("."), case
        assert len(entry.action) > len("Do it."), case
        assert entry.action.endswith("."), case
        assert not fields(entry.action), f"{case}: an action is the same for everybody"


def test_the_surface_of_the_target_s_errors_is_all_of_them() -> None:
    public = set(target_esputnik.errors.__all__) - {"no_ledger_yet", "retold"}

    assert public == set(classes_of(TARGET))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# -------------------------------------------------------------------- HTTP statuses

RETRIED = "no_good_answer"
"""What trying again in vain ends in."""


def tap_case(method: str, status: int, body: bytes, *, is_shop: bool = True) -> str | None:
    """The row that an answer of the shop ends in; None where it is taken."""
    verdict = judge(method, status, body, is_shop=is_shop)
    if verdict.error is not None:
        return verdict.error.case
    return {Action.RETRY: RETRIED, Action.RENEW: "refused_after_login"}.get(verdict.action)


def transport() -> Transport:
    return Transport(
        base_url="http://127.0.0.1:9/api",
        api_key="key",
        timeout=1,
        pace=Pace(1000),
        session=new_session("http://127.0.0.1:9/api", ca_bundle=None, allow_private=False, parallel=1),
        on_exchange=lambda _: None,
    )


def answer_of(status: int, body: str, content_type: str = "application/json") -> Answer:
    return Answer(status, {"Content-Type": content_type}, body.encode())


def target_case(
    status: int, body: str = "", content_type: str = "application/json", *, first: bool = False
) -> str | None:
    """The row that an answer of eSputnik ends in, where its request is not repeated; None where it is taken."""
    sender = transport()
    try:
        sender._answer(
            answer_of(status, body, content_type), Request("GET", "/v1/x", None, None, page_is_foreign=first), Tries()
        )
    except TryAgain as again:
        return again.cause.case
    except TargetError as error:
        return error.case
    finally:
        sender.close()
    return None


@pytest.mark.parametrize("method", ["auth", "orders/get"])
def test_every_http_status_of_the_shop_has_a_row(method: str) -> None:
    ok = b'{"status":"OK","response":{"token":"t"}}'
    for status in range(300, 600):
        assert tap_case(method, status, ok) in TAP.catalogue, status


def test_every_http_status_of_esputnik_has_a_row() -> None:
    for status in range(300, 600):
        assert target_case(status) in TARGET.catalogue, status


# -------------------------------------------------------------------- answers of the references

ENVELOPE = [  # horoshop-api.md §1.3 and §1.2: the word, its row for a login, and for any other method
    ("OK", None, None),
    ("WARNING", "unexpected_answer", None),
    ("EMPTY", "wrong_credentials", None),
    ("ERROR", "wrong_credentials", "unexpected_answer"),
    ("EXCEPTION", RETRIED, RETRIED),
    ("AUTHORIZATION_ERROR", "wrong_credentials", "refused_after_login"),
    ("UNAUTHORIZED", "wrong_credentials", "refused_after_login"),
    ("UNDEFINED_FUNCTION", "api_off", "method_missing"),
    ("HTTP_ERROR", "unexpected_answer", "unexpected_answer"),
    ("FORBIDDEN", "not_allowed", "method_not_allowed"),
    ("SOMETHING_NEW", "unexpected_answer", "unexpected_answer"),
]
BESIDE_THE_ENVELOPE = [  # §1.3 and §1.2 on 404: status, body, row before the first good answer and after
    (502, b"<html>", RETRIED, RETRIED),
    (504, b"<html>", RETRIED, RETRIED),
    (524, b"<html>", RETRIED, RETRIED),
    (200, b"<!doctype html><script>challenge()</script>", "not_a_shop", RETRIED),
    (200, b"{", RETRIED, RETRIED),
    (200, b"", RETRIED, RETRIED),
    (200, b"[]", "not_a_shop", "unexpected_answer"),
    (404, b"", "api_off", "api_off"),
    (401, b"", "wrong_credentials", "wrong_credentials"),
]
STATUSES = [  # esputnik-api.md §1.5
    (400, "request_refused"),
    (401, "key_refused_http"),
    (403, "key_refused_http"),
    (404, "not_there"),
    (405, "foreign_status"),
    (415, "foreign_status"),
    (409, "duplicate_request"),
    (429, "trouble_there"),
    (500, "trouble_there"),
]
BODIES = [  # §1.6, with HTTP 200: body, content type, row in the middle of a run, row of the first request
    ('{"id":564000001}', "application/json;charset=UTF-8", None, None),
    ('{"id":"564000002"}', "application/json", None, None),
    ("Contact with id='564000001' has been updated", "application/json", None, None),
    ('{"id":0,"asyncSessionId":"6f0c"}', "application/json", None, None),
    ('{"failedOrders":{"externalOrderId":"1"}}', "application/json", None, None),
    ("", "", None, None),
    ("Contacts were detached", "text/plain", None, None),
    ('{"status":401,"error":"Unauthorized"}', "application/json", "key_refused_http", "key_refused_http"),
    ('{"status":403,"error":"Forbidden"}', "application/json", "key_refused_http", "key_refused_http"),
    ('{"status":500,"error":"Internal Server Error"}', "application/json", "trouble_there", "trouble_there"),
    ('{"status":"400","message":"currency"}', "application/json", "request_refused", "request_refused"),
    ('{"message":"Duplicated request"}', "application/json", "duplicate_request", "duplicate_request"),
    ('{"status":"FINISHED"}', "application/json", None, None),
    ("<html><body>Sign in</body></html>", "text/html", "page_between", "web_page"),
]


@pytest.mark.parametrize(("word", "login", "other"), ENVELOPE)
def test_every_word_of_the_envelope_ends_in_its_row(word: str, login: str | None, other: str | None) -> None:
    body = json.dumps({"status": word, "response": {"token": "t", "message": "m"}}).encode()

    assert (tap_case("auth", 200, body), tap_case("orders/get", 200, body)) == (login, other)
    assert {login, other} - {None} <= set(TAP.catalogue)


@pytest.mark.parametrize(("status", "body", "before", "after"), BESIDE_THE_ENVELOPE)
def test_every_answer_beside_the_envelope_ends_in_its_row(status: int, body: bytes, before: str, after: str) -> None:
    assert [tap_case("auth", status, body, is_shop=known) for known in (False, True)] == [before, after]
    assert {before, after} <= set(TAP.catalogue)


@pytest.mark.parametrize(("status", "case"), STATUSES)
@pytest.mark.parametrize("body", ["Duplicated request", '{"message":"…"}', '{"status":401,"path":"/v1"}', ""])
def test_every_documented_status_of_esputnik_ends_in_its_row(status: int, case: str, body: str) -> None:
    assert target_case(status, body) == case


@pytest.mark.parametrize(("body", "content_type", "case", "first"), BODIES)
def test_every_body_that_was_seen_ends_in_its_row(
    body: str, content_type: str, case: str | None, first: str | None
) -> None:
    assert [target_case(200, body, content_type, first=one) for one in (False, True)] == [case, first]


# -------------------------------------------------------------------- exceptions of others


def bare(kind: type[BaseException]) -> Any:
    """An exception of a class, whatever its constructor wants."""
    return kind.__new__(kind)


OF_HTTP = [kind for root in (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) for kind in tree(root)]


class Raising(BaseAdapter):
    """An adapter as `requests` lets one mount it: instead of sending, it raises."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def send(self, *_: Any, **__: Any) -> requests.Response:
        raise self._error

    def close(self) -> None:
        """Nothing is open."""


def test_the_trees_that_are_walked_are_the_whole_ones() -> None:
    assert len(OF_HTTP) > 40
    assert len(tree(sqlalchemy.exc.SQLAlchemyError)) > 30


@pytest.mark.parametrize("kind", OF_HTTP, ids=lambda kind: f"{kind.__module__.split('.')[0]}.{kind.__name__}")
def test_every_exception_of_http_becomes_one_of_the_target_s(kind: type[BaseException]) -> None:
    sender = transport()
    sender._session.mount("http://", Raising(bare(kind)))
    try:
        with pytest.raises((TryAgain, TargetError)) as caught:
            sender._exchange(Request("GET", "/v1/x", None, None, page_is_foreign=False), Tries())
    finally:
        sender.close()
    error = caught.value.cause if isinstance(caught.value, TryAgain) else caught.value
    assert isinstance(error, TargetError)
    assert error.case in TARGET.catalogue


@pytest.mark.parametrize("kind", OF_HTTP, ids=lambda kind: f"{kind.__module__.split('.')[0]}.{kind.__name__}")
def test_every_exception_of_http_becomes_one_of_the_tap_s(kind: type[BaseException]) -> None:
    session = requests.Session()
    session.mount("http://", Raising(bare(kind)))
    client = Client("http://127.0.0.1:9", "u", "p", session=session)
    try:
        with pytest.raises((_PassingFault, HoroshopError)) as caught:
            client._ask("orders/get", {}, 1)
    finally:
        client.close()
    case = RETRIED if isinstance(caught.value, _PassingFault) else caught.value.case
    assert case in TAP.catalogue


@pytest.mark.parametrize("kind", tree(sqlalchemy.exc.SQLAlchemyError), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_database_becomes_one_of_the_target_s(kind: type[BaseException]) -> None:
    with pytest.raises(TargetError) as caught, foreign_errors_as_ours():
        raise bare(kind)
    assert caught.value.case in TARGET.catalogue
