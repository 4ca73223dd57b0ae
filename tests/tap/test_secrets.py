"""Neither a secret nor anything of a customer is ever in the log, at any level, in any failure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tap_horoshop.tap import TapHoroshop

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_sandbox import Sandbox

CANARY = "c4nary"


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"kind": "garbage", "times": 1},
        {"kind": "drop_before", "times": 1},
        {"kind": "expire_token", "times": 1, "after": 1},
        {"kind": "status", "status": 400, "times": None},
        {"kind": "status", "status": 418, "times": None, "body": f'{{"status":"{CANARY}"}}'},
        {"kind": "status", "status": 200, "times": None, "body": f'{{"status":"{CANARY}","response":"{CANARY}"}}'},
        {"kind": "status", "status": 200, "times": None, "body": '{"status":"OK","response":{"orders":[{"a":[]}]}}'},
    ],
    ids=str,
)
def test_the_log_holds_no_secret_and_no_person(
    fault: dict[str, Any] | None, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    sandbox.register(title=f"{CANARY} Іван", email=f"{CANARY}@example.com", phone=f"{CANARY}1", note=CANARY)
    sandbox.place_order(delivery_name=f"{CANARY} Іван", delivery_email=f"{CANARY}@example.com", comment=CANARY)
    if fault:
        sandbox.fail(api="shop", path="/orders/get", **fault)

    outcome = tap_process(settings(sandbox), LOGLEVEL="DEBUG", TAP_HOROSHOP_LOGLEVEL="DEBUG")

    tokens = {r["body"].get("token") for r in sandbox.requests("shop") if isinstance(r["body"], dict)} - {None}
    assert "| DEBUG" in outcome.log
    assert CANARY not in outcome.log
    assert sandbox.password not in outcome.log
    assert not any(token in outcome.log for token in tokens)


WRONG: list[dict[str, Any]] = [
    {"page_size": CANARY},
    {"page_size": 0},
    {"site_url": f"ftp://{CANARY}.example.com"},
    {"site_url": f"https://u:{CANARY}@example.com"},
    {"site_url": f"http://{CANARY}.example.com"},
    {"site_url": f"https://example.com/{CANARY}"},
    {"site_url": f"https://example.com:{CANARY}"},
    {"site_url": f"{CANARY} shop"},
    {"time_zone": f"Europe/{CANARY}"},
    {"time_zone": f"../../{CANARY}"},
    {"name_order": CANARY},
    {"start_date": CANARY},
    {"end_date": CANARY},
    {"start_date": "2026-02-01", "end_date": "2026-01-01"},
    {"final_statuses": [CANARY]},
    {"final_statuses": CANARY},
    {"allow_private_hosts": CANARY},
    {"ca_bundle": f"/{CANARY}.pem"},
    {"user_agent": f"{CANARY}\nAuthorization: x"},
    {"password": {"nested": CANARY}},
    {"username": 5},
    {"request_timeout": 2.5},
    {"stream_maps": CANARY},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"{next(iter(wrong))}-{len(str(wrong))}")
def test_a_setting_that_is_wrong_is_named_and_its_value_never_shown(
    wrong: dict[str, Any], sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    outcome = tap_process(settings(sandbox, **wrong))

    lines = [line for line in outcome.log.splitlines() if "| ERROR" in line]
    assert outcome.exit_code == 2
    assert len(lines) == 1
    assert "settings_invalid: " in lines[0]
    assert f"`{list(wrong)[-1]}`" in lines[0]
    assert CANARY not in outcome.log
    assert "Traceback" not in outcome.log
    assert sandbox.requests("shop") == []


def test_all_problems_are_told_at_once(tap_process: Callable[..., Any]) -> None:
    outcome = tap_process({"site_url": "ftp://x", "page_size": 0, "time_zone": "Nowhere"})

    told = next(line for line in outcome.log.splitlines() if "| ERROR" in line)
    assert all(f"`{name}`" in told for name in ("site_url", "page_size", "time_zone", "username", "password"))


def test_a_setting_of_the_environment_is_read_and_a_wrong_one_not_shown(
    sandbox: Sandbox, tap_process: Callable[..., Any]
) -> None:
    login = {
        "TAP_HOROSHOP_SITE_URL": sandbox.shop_url,
        "TAP_HOROSHOP_USERNAME": sandbox.username,
        "TAP_HOROSHOP_PASSWORD": sandbox.password,
        "TAP_HOROSHOP_FINAL_STATUSES": "[3, 4, 8]",
    }

    assert tap_process({}, "--config", "ENV", "--test", **login).exit_code == 0
    outcome = tap_process({}, "--config", "ENV", "--test", **login, TAP_HOROSHOP_PAGE_SIZE=CANARY)
    assert outcome.exit_code == 2
    assert "`page_size`" in outcome.log
    assert CANARY not in outcome.log
    assert "Traceback" not in outcome.log


def test_an_unknown_setting_is_told_by_name(
    sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any]
) -> None:
    outcome = tap_process(settings(sandbox, pasword=CANARY), "--test")

    assert outcome.exit_code == 0
    assert "Settings that the tap does not know: pasword" in outcome.log
    assert CANARY not in outcome.log


@pytest.mark.parametrize("text", ["{", "[1]", '"x"', f"{CANARY}"])
@pytest.mark.parametrize("flag", ["--config", "--state", "--catalog"])
def test_a_file_that_is_no_json_object_is_told_as_such(
    flag: str, text: str, sandbox: Sandbox, tap_process: Callable[..., Any], settings: Callable[..., Any], tmp_path: Any
) -> None:
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")

    outcome = tap_process(settings(sandbox), flag, str(tmp_path / "broken.json"))

    assert outcome.exit_code == 2
    assert "is not a JSON object" in outcome.log
    assert CANARY not in outcome.log
    assert "Traceback" not in outcome.log


def test_the_repr_of_settings_shows_none_of_them(settings: Callable[..., Any], sandbox: Sandbox) -> None:
    tap = TapHoroshop(config=settings(sandbox))

    assert sandbox.password not in repr(tap.shop.settings)
    assert sandbox.password not in json.dumps(tap.catalog_dict)
