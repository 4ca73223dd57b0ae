"""Which eSputnik statuses a Horoshop status stands for.

Pure: a setting and an order's status in, eSputnik statuses out. The defaults are a table, which
the documents are made from.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from target_esputnik.language import ENGLISH, Said
from target_esputnik.words import said

INITIALIZED = "INITIALIZED"
IN_PROGRESS = "IN_PROGRESS"
DELIVERED = "DELIVERED"
CANCELLED = "CANCELLED"
ABANDONED_SHOPPING_CART = "ABANDONED_SHOPPING_CART"

ESPUTNIK_STATUSES: tuple[str, ...] = (INITIALIZED, IN_PROGRESS, DELIVERED, CANCELLED, ABANDONED_SHOPPING_CART)
"""Every status that `POST /v1/orders` knows (esputnik-api.md §4)."""

NEW_STATUS_ID = 1
NEW_STATUS_TITLES: frozenset[str] = frozenset(
    {"Нове", "Новий", "Нова", "Новый", "Новое", "Новая", "New", "Nou", "Nouă", "Noua"}
)
"""What Horoshop calls its status 1, in the languages of its sites: ua, ru, en, ro (horoshop-api.md §3.1)."""

DEFAULT_STATUS_MAP: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        NEW_STATUS_ID: (INITIALIZED,),
        2: (IN_PROGRESS,),
        6: (IN_PROGRESS,),
        3: (DELIVERED,),
        4: (CANCELLED,),
    }
)
"""Horoshop's built-in statuses (1 new, 2 processing, 6 shipping, 3 delivered, 4 not delivered) by id."""


class StatusMapError(ValueError):
    """An entry of `order_status_mapping` cannot be used.

    The message says which entry and what to write instead; it never repeats what was written.

    Attributes:
        said: the message, to be put into words later.
        position: number of the entry in the setting, counted from 1; 0 when the setting as a whole is wrong.
    """

    def __init__(self, said: Said, position: int) -> None:
        super().__init__(said.told(ENGLISH))
        self.said = said
        self.position = position


@dataclass(frozen=True)
class StatusMap:
    """The defaults, with the owner's entries laid over them.

    Attributes:
        by_id: the owner's entries that name a Horoshop status by id.
        by_title: those that name it by title (as `_folded` spells it), in the order of the setting.
    """

    by_id: Mapping[int, tuple[str, ...]]
    by_title: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_setting(cls, entries: Sequence[Mapping[str, Any]]) -> StatusMap:
        """Read `order_status_mapping`.

        Args:
            entries: `{"status": id or title, "send": an eSputnik status or an ordered list of them}` each.

        Raises:
            StatusMapError: an entry is malformed, maps a status twice, or maps New to anything but INITIALIZED.
        """
        if isinstance(entries, str | bytes | Mapping) or not isinstance(entries, Sequence):
            raise StatusMapError(said("mapping.list"), 0)
        by_id: dict[int, tuple[str, ...]] = {}
        by_title: dict[str, tuple[str, ...]] = {}
        for position, entry in enumerate(entries, start=1):
            status = _status_of(entry, position)
            planned = _planned_of(entry, position)
            _keep_new_fixed(status, planned, position)
            if status in by_id or status in by_title:
                raise _refused(position, "status", "twice")
            if isinstance(status, int):
                by_id[status] = planned
            else:
                by_title[status] = planned
        return cls(MappingProxyType(by_id), MappingProxyType(by_title))

    def statuses_for(self, status_id: int, titles: Collection[str]) -> tuple[str, ...] | None:
        """The eSputnik statuses to send, in their order, for a Horoshop status; None when nothing maps it.

        The owner's entry by id comes first, then his entry by title (of several that fit, the first in the
        setting), then the default by id. New is what it is, whatever its title was changed to.

        Args:
            status_id: the shop's id of the status.
            titles: its titles in every language that is known; case and spaces do not matter.
        """
        if status_id == NEW_STATUS_ID:
            return DEFAULT_STATUS_MAP[NEW_STATUS_ID]
        if status_id in self.by_id:
            return self.by_id[status_id]
        if self.by_title:
            known_as = {_folded(title) for title in titles}
            for title, planned in self.by_title.items():
                if title in known_as:
                    return planned
        return DEFAULT_STATUS_MAP.get(status_id)

    def fingerprint(self) -> str:
        """A short text that differs when any status would be sent as something else."""
        rules = [
            sorted({**DEFAULT_STATUS_MAP, **self.by_id}.items()),
            list(self.by_title.items()),
        ]
        return hashlib.sha256(json.dumps(rules).encode()).hexdigest()[:16]


