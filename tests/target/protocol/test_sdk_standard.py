"""The Singer SDK's standard target tests, on an empty sandbox account.

They load streams of any kind (users, animals, …), which this target ignores with a warning, so they prove how messages
are read, not what is delivered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG: dict[str, Any] = {"api_key": "set by the fixture below"}
"""The suite reads it when a test begins."""

StandardTargetTests: Any = get_target_test_class(TargetEsputnik, config=CONFIG)


class TestTargetEsputnik(StandardTargetTests):
    """The standard suite."""

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def resource(cls) -> Iterator[None]:
        """Give the suite an account."""
        with Sandbox(customers=1, orders=1) as account:
            CONFIG.update(api_key=account.api_key, api_url=account.esputnik_url)
            yield

    @pytest.fixture(autouse=True)
    def ledger(self, resource: None, tmp_path: Path) -> None:
        """Give every test a ledger of its own: the suite never closes a target, which then keeps its ledger locked."""
        CONFIG["ledger_url"] = f"sqlite:///{tmp_path / 'ledger.db'}"
