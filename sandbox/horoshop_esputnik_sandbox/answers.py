"""JSON as it goes over the wire."""

from __future__ import annotations

import json
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_body(value: Any) -> bytes:
    """Return a value as JSON in UTF-8."""
    return _encode(value).encode("utf-8", "surrogatepass")
