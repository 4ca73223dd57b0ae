"""The forms in which the shop takes parameters: JSON, a form with PHP's arrays, a query (horoshop-api.md §1.1)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from horoshop_esputnik_sandbox.shop.timeline import Row

_PHP_ARRAY = re.compile(r"(.+?)\[\d*\]")


class NotReadable(ValueError):  # noqa: N818 - a refusal of the API, said in its words
    """A body that cannot be read."""


def truth(value: Any) -> bool:
    """Return a flag, which a form or a query sends as text."""
    return str(value).lower() not in {"none", "", "0", "false"}


async def parameters_of(request: Request) -> Row:
    """Return the parameters of a call; raises NotReadable for a body that is no JSON object."""
    if request.method == "GET":
        return _with_arrays(request.query_params.multi_items())
    content_type = request.headers.get("content-type", "")
    if "form" in content_type:
        async with request.form() as form:
            return _with_arrays(form.multi_items())
    try:
        payload = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise NotReadable("Payload is not JSON") from None
    if not isinstance(payload, dict):
        raise NotReadable("Payload is not JSON")
    return payload


def _with_arrays(items: Iterable[tuple[str, Any]]) -> Row:
    parameters: Row = {}
    for name, value in items:
        array = _PHP_ARRAY.fullmatch(name)
        if array:
            parameters.setdefault(array[1], []).append(value)
        else:
            parameters[name] = value
    return parameters
