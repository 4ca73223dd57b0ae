"""The target as an Airbyte destination: console script `destination-esputnik`.

Airbyte keeps the states, as they are: the ledger's mark is not put into them. Instead the ledger remembers the reads of
which it took states, and the source names the one that it reads on from: one that the ledger does not know tells what
the mark tells under Meltano, that the ledger was lost or is older.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from singer_airbyte import AirbyteError, Destination, Failure, run_destination
from target_esputnik import fates
from target_esputnik.client import EsputnikClient
from target_esputnik.console import as_ours
from target_esputnik.errors import HealsByItself, LedgerUnusable, NeedsPerson, TooManyRejected
from target_esputnik.language import language_of, speak
from target_esputnik.ledger.connection import POSTGRESQL, parsed_url
from target_esputnik.ledger.reports import run_of_read
from target_esputnik.ledger.store import Ledger
from target_esputnik.settings import Settings
from target_esputnik.statuses import ESPUTNIK_STATUSES
from target_esputnik.target import TargetEsputnik

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from singer_airbyte import Incoming

NAME: Final = "destination-esputnik"


class EsputnikDestination(Destination[TargetEsputnik]):
    """What the target knows better than the adapter: its form, how to check, its errors, and when a state is true."""

    def __init__(self) -> None:
        super().__init__(TargetEsputnik, name=NAME, documentation_url="https://esputnik.com")

    def form(self) -> dict[str, Any]:
        """The settings: those that the form could not show otherwise, and the ledger without its default of a file."""
        form = super().form()
        settings = form["properties"]
        mapping = settings["order_status_mapping"]["items"]["properties"]
        mapping["status"] = {"type": "string", "title": "Status in the shop: id or title"}
        statuses = {"type": "string", "enum": list(ESPUTNIK_STATUSES)}
        mapping["send"] = {"type": "array", "title": "What is sent, in order", "minItems": 1, "items": statuses}
        del settings["ledger_url"]["default"]
        settings["ledger_url"]["description"] = (
            "SQLAlchemy URL of the ledger, PostgreSQL: postgresql+psycopg://user:password@host/database. SQLite "
            "(sqlite:///path) is accepted with allow_local_ledger only: a destination's container keeps no disk."
        )
        form["required"] = ["api_key", "ledger_url"]
        return form

    def check(self, config: dict[str, Any]) -> None:
        """Prove settings, ledger and key; writes nothing, and makes no ledger."""
        settings = kept_ledger(config)
        try:
            Ledger.open(settings.ledger_url, create=False, writable=False).close()
        except LedgerUnusable as error:
            if not error.absent:
                raise
        with closing(EsputnikClient(settings, on_exchange=lambda _: None)) as client:
            client.account()

    def tell(self, error: BaseException) -> Failure:
        """Put an error into the words of the catalogue."""
        if isinstance(error, AirbyteError) or not isinstance(error, Exception):
            return super().tell(error)
        ours = as_ours(error)
        if isinstance(ours, (NeedsPerson, TooManyRejected)):
            return Failure(ours.line(), "config_error")
        return Failure(ours.line(), "transient_error" if isinstance(ours, HealsByItself) else "system_error")

    def write(self, config: dict[str, Any], incoming: Incoming, ready: Callable[[], None]) -> int:
        """Deliver, as `target-esputnik` does; what ends it is raised once it is written down."""
        kept_ledger(config)
        logging.getLogger("alembic").setLevel(logging.WARNING)  # its plugins are not news to an owner
        target = TargetEsputnik(config=config, message_reader=incoming, emit_state=incoming.settled)
        ready()
        mapped = target.settings.stream_mapping

        def rejected(stream: str) -> int:
            counts = target.run.tally.fates.items()
            name = mapped.get(stream, stream)
            return sum(count for (of, fate, _), count in counts if (of, fate) == (name, fates.REJECTED))

        def mark_of(read: str | None) -> dict[str, Any]:
            """The mark of a ledger, as it would stand in STATE: of the run that took the states of this read."""
            if read is None:
                return {}
            ledger = target.run.room.ledger
            number = run_of_read(ledger, read)
            return {"esputnik_ledger": {"id": None if number is None else ledger.scope.uid, "run": number}}

        incoming.rejected, incoming.began = rejected, mark_of
        code = target.work()
        if target.ended_by is not None:
            raise target.ended_by
        return code


def kept_ledger(config: dict[str, Any]) -> Settings:
    """Check the settings, and that the ledger outlives the container.

    Raises:
        TargetError: a setting is wrong, or the ledger is a file and nobody said that the file is kept.
    """
    settings = Settings.from_config(config)
    is_server = parsed_url(settings.ledger_url).drivername == POSTGRESQL
    if not is_server and not settings.allow_local_ledger:
        raise LedgerUnusable("ledger_not_kept")
    return settings


def run(arguments: Sequence[str]) -> int:
    """Run a command line of the Airbyte protocol and return its exit code."""
    speak(language_of([], os.environ))
    return run_destination(EsputnikDestination(), arguments)


def main() -> None:
    """The console script `destination-esputnik`."""
    sys.exit(run(sys.argv[1:]))
