"""What a database can answer instead of rows, as one of our errors: no statement and no value, they hold personal data.

psycopg gives a five-letter code (SQLSTATE) for what a server refuses, but only a sentence for a connection that did
not come about; servers may be set to other languages, and then the sentence says nothing to us.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import exc

from target_esputnik.errors import LedgerAway, LedgerBusy, LedgerUnusable, TargetError

if TYPE_CHECKING:
    from collections.abc import Iterator

_KNOWN: Final = (
    "unable to open database file",
    "attempt to write a readonly database",
    "database or disk is full",
    "disk I/O error",
    "file is not a database",
    "database disk image is malformed",
    "no such table",
    "password authentication failed",
    "no password supplied",
    "failed to resolve host",
    "server does not support SSL",
    "certificate verify failed",
    "no pg_hba.conf entry",
    "does not exist",
    "permission denied",
)
"""The databases' own short sentences that quote no value; the first that is found is shown."""

_AWAY: Final = (
    "connection refused",
    "timeout expired",
    "timed out",
    "connection timeout",
    "server closed the connection",
    "starting up",
    "shutting down",
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "network is unreachable",
    "no route to host",
)
"""The server is not there at this moment; waiting may help."""

_BY_CODE: Final = {
    "25006": "the database can only be read",
    "42501": "this user lacks the right",
    "3F000": "the schema in ledger_url does not exist",
    "53100": "the disk is full",
    "58030": "disk I/O error",
}
"""PostgreSQL's codes of what a person must mend."""

_LOCKED: Final = ("40001", "40P01", "55P03")


@contextmanager
def foreign_errors_as_ours() -> Iterator[None]:
    """Turn every exception of the database into one of ours, without statement or values: those hold personal data.

    Raises:
        LedgerUnusable: a person must act.
        LedgerBusy, LedgerAway: the next run goes on.
    """
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _ours(error) from None
    except UnicodeEncodeError:
        raise LedgerUnusable("ledger_damaged", cause="a text that is not Unicode") from None
    except OSError as error:
        raise LedgerUnusable("ledger_folder", cause=error.strerror or type(error).__name__) from None


def _ours(error: exc.SQLAlchemyError) -> TargetError:
    cause = str(getattr(error, "orig", "")).split("\n", 1)[0]
    code = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return LedgerAway("ledger_lost")
    if code in _LOCKED or (isinstance(error, exc.OperationalError) and ("locked" in cause or "busy" in cause)):
        return LedgerBusy("ledger_locked")
    if any(sentence in cause.lower() for sentence in _AWAY):
        return LedgerAway("ledger_away")
    known = next((sentence for sentence in _KNOWN if sentence.lower() in cause.lower()), None)
    return LedgerUnusable("ledger_damaged", cause=_BY_CODE.get(code) or known or _kind(error))


def _kind(error: exc.SQLAlchemyError) -> str:
    return "database error" if isinstance(error, exc.OperationalError) else type(error).__name__
