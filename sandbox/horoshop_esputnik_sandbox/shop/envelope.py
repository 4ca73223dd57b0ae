"""The envelope of every answer of the shop's API, and the kinds that it comes in (horoshop-api.md §1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from horoshop_esputnik_sandbox.answers import json_body

EMPTY_BODIES: dict[str, Any] = {"list": [], "object": {}, "message": {"message": "Nothing found"}}


@dataclass(frozen=True)
class Envelope:
    """`status` is one of the documented words; HTTP says 200 for business errors too."""

    status: str
    response: Any
    http_status: int = 200

    def as_json(self) -> Any:
        """Return what goes over the wire."""
        return {"status": self.status, "response": self.response}

    def body(self) -> bytes:
        """Return it as bytes."""
        return json_body(self.as_json())


class Bare(Envelope):
    """An answer without the envelope: `hooks/*` (horoshop-api.md §5)."""

    def as_json(self) -> Any:
        """Return the response alone."""
        return self.response


def okay(response: Any) -> Envelope:
    """Return success."""
    return Envelope("OK", response)


def error(message: str, status: str = "ERROR") -> Envelope:
    """Return a refusal with its sentence."""
    return Envelope(status, {"message": message})


def undefined_function() -> Envelope:
    """Return what a function that does not exist answers: PHP's empty array."""
    return Envelope("UNDEFINED_FUNCTION", [])
