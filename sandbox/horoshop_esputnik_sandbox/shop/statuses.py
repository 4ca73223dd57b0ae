"""The statuses of the sample shop: the five built-in ones, and one of its own (horoshop-api.md §3.1)."""

from __future__ import annotations

from typing import Any

STATUSES: dict[str, dict[str, Any]] = {
    str(number): {"id": number, "title": {"ua": ua, "en": en}, "is_successful": successful}
    for number, ua, en, successful in (
        (1, "Нове", "New", 0),
        (2, "В обробці", "Processing", 0),
        (3, "Доставлене", "Delivered", 1),
        (4, "Не доставлене", "Canceled", 0),
        (6, "Надіслане", "Shipping", 0),
        (8, "Оплачено", "Paid", 0),
    )
}
