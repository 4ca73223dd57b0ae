"""The shop's dictionaries: deliveries, payments, currencies, B2B groups (horoshop-api.md §3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from horoshop_esputnik_sandbox.shop.envelope import Envelope, error, okay, undefined_function

if TYPE_CHECKING:
    from horoshop_esputnik_sandbox.shop.timeline import Row
    from horoshop_esputnik_sandbox.switches import Switches


def _titled(ua: str, en: str) -> dict[str, str]:
    return {"ua": ua, "en": en}


_DELIVERIES: list[dict[str, Any]] = [
    {
        "id": number,
        "title": _titled(ua, en),
        "type": kind,
        "by_carrier": by_carrier,
        "enabled": 1,
        "payment": ["1", "2", "6"],
        "price_options": [{"min": 0, "price": 0 if by_carrier else 60, "by_carrier": by_carrier}],
    }
    for number, ua, en, kind, by_carrier in (
        (1, "Самовивіз", "Pickup", "pickup", 0),
        (3, "Нова Пошта", "Nova Poshta", "novaposhta", 1),
        (5, "Укрпошта", "Ukrposhta", "ukrposhta", 1),
        (7, "Кур'єр", "Courier", "courier", 0),
    )
]
_PAYMENTS: list[dict[str, Any]] = [
    {
        "id": number,
        "title": _titled(ua, en),
        "desc": _titled("", ""),
        "payment_method": method,
        "enabled": 1,
        "icon": "",
        "link": "",
        "icon_title": "",
        "payment_instruction": "",
    }
    for number, ua, en, method in (
        (1, "Готівка", "Cash", "cash"),
        (2, "Оплата при отриманні", "Cash on delivery", "cod"),
        (6, "Онлайн-оплата карткою", "Card online", "online"),
        (9, "Рахунок для юр. осіб", "Invoice", "invoice"),
    )
]
_CURRENCIES: list[dict[str, Any]] = [
    {"id": 1, "iso": "UAH", "title": "грн", "enabled": 1, "exchangeRates": []},
    {
        "id": 2,
        "iso": "USD",
        "title": "$",
        "enabled": 0,
        "exchangeRates": [
            {
                "relatedId": 1,
                "relatedIso": "UAH",
                "currentExchangeAmount": 1,
                "relatedExchangeAmount": 41.5,
                "exchangeCourse": 41.5,
            }
        ],
    },
]


def deliveries(_: Row) -> Envelope:
    """Answer delivery/export."""
    return okay({"delivery": _DELIVERIES})


def delivery_types(_: Row) -> Envelope:
    """Answer delivery/exportTypes."""
    return okay({"deliveryTypes": [{"type": way["type"], "title": way["title"]} for way in _DELIVERIES]})


def payments(_: Row) -> Envelope:
    """Answer payment/export."""
    return okay({"payment": _PAYMENTS})


def payment_methods(_: Row) -> Envelope:
    """Answer payment/exportMethods."""
    methods = [{"method": way["payment_method"], "title": way["title"], "is_simple": 1} for way in _PAYMENTS]
    return okay({"paymentMethods": methods})


def currencies(parameters: Row) -> Envelope:
    """Answer currency/export: `enabledOnly` (true unless given) wins over `iso`."""
    only_enabled = str(parameters.get("enabledOnly", True)).lower() not in {"false", "0", ""}
    found = [currency for currency in _CURRENCIES if currency["enabled"] or not only_enabled]
    for name in ("iso", "id"):
        if parameters.get(name) not in (None, ""):
            found = [currency for currency in found if str(currency[name]) == str(parameters[name])]
    shown = [{name: value for name, value in currency.items() if name != "enabled"} for currency in found]
    return okay({"currency": shown}) if shown else Envelope("EMPTY", [])


class BusinessModule:
    """The methods that only shops with the B2B module have; shops without refuse in ways not agreed upon (§8(3))."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def customer_groups(self, _: Row) -> Envelope:
        """Answer customer-groups/export."""
        return self._or_refusal({"groups": [{"id": 1, "title": "Опт"}, {"id": 2, "title": "VIP"}]})

    def price_levels(self, _: Row) -> Envelope:
        """Answer price-levels/export."""
        return self._or_refusal({"levels": [{"id": 1, "title": "Роздріб"}]})

    def _or_refusal(self, response: Row) -> Envelope:
        refusals = {
            "forbidden": error("Use of the method is not allowed", "FORBIDDEN"),
            "undefined": undefined_function(),
            "empty": Envelope("EMPTY", []),
        }
        return refusals.get(str(self._switches["b2b"])) or okay(response)
