"""`statuses`: the shop's order statuses, orders seen, what each is sent as, and YAML for those without a mapping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.sheet import Sheet, clean
from target_esputnik.cli.verdicts import DONE
from target_esputnik.cli.words import say
from target_esputnik.ledger import reports
from target_esputnik.statuses import ESPUTNIK_STATUSES, NEW_STATUS_ID, is_titled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from target_esputnik.cli.asked import Asked
    from target_esputnik.ledger.reports import ShopStatus
    from target_esputnik.ledger.store import Ledger
    from target_esputnik.statuses import StatusMap


class Mapped:
    """The shop's statuses as the ledger knows them, with orders and mapping.

    Args:
        ledger: in a scope.
        status_map: of the settings.
    """

    def __init__(self, ledger: Ledger, status_map: StatusMap) -> None:
        self._map = status_map
        seen = reports.order_statuses(ledger)
        self.orders = reports.by_current_status(seen)
        self.all = reports.shop_statuses(ledger, seen)

    def is_title(self, folded: str) -> bool:
        """Whether some status has this title, spelled as the mapping compares it."""
        return any(is_titled(folded, _titles(status)) for status in self.all)

    def sent_as(self, status: ShopStatus) -> tuple[str, ...] | None:
        """What a status is sent as; None where nothing maps it."""
        return self._map.statuses_for(status.id, _titles(status))

    @property
    def unmapped(self) -> list[ShopStatus]:
        """The statuses that nothing maps."""
        return [status for status in self.all if self.sent_as(status) is None]


@ledger_command("statuses", example="")
def statuses(asked: Asked) -> int:
    """The shop's order statuses: orders seen, and what each is sent as."""
    settings = asked.settings
    with asked.ledger_to_read() as ledger:
        asked.show(_sheet(Mapped(ledger, settings.status_map)))
    return DONE


def _sheet(mapped: Mapped) -> Sheet:
    unmapped = mapped.unmapped
    sheet = Sheet(
        {
            "statuses": [
                {
                    "id": status.id,
                    "title": status.title,
                    "orders": mapped.orders[status.id],
                    "sent_as": None if (sent := mapped.sent_as(status)) is None else list(sent),
                    "listed": status.listed,
                }
                for status in mapped.all
            ],
            "to_paste": yaml_to_paste(unmapped) if unmapped else None,
        }
    )
    if not mapped.all:
        sheet.say("statuses.none")
    rows = [
        (str(status.id), _title(status), str(mapped.orders[status.id]), _sent_in_words(status, mapped.sent_as(status)))
        for status in mapped.all
    ]
    sheet.table("", ("id", "title", "orders", "sent_as"), rows)
    if unmapped:
        sheet.say("statuses.paste")
        sheet.parts.append(yaml_to_paste(unmapped))
    return sheet


def _titles(status: ShopStatus) -> list[str]:
    return [title for title in (*status.titles.values(), status.title) if isinstance(title, str)]


def _title(status: ShopStatus) -> str:
    return f"{status.title or ''} {'' if status.listed else say('statuses.not_listed')}".strip()


def _sent_in_words(status: ShopStatus, sent: tuple[str, ...] | None) -> str:
    if sent is None:
        return say("statuses.not_mapped")
    arrows = " → ".join(sent)
    return say("statuses.fixed", sent=arrows) if status.id == NEW_STATUS_ID else arrows


def yaml_to_paste(unmapped: Sequence[ShopStatus]) -> str:
    """`order_status_mapping` for statuses that lack one; what to send is left for a person: it is never guessed."""
    lines = [f"order_status_mapping:  # {say('statuses.yaml_keep')}"]
    for status in unmapped:
        title = clean(status.title or "")
        lines.append(f"  - status: {status.id}" + (f"  # {title}" if title else ""))
        lines.append(f"    send: {say('statuses.choose')}  # {', '.join(ESPUTNIK_STATUSES)}")
    return "\n".join(lines)
