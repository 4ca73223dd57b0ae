"""The audit fails by a known weakness, and never passes off as audited what nobody was asked about.

pip-audit itself runs, against a stand-in of OSV on loopback.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WEAK = {"id": "PYSEC-2026-1", "affected": [{"package": {"name": "six", "ecosystem": "PyPI"}, "ranges": []}]}


@pytest.fixture
def osv() -> Iterator[Callable[[dict[str, Any]], tuple[list[str], list[str]]]]:
    """Give a stand-in of OSV that knows the weaknesses that it is told, and what it was asked about."""
    servers: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(known: dict[str, Any]) -> tuple[list[str], list[str]]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append(query["package"]["name"])
                answer = json.dumps({"vulns": known.get(asked[-1], [])}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query"], asked

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the name of a lock of two packages."""
    (tmp_path / "requirements").mkdir()
    line = "{}==1.0 --hash=sha256:" + "0" * 64 + "\n"
    lines = line.format("six") + line.format("attrs")
    (tmp_path / "requirements" / "two.txt").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    return ["two.txt"]


def test_a_version_that_is_known_to_be_weak_fails_the_check(
    osv: Callable[[dict[str, Any]], tuple[list[str], list[str]]], locks: list[str]
) -> None:
    service, asked = osv({"six": [WEAK]})
    code, told = audit.verdict(service, locks)
    assert code == 1
    assert "six 1.0: PYSEC-2026-1" in told
    assert asked == ["requests", "six", "attrs"]


def test_one_that_was_looked_into_and_accepted_does_not(
    osv: Callable[[dict[str, Any]], tuple[list[str], list[str]]], locks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(audit.ACCEPTED, WEAK["id"], "it is in a part that is not used")
    service, _ = osv({"six": [WEAK]})
    assert audit.verdict(service, locks) == (0, "audit: 2 locked packages audited, 0 weaknesses")


def test_where_all_is_well_it_says_how_many_were_audited(
    osv: Callable[[dict[str, Any]], tuple[list[str], list[str]]], locks: list[str]
) -> None:
    service, _ = osv({})
    assert audit.verdict(service, locks) == (0, "audit: 2 locked packages audited, 0 weaknesses")


def test_where_nobody_can_be_asked_it_says_so_and_passes_nothing_off_as_audited(locks: list[str]) -> None:
    nobody = ["--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/v1/query"]
    code, told = audit.verdict(nobody, locks)
    assert code == 0
    assert told.startswith("audit: NOT AUDITED: ")
    assert "weaknesses" not in told


def test_what_the_service_skipped_counts_as_not_audited(locks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([audit.Answer(1, [], []), audit.Answer(1, ["attrs"], [])])
    monkeypatch.setattr(audit, "ask", lambda *_: next(answers))
    code, told = audit.verdict((), locks)
    assert code == 0
    assert "NOT AUDITED: attrs" in told
    assert "1 locked packages audited" in told
