"""What the tests of many shops share: a project, and five shops of two accounts in it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from fleet_driver import ACCOUNT_OF, SHARED, Fleet

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def project() -> Iterator[IsolatedProject]:
    """Give a copy of the project with its plugins installed."""
    with IsolatedProject({}) as copy:
        copy.install()
        yield copy


@pytest.fixture(params=["sqlite", "postgresql"])
def fleet(request: pytest.FixtureRequest, project: IsolatedProject, tmp_path: Path) -> Iterator[Fleet]:
    """Give five shops of two accounts, with one ledger for all. Their customers have the same phones, shop by shop."""
    switches = {"rate_limit": "none", "search_rate_limit": "none"}
    with contextlib.ExitStack() as running:
        shops = {
            name: running.enter_context(Sandbox(customers=12, orders=20, seed=seed, plain=True, switches=switches))
            for seed, name in enumerate(ACCOUNT_OF, start=1)
        }
        shops["roses"].switch(account_info="without_org")  # else both accounts would have one id
        for name in ("tea", "coffee", "mate"):
            shops[name].register(title="Олена Бондар", email=SHARED, phone="+380501112233")
        accounts = {"agency": shops["tea"], "flowers": shops["roses"]}
        fleet = Fleet(project, shops, accounts, ACCOUNT_OF, _places(request, tmp_path))
        fleet.generate()
        assert fleet.meltano("state", "list")[0] == 0  # makes Meltano's tables, before several want them at once
        yield fleet


def _places(request: pytest.FixtureRequest, folder: Path) -> dict[str, str]:
    """Where the ledger and Meltano's own state lie: in a file each, or in a database each."""
    if request.param == "sqlite":
        ledger, meltano = (f"sqlite:///{folder}/{name}/{name}.db" for name in ("ledger", "meltano"))
        (folder / "meltano").mkdir()
    else:
        ledger, meltano = (request.getfixturevalue("new_database")().url for _ in range(2))
    return {"TARGET_ESPUTNIK_LEDGER_URL": ledger, "MELTANO_DATABASE_URI": meltano}
