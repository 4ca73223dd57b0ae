"""The commands of docs/moving-over.md, on an account as eSputnik's own integration leaves it."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from horoshop_esputnik_sandbox import Sandbox

from isolated_project import IsolatedProject

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "moving-over.md"
VENDORS_STATUS = {1: "INITIALIZED", 3: "DELIVERED", 4: "CANCELLED"}


def commands() -> list[list[str]]:
    """Give the guide's commands, as arguments of `meltano`."""
    blocks = re.findall(r"<!-- run -->\n```bash\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    assert all(line[0] == "meltano" for line in lines)
    return [line[1:] for line in lines]


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    """Give a shop whose customers and orders the vendor's integration has brought into the account."""
    with Sandbox(customers=15, orders=25, switches={"rate_limit": "none", "search_rate_limit": "none"}) as sandbox:
        known: set[str] = set()
        for number, customer in enumerate(sandbox.customers()):
            email = str(customer["email"] or "").strip().lower()
            if re.fullmatch(r"[\w.+-]+@[\w.-]+", email) and email not in known:
                known.add(email)
                channel = {"type": "email", "value": email, "confirmed": number % 3 != 0}
                sandbox.create_contact(externalCustomerId=str(customer["id"]), channels=[channel], firstName="Є")
        _send_as_the_vendor_does(sandbox)
        yield sandbox


def _send_as_the_vendor_does(sandbox: Sandbox) -> None:
    orders = [
        {
            "externalOrderId": str(order["order_id"]),
            "status": VENDORS_STATUS.get(order["stat_status"], "IN_PROGRESS"),
            "date": "2026-01-01T12:00:00+02:00",
            "email": order["delivery_email"].strip(),
            "totalCost": order["total_sum"],
            "currency": "UAH",
        }
        for order in sandbox.orders()
        if re.fullmatch(r"[\w.+-]+@[\w.-]+", str(order["delivery_email"] or "").strip())
    ]
    answer = requests.post(
        f"{sandbox.esputnik_url}/v1/orders", json={"orders": orders}, auth=("", sandbox.api_key), timeout=30
    )
    assert answer.ok
    assert len(sandbox.sent_orders()) > 5


def _settings(sandbox: Sandbox, ledger: Path) -> dict[str, str]:
    return {
        "TAP_HOROSHOP_SITE_URL": sandbox.shop_url,
        "TAP_HOROSHOP_USERNAME": sandbox.username,
        "TAP_HOROSHOP_PASSWORD": sandbox.password,
        "TARGET_ESPUTNIK_API_KEY": sandbox.api_key,
        "TARGET_ESPUTNIK_API_URL": sandbox.esputnik_url,
        "TARGET_ESPUTNIK_LEDGER_URL": f"sqlite:///{ledger}",
    }


def _confirmed(sandbox: Sandbox) -> dict[str, bool | None]:
    return {
        channel["value"].lower(): channel["confirmed"]
        for person in sandbox.sent_contacts()
        for channel in person["channels"]
        if channel["type"] == "email"
    }


def _fired(sandbox: Sandbox) -> Counter[tuple[str, Any]]:
    return Counter((event["type"], event["key"]) for event in sandbox.events())


@pytest.mark.faults_full  # Meltano's own set-up of the plugins takes minutes on a busy machine
@pytest.mark.timeout(900)
def test_the_guides_commands_move_a_shop_over_and_nobody_notices(shop: Sandbox, tmp_path: Path) -> None:
    *runs, preview, resend = commands()
    assert [line[0] for line in [*runs, preview, resend]] == [
        *["config", "run", "config", "run"],
        *["invoke", "invoke"],
    ]
    fired, confirmed, orders = _fired(shop), _confirmed(shop), len(shop.sent_orders())
    with IsolatedProject(_settings(shop, tmp_path / "ledger.db")) as project:
        project.install()
        for line in runs[:2]:
            project.run(*line)
        assert (_fired(shop), _confirmed(shop), len(shop.sent_orders())) == (fired, confirmed, orders)

        minute = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=1)
        between = shop.place_order(delivery_email="between@example.com", products=[{"price": 10.5, "quantity": 2}])
        for line in runs[2:]:
            project.run(*line)
        after = _confirmed(shop)
        assert {email: after[email] for email in confirmed} == confirmed, "somebody was confirmed, or the contrary"
        assert not any(after[email] for email in set(after) - set(confirmed)), "somebody was confirmed by us"
        # Nobody is asked: what fires for a customer whom the vendor did not have is history's own form type.
        assert {kind for kind, _ in _fired(shop) - fired} <= {"subscribeFromApi-horoshop-history"}
        assert len(shop.sent_orders()) == orders

        before = _fired(shop)
        project.run(*(part.replace("MINUTE", minute.isoformat()) for part in preview))
        assert _fired(shop) == before
        project.run(*(part.replace("MINUTE", minute.isoformat()) for part in resend))
        fresh = _fired(shop) - before
        assert {(kind, key) for kind, key in fresh if kind.startswith("order")} == {("orderINITIALIZED", str(between))}
        assert _confirmed(shop)["between@example.com"] is False
