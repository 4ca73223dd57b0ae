"""Endpoints about the account itself (esputnik-api.md §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.esputnik.wording import Answer

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.esputnik.account import Account
    from horoshop_esputnik_sandbox.esputnik.calls import Call

_FIELDS = ((40011, "Birthday", "date"), (40012, "Note", "textarea"), (40013, "Company", "textfield"))
FIELD_GROUPS: list[dict[str, Any]] = [
    {
        "name": "Personal",
        "profileKey": "personal",
        "fields": [
            {
                "id": number,
                "name": name,
                "fieldKey": name.lower(),
                "description": {
                    "type": kind,
                    "allowedValues": {"possibleValues": []},
                    "required": "false",  # text, even in today's documentation (§1.6)
                    "readonly": "false",
                },
            }
            for number, name, kind in _FIELDS
        ],
    }
]


def info(account: Account, _: Call) -> Answer:
    """GET account/info: the usual check of a key."""
    body: dict[str, Any] = {"userEmail": "api-user24001", "organisationName": "Sandbox Org"}
    return Answer(body if account.switches["account_info"] == "without_org" else body | {"orgId": 24001})


def version(_account: Account, _: Call) -> Answer:
    """GET version."""
    return Answer({"version": "20417", "protocolVersion": "1.0"})


def balance(_account: Account, _: Call) -> Answer:
    """GET balance."""
    return Answer({"currentBalance": 100.0, "creditLimit": 0.0, "currency": "UAH", "bonusEmails": 0, "bonusSmses": 0})


def address_books(_account: Account, _: Call) -> Answer:
    """GET addressbooks: the account's additional fields."""
    return Answer({"addressBook": {"addressBookId": 1, "name": "Main", "fieldGroups": FIELD_GROUPS}})