def remaining(
    planned: Sequence[str], *, last_accepted: str | None, accepted_for_this_change: Collection[str]
) -> tuple[str, ...]:
    """What is left to send of `planned`, one request after another.

    A status is skipped when it is the order's last accepted one at the moment of its turn, or was already
    accepted for this change of the Horoshop status. So after B, the list [A, B] is sent whole (the order must end as
    B again); after A only B is sent; and a run that was cut off after some member goes on behind that member.

    Args:
        planned: the eSputnik statuses of the Horoshop status, in order.
        last_accepted: the order's last accepted eSputnik status; None for an order that was never sent.
        accepted_for_this_change: those already accepted since the Horoshop status changed.
    """
    settled = set(accepted_for_this_change)
    # What stands before an accepted member was sent or skipped before it: a cut-off run must not go back to it.
    once_each = tuple(dict.fromkeys(planned))
    behind = max((place for place, status in enumerate(once_each, start=1) if status in settled), default=0)
    current = last_accepted
    left: list[str] = []
    for status in once_each[behind:]:
        if status != current:
            left.append(status)
            current = status
    return tuple(left)


def is_titled(compared: str, titles: Collection[str]) -> bool:
    """Whether a title of `StatusMap.by_title` is one of these titles."""
    return compared in {_folded(title) for title in titles}


def _folded(title: str) -> str:
    """A title as it is compared: without case, without odd spaces, in one spelling of composed letters."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


_NEW_AS_COMPARED = frozenset(_folded(title) for title in NEW_STATUS_TITLES)


def _refused(position: int, field: str, problem: str) -> StatusMapError:
    where = said("mapping.the_entry") if field == "entry" else field
    what = said(f"mapping.{problem}", statuses=", ".join(ESPUTNIK_STATUSES))
    return StatusMapError(said("mapping.entry", position=position, field=where, problem=what), position)


def _status_of(entry: Mapping[str, Any], position: int) -> int | str:
    """The Horoshop status of an entry: an id, or a title as it is compared."""
    if not isinstance(entry, Mapping):
        raise _refused(position, "entry", "not_an_entry")
    status = entry.get("status")
    if isinstance(status, bool) or not isinstance(status, int | str):
        raise _refused(position, "status", "no_status")
    if isinstance(status, int):
        return status
    title = _folded(status)
    if not title:
        raise _refused(position, "status", "empty_status")
    # An id that came through the environment or YAML quotes is still an id: as a title it would match nothing.
    return int(title) if title.isascii() and title.isdigit() else title


def _planned_of(entry: Mapping[str, Any], position: int) -> tuple[str, ...]:
    """The eSputnik statuses of an entry, in order."""
    send = entry.get("send")
    listed = [send] if isinstance(send, str) else send
    if not isinstance(listed, list | tuple) or not all(isinstance(status, str) for status in listed):
        raise _refused(position, "send", "no_send")
    if not listed:
        raise _refused(position, "send", "empty_send")
    planned = tuple(status.strip().upper() for status in listed)
    if not set(planned) <= set(ESPUTNIK_STATUSES):
        raise _refused(position, "send", "unknown_send")
    if len(set(planned)) < len(planned):
        raise _refused(position, "send", "sent_twice")
    return planned


def _keep_new_fixed(status: int | str, planned: tuple[str, ...], position: int) -> None:
    """Refuse any other meaning of New: a new order must start the account's INITIALIZED workflow."""
    if status != NEW_STATUS_ID and status not in _NEW_AS_COMPARED:
        return
    if planned != DEFAULT_STATUS_MAP[NEW_STATUS_ID]:
        raise _refused(position, "send", "new")
