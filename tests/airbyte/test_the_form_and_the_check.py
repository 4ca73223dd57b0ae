"""`spec` is a form that Airbyte can show, and `check` answers in words what the user has to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from airbyte_driver import DESTINATION, SOURCE, AirbytePipe, errors_in, of_type

from tap_horoshop.settings import CONFIG_JSONSCHEMA as TAP
from target_esputnik.settings_schema import CONFIG_JSONSCHEMA as TARGET

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger_places import PostgresqlDatabase

Row = dict[str, Any]
SECRET_NAMES = ("password", "api_key", "ledger_url")


def spec_of(pipe: AirbytePipe, connector: str) -> Row:
    code, [message], _ = pipe.call(connector, "spec")
    assert code == 0
    return dict(message["spec"])


def connection(answer: tuple[int, list[Row], str]) -> tuple[str, str]:
    """Status and message of a check; whatever is found, the command itself did well."""
    code, messages, _ = answer
    [status] = of_type(messages, "CONNECTION_STATUS")
    assert code == 0
    assert errors_in(messages) == []
    return status["status"], status.get("message", "")


def rules_in(schema: Row) -> list[Row]:
    """A schema and all schemas within it."""
    inner = [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]
    return [schema, *(rule for one in inner for rule in rules_in(one))]


# Read before any test runs a plugin in this process: the SDK adds its own settings to the class then.
@pytest.mark.parametrize(
    ("connector", "names"), [(SOURCE, list(TAP["properties"])), (DESTINATION, list(TARGET["properties"]))]
)
def test_the_form_shows_the_plugins_own_settings_titled_in_order_with_secrets_marked(
    connector: str, names: list[str], pipe: AirbytePipe
) -> None:
    form = spec_of(pipe, connector)["connectionSpecification"]
    jsonschema.Draft7Validator.check_schema(form)
    assert form["$schema"] == "http://json-schema.org/draft-07/schema#"
    shown = form["properties"]
    assert list(shown) == names, "those of the SDK are not shown"
    assert [rule["order"] for rule in shown.values()] == list(range(len(shown)))
    assert all(rule["title"] and rule["description"] for rule in shown.values())
    assert {name for name, rule in shown.items() if rule.get("airbyte_secret")} == set(SECRET_NAMES) & set(shown)
    for rule in rules_in(form):
        assert isinstance(rule["type"], str), "a field of the form has one type"
        assert not {"anyOf", "oneOf", "allOf", "secret", "writeOnly"} & set(rule)


def test_settings_of_the_sdk_work_though_the_form_does_not_show_them(pipe: AirbytePipe) -> None:
    pipe.tap_settings["stream_maps"] = {"contacts": {"note": "'mapped'"}}
    pipe.modes = {"contacts": "full_refresh"}
    assert pipe.read() == 0
    assert {record["data"]["note"] for record in of_type(pipe.said, "RECORD")} == {"mapped"}


def test_good_settings_succeed_and_write_nothing(pipe: AirbytePipe) -> None:
    assert connection(pipe.source("check")) == ("SUCCEEDED", "")
    assert connection(pipe.destination("check")) == ("SUCCEEDED", "")
    assert not pipe.ledger.exists()
    assert {one["method"] for one in pipe.sandbox.requests(api="esputnik")} == {"GET"}


def test_wrong_credentials_fail_in_words_without_their_value(pipe: AirbytePipe) -> None:
    pipe.tap_settings["password"] = pipe.target_settings["api_key"] = "c4nary"
    for answer, told in ((pipe.source("check"), "wrong_credentials"), (pipe.destination("check"), "credentials")):
        status, message = connection(answer)
        assert (status, message.partition(":")[0]) == ("FAILED", told)
        assert "c4nary" not in str(answer)


def test_every_wrong_setting_is_named_at_once_without_its_value(pipe: AirbytePipe) -> None:
    pipe.tap_settings |= {"page_size": "c4nary", "time_zone": "c4nary"}
    pipe.target_settings |= {"phone_region": "c4nary", "email_confirmation": "c4nary"}
    for answer, names in (
        (pipe.source("check"), ("page_size", "time_zone")),
        (pipe.destination("check"), ("phone_region", "email_confirmation")),
    ):
        status, message = connection(answer)
        assert status == "FAILED"
        assert all(name in message for name in names)
        assert "c4nary" not in str(answer)


def test_a_file_of_settings_that_cannot_be_read_is_said(pipe: AirbytePipe) -> None:
    for connector in (SOURCE, DESTINATION):
        code, messages, _ = pipe.call(connector, "check", "--config", "nowhere.json")
        [error] = errors_in(messages)
        assert (code, error["failure_type"]) == (1, "config_error")
        assert "--config" in error["message"]
        code, messages, _ = pipe.call(connector, "no-such-verb")
        assert (code, errors_in(messages)[0]["failure_type"]) == (1, "config_error")


def test_a_ledger_on_a_disk_that_is_not_kept_is_refused_unless_somebody_says_that_it_is(pipe: AirbytePipe) -> None:
    del pipe.target_settings["allow_local_ledger"]
    status, message = connection(pipe.destination("check"))
    assert status == "FAILED"
    assert "SQLite" in message
    assert "allow_local_ledger" in message
    pipe.read()
    assert pipe.write() == 2
    assert [error["failure_type"] for error in errors_in(pipe.answered)] == ["config_error"]
    assert pipe.states == {}
    assert pipe.sandbox.sent_contacts() == []


def test_a_ledger_on_postgresql_is_taken(
    pipe: AirbytePipe, new_database: Callable[[], PostgresqlDatabase], tmp_path: Any
) -> None:
    del pipe.target_settings["allow_local_ledger"]
    pipe.target_settings["ledger_url"] = new_database().url
    assert connection(pipe.destination("check")) == ("SUCCEEDED", "")
    pipe.target_settings["ledger_url"] = "postgresql+psycopg://owner:c4nary@127.0.0.1:1/ledger"
    answer = pipe.destination("check")
    assert connection(answer)[0] == "FAILED"
    assert "c4nary" not in str(answer)
