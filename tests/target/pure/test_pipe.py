"""The pipe from the tap holds a good part of a batch; whatever is no pipe is left as it is."""

from __future__ import annotations

import fcntl
import io
import os
from typing import TYPE_CHECKING

import pytest

from target_esputnik.pipe import WIDTH, widen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="only Linux lets anybody choose")
def test_what_is_written_while_nobody_reads_fits_into_the_widened_pipe() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb") as end:
        widen(stream)
        os.set_blocking(end.fileno(), False)
        assert os.write(end.fileno(), b"x" * WIDTH) == WIDTH


def test_a_file_and_what_has_no_file_at_all_are_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "messages.jsonl"
    path.write_text("one\n", encoding="utf-8")
    for stream in (path.open(encoding="utf-8"), io.StringIO("one\n")):
        widen(stream)
        assert stream.read() == "one\n"
        stream.close()
