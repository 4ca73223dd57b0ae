"""What the tests of pure rooms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def holds_a_blank() -> Callable[[Any], bool]:
    """Tells whether there is null, blank text or an empty list or object anywhere in a JSON value."""

    def holds(value: Any) -> bool:
        if isinstance(value, dict):
            return not value or any(holds(inner) for inner in value.values())
        if isinstance(value, list):
            return not value or any(holds(inner) for inner in value)
        return value is None or (isinstance(value, str) and not value.strip())

    return holds
