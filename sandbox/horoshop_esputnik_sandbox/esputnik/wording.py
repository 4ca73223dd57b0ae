"""Answers and refusals of the API, in the irregular forms that they come in (esputnik-api.md §1.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from horoshop_esputnik_sandbox.answers import json_body

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.clock import Clock
    from horoshop_esputnik_sandbox.switches import Switches

COOKIE = "JSESSIONID=0123456789ABCDEF; Path=/; HttpOnly"  # to be ignored (§1.3)
JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Answer:
    """A success: `body` as JSON, a sentence as it is, None as an empty body."""

    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """A refusal of a whole request, with its status and sentence."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}


class Wording:
    """Writes answers in the form that the switches say."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self._switches = switches
        self._clock = clock

    def response(self, answer: Answer) -> Response:
        """Return an answer over HTTP: a sentence keeps the JSON content type, an empty body has none."""
        headers = {**answer.headers, "set-cookie": COOKIE}
        if answer.body is None:
            return Response(b"", 200, headers)
        body = answer.body.encode() if isinstance(answer.body, str) else json_body(self._in_form(answer.body))
        return Response(body, 200, {**headers, "content-type": JSON_TYPE})

    def refusal(self, refusal: RefusalError, path: str) -> Response:
        """Return a refusal: a sentence or Spring's JSON; 401 is always JSON with a numeric status (§1.5)."""
        if self._switches["error_body"] == "json" or refusal.status == HTTPStatus.UNAUTHORIZED:
            body = {
                "timestamp": self._clock.stamp(),
                "status": refusal.status,
                "error": HTTPStatus(refusal.status).phrase,
                "message": refusal.sentence,
                "path": path,
            }
            return Response(json_body(body), refusal.status, {**refusal.headers, "content-type": JSON_TYPE})
        return Response(refusal.sentence.encode(), refusal.status, {**refusal.headers, "content-type": JSON_TYPE})

    def _in_form(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._member(name, inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._in_form(inner) for inner in value]
        return value

    def _member(self, name: str, value: Any) -> Any:
        """Return a member of an object: the old mapper made one-element lists into the element (§1.6)."""
        if self._switches["ids"] == "strings" and name in {"id", "contactId"} and isinstance(value, int):
            return str(value)
        value = self._in_form(value)
        if isinstance(value, list) and len(value) == 1 and self._switches["single_element"] == "object":
            return value[0]
        return value
