"""Everything that a run says: stdout, stderr, and log records of every level, of both programs."""

from __future__ import annotations

import contextlib
import io
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = logging.Formatter("%(name)s %(levelname)s %(message)s")


@dataclass
class Heard:
    """What was said in one run or several.

    Attributes:
        stderr: as a person saw it.
        records: (level, text with its traceback) of every log record.
        said: stdout of the tap: Singer messages, which hold the shop's people on purpose.
        kept: stdout of the target.
    """

    stderr: str = ""
    records: list[tuple[int, str]] = field(default_factory=list)
    said: str = ""
    kept: str = ""

    def at_least(self, level: int) -> str:
        """All log records from a level on, as text."""
        return "\n".join(text for of, text in self.records if of >= level)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Hear all that is said in this process meanwhile, at the loudest level."""
        stderr, make, root = io.StringIO(), logging.getLogRecordFactory(), logging.getLogger()

        def note(*args: Any, **kwargs: Any) -> logging.LogRecord:
            record = make(*args, **kwargs)
            self.records.append((record.levelno, _PLAIN.format(record)))
            return record

        level = root.level
        logging.setLogRecordFactory(note)
        root.setLevel(logging.DEBUG)
        try:
            with contextlib.redirect_stderr(stderr):
                yield
        finally:
            logging.setLogRecordFactory(make)
            root.setLevel(level)
            self.stderr += stderr.getvalue()
