"""How long every command of esputnik-ledger takes on a ledger of 1,000,000 rows a table, in SQLite and in PostgreSQL.

A ledger is begun by the target itself, on the sandbox, and filled by SQL with what some years of a large shop would
leave: contacts, orders and sends, 1,000,000 rows each, 100,000 requests and 2,400 runs. Then each command is run as a
user runs it, as a process of its own, interpreter's start and all: `--help` shows what the start alone takes. On a
machine that is busy otherwise the processor's time says more than the clock; PostgreSQL's own work is not in it.

    .venv/bin/python benchmarks/ledger_size.py                           # both kinds, 1,000,000 rows
    .venv/bin/python benchmarks/ledger_size.py --rows 100000 --kinds sqlite
    .venv/bin/python benchmarks/ledger_size.py --only stats held         # some commands

Ends with 1 when the middle one of a command's times was over a second, or a command is not in the list here; `erase
--yes` may take longer in SQLite, whose whole file it writes anew.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from horoshop_esputnik_sandbox import Sandbox
from target_esputnik.cli import main as commands

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
from postgresql_server import Server  # noqa: E402 - the tests' own server: see above

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
RUNS = 2_400
REQUESTS = 100_000
TIMES = 3
MOST_SECONDS = 1.0
LONG_AGO = "2020-01-01T00:00:00+00:00"
FIRST = 10_000_000  # ids of the rows that are filled in; the target's own rows have small ones
NOW = datetime.now(timezone.utc)

PHONE = "+380501234567"
# The rows that commands are asked about by name: the target itself makes them.
CONTACT = {"id": 7, "email": "olena@example.com", "first_name": "Олена", "registered_at": LONG_AGO}
ORDER = {
    "order_id": 1,
    "created_at": (NOW - timedelta(minutes=5)).isoformat(timespec="seconds"),
    "status_id": 1,
    "status_title": "Нове",
    "email": "olena@example.com",
    "total": 420,
    "currency": "UAH",
    "products": [{"article": "TK-01", "title": "Чайник", "price": 420, "quantity": 1, "total_price": 420}],
}

A_DAY = ["--from", (NOW - timedelta(days=3)).date().isoformat(), "--to", (NOW - timedelta(days=2)).date().isoformat()]
ASKED: dict[str, list[list[str]]] = {
    "--help": [[]],
    "check": [[]],
    "contacts": [["7"], ["olena@example.com"]],
    "erase": [
        ["--email", "olena@example.com"],
        ["--phone", PHONE],
        ["--id", str(FIRST + 5)],
        ["--email", "nobody@example.com", "--yes"],
        ["--id", str(FIRST + 5), "--yes"],
    ],
    "explain": [["order", "1"], ["contact", "7"]],
    "held": [[], ["--reason", "unmapped_status", "--show-answers"]],
    "last-run": [[]],
    "orders": [["1"]],
    "prune": [["--before", LONG_AGO[:10]], ["--before", (NOW - timedelta(days=30)).date().isoformat()]],
    "rejected": [[], ["--stream", "orders", *A_DAY]],
    "release": [["--id", str(FIRST + 2)]],
    "requests": [[], ["--last", "7d"]],
    "resend": [["--id", "1"], A_DAY],
    "retry": [["--id", str(FIRST + 1)], A_DAY],
    "stats": [[], ["--last", "7d"], A_DAY],
    "statuses": [[]],
}
ELSEWHERE = {
    "probe": "asks eSputnik and keeps no rows",
    "serve": "is a server, measured by its own pages",
}

NUMBERS = """WITH RECURSIVE numbers(i) AS (
    SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})"""
FATES = """CASE WHEN i % 1000 = 1 THEN 'rejected' WHEN i % 1000 = 2 THEN 'held'
    WHEN i % 5 = 0 THEN '{old}' ELSE 'accepted' END"""
REASONS = """CASE WHEN i % 1000 = 1 THEN 'refused' WHEN i % 1000 = 2 THEN '{held}'
    WHEN i % 5 = 0 THEN {old} ELSE NULL END"""
A_HASH = "'{letter}0123456789abcdef' || (100000000000000 + (i * 7919) % 1000003)"  # spread, as hashes are

FILL = {
    "contacts": f"""{NUMBERS}
INSERT INTO contacts (scope_id, key, source, fate, reason, since, read_run, email_key, phone_key, hashes, version,
    delivered, delivered_email, esputnik_id, external_id, route, why, asked_at, delivered_at, registered_at, record,
    answer, updated_at)
SELECT 1, CASE WHEN i % 10 < 3 THEN 'guest:' || {A_HASH.format(letter="g")} ELSE '' || ({FIRST} + i) END,
    CASE WHEN i % 10 < 3 THEN 'order' ELSE 'registration' END, {FATES.format(old="unchanged")},
    {REASONS.format(held="backlog", old="NULL")}, started_at, id, {A_HASH.format(letter="e")},
    {A_HASH.format(letter="p")},
    '{{"email":"0123456789abcdef0123456789abcdef","first_name":"0123456789abcdef0123456789abcdef"}}', NULL, true,
    {A_HASH.format(letter="e")}, i, '' || ({FIRST} + i), 'subscribe', 'not_there', started_at, started_at, started_at,
    CASE WHEN i % 3 = 0 OR i % 1000 < 3
        THEN :contact || ({FIRST} + i) || ', "email": "customer' || i || '@example.com"}}' ELSE NULL END,
    CASE WHEN i % 1000 = 1 THEN '{{"error":"refused"}}' ELSE NULL END, started_at
FROM numbers JOIN runs ON runs.number = i % {RUNS} + 2""",  # noqa: S608 - of this file's own names
    "addresses": f"""{NUMBERS}
INSERT INTO addresses (scope_id, email_key, confirmation, unsubscribed, updated_at)
SELECT 1, {A_HASH.format(letter="e")}, 'unconfirmed', false, started_at
FROM numbers JOIN runs ON runs.number = i % {RUNS} + 2""",  # noqa: S608 - of this file's own names
    "orders": f"""{NUMBERS}
INSERT INTO orders (scope_id, order_id, fate, reason, since, read_run, created_at, shop_status, esputnik_status,
    ever_accepted, change_status, change_sent, content, version, buyer, email_key, phone_key, record, answer,
    updated_at)
SELECT 1, {FIRST} + i, {FATES.format(old="baseline")},
    {REASONS.format(held="unmapped_status", old="'before_live_since'")}, started_at, id, started_at, i % 4 + 1,
    CASE i % 4 WHEN 0 THEN 'INITIALIZED' WHEN 1 THEN 'IN_PROGRESS' WHEN 2 THEN 'DELIVERED' ELSE 'CANCELLED' END,
    i % 5 > 0, CASE WHEN i % 1000 = 2 THEN 99 ELSE NULL END, '[]', {A_HASH.format(letter="c")}, NULL,
    '' || ({FIRST} + (i * 31) % {{count}} + 1),
    CASE WHEN i % 3 = 0 OR i % 1000 < 3 THEN {A_HASH.format(letter="e")} ELSE NULL END,
    CASE WHEN i % 3 = 0 OR i % 1000 < 3 THEN {A_HASH.format(letter="p")} ELSE NULL END,
    CASE WHEN i % 3 = 0 OR i % 1000 < 3
        THEN :order || ({FIRST} + i) || ', "email": "customer' || i || '@example.com"}}' ELSE NULL END,
    CASE WHEN i % 1000 = 1 THEN '{{"error":"refused"}}' ELSE NULL END, started_at
FROM numbers JOIN runs ON runs.number = i % {RUNS} + 2""",  # noqa: S608 - of this file's own names
    "sends": f"""{NUMBERS}
INSERT INTO sends (scope_id, run_id, kind, key, at, what, shop_status, outcome, reason, payload, answer)
SELECT 1, id, CASE WHEN i % 2 = 0 THEN 'order' ELSE 'contact' END, '' || ({FIRST} + i), started_at,
    CASE WHEN i % 2 = 0 THEN 'INITIALIZED' ELSE 'subscribe' END, 1,
    CASE WHEN i % 1000 = 1 THEN 'rejected' ELSE 'accepted' END, NULL,
    CASE WHEN i % 3 = 0 THEN :order || ({FIRST} + i) || '}}' ELSE NULL END, NULL
FROM numbers JOIN runs ON runs.number = i % {RUNS} + 2""",  # noqa: S608 - of this file's own names
    "requests": f"""{NUMBERS.replace("{count}", str(REQUESTS))}
INSERT INTO requests (run_id, at, endpoint, method, seconds, tries, status, outcome, records)
SELECT id, started_at, CASE i % 4 WHEN 0 THEN 'orders' WHEN 1 THEN 'contact/subscribe' WHEN 2 THEN 'contacts'
    ELSE 'contacts?email' END, CASE WHEN i % 4 = 3 THEN 'GET' ELSE 'POST' END, 0.2, 1,
    CASE WHEN i % 500 = 0 THEN 500 ELSE 200 END, CASE WHEN i % 500 = 0 THEN 'http_500' ELSE 'accepted' END, 10
FROM numbers JOIN runs ON runs.number = i % {RUNS} + 2""",  # noqa: S608 - of this file's own names
}


@contextmanager
def places(kinds: list[str], folder: Path) -> Iterator[dict[str, str]]:
    """Give a ledger_url by kind, in empty places."""
    urls = {"sqlite": f"sqlite:///{folder}/ledger/ledger.db"}
    if "postgresql" not in kinds:
        yield urls
        return
    with Server.started() as server:
        server.create("ledger")
        yield urls | {"postgresql": server.url("ledger")}


def begin(config: Path) -> None:
    """Let the target make the ledger, with one contact and one order."""
    keys = {"contacts": "id", "orders": "order_id"}
    lines: list[dict[str, Any]] = []
    for stream, record in (("contacts", CONTACT), ("orders", ORDER | {"phone": PHONE})):
        schema: dict[str, Any] = {"properties": {}}
        lines.append({"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": [keys[stream]]})
        lines.append({"type": "RECORD", "stream": stream, "record": record})
    text = "".join(json.dumps(line) + "\n" for line in lines)
    command = [str(BIN / "target-esputnik"), "--config", str(config)]
    subprocess.run(command, input=text, text=True, check=True, capture_output=True)


def fill(url: str, rows: int) -> None:
    """Fill the ledger's one account and shop."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    runs = [
        {"number": number, "at": (NOW - timedelta(hours=RUNS + 2 - number)).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")}
        for number in range(2, RUNS + 2)
    ]
    words = {
        "contact": json.dumps(CONTACT | {"city": "Львів", "address": "вул. Зразкова, 1"})[:-1] + ', "id": ',
        "order": json.dumps(ORDER | {"comment": "x" * 200})[:-1] + ', "order_id": ',
    }
    counts = json.dumps({"read": {"orders": 10}, "fates": [["orders", "accepted", "", 10]], "attempts": 10})
    run = sa.text(
        "INSERT INTO runs (scope_id, number, kind, started_at, ended_at, exit_code, counts, settings_hash) "
        "VALUES (1, :number, 'run', :at, :at, 0, :counts, '')"
    )
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":  # the indices are written all over the file
            connection.exec_driver_sql("PRAGMA cache_size = -1000000")
            connection.exec_driver_sql("PRAGMA synchronous = OFF")
        connection.execute(run, [one | {"counts": counts} for one in runs])
        for statement in FILL.values():
            connection.execute(sa.text(statement.replace("{count}", str(rows))), words)
        connection.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))  # as PostgreSQL itself does within minutes


def measured(command: list[str], config: Path) -> tuple[list[float], list[float], str]:
    """Run a command some times; give its times in seconds, its processor's, and what went wrong or nothing."""
    took: list[float] = []
    worked: list[float] = []
    settings = [] if command == ["--help"] else ["--config", str(config)]
    for _ in range(TIMES):
        before = _worked()
        started = time.monotonic()
        done = subprocess.run(
            [str(BIN / "esputnik-ledger"), *command, *settings],
            capture_output=True,
            text=True,
            check=False,
            env=_as_installed(config.parent),
        )
        took.append(time.monotonic() - started)
        worked.append(_worked() - before)
        if done.returncode not in {0, 3}:
            return took, worked, (done.stderr or done.stdout).strip().splitlines()[-1]
    return took, worked, ""


def _as_installed(folder: Path) -> dict[str, str]:
    """Give an environment in which modules are compiled once, as an installer does it, and not at every start."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def _worked() -> float:
    """Give the processor's seconds of all processes that this one started and that are over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(kinds: list[str], rows: int, only: list[str]) -> bool:
    """Measure and print a table. Returns whether all went well, and fast enough."""
    well = True
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(customers=1, orders=1) as sandbox,
        places(kinds, Path(folder)) as urls,
    ):
        for kind in kinds:
            config = Path(folder) / f"{kind}.json"
            settings = {"api_key": sandbox.api_key, "api_url": sandbox.esputnik_url, "ledger_url": urls[kind]}
            config.write_text(json.dumps(settings | {"live_since": LONG_AGO}), encoding="utf-8")
            started = time.monotonic()
            begin(config)
            fill(urls[kind], rows)
            print(f"\n{kind}, {rows:,} rows a table, filled in {time.monotonic() - started:.0f} s\n")
            print("| command | median, s | slowest, s | processor, s | |\n|---|---|---|---|---|")
            rows_well = [_row(command, config, kind) for command in _asked(only)]  # also after one that is too slow
            well &= all(rows_well)
    return well


def _asked(only: list[str]) -> list[list[str]]:
    return [[name, *options] for name in sorted(ASKED) for options in ASKED[name] if not only or name in only]


def _row(command: list[str], config: Path, kind: str) -> bool:
    if command[0] not in {*commands.commands, "--help"}:
        print(f"| `{' '.join(command)}` | | | | there is no such command |")
        return True
    took, worked, problem = measured(command, config)
    middle = statistics.median(took)
    rewrites = kind == "sqlite" and "--yes" in command  # so that the file holds nothing that was deleted
    remark = problem or ("too slow" if middle > MOST_SECONDS and not rewrites else "")
    print(
        f"| `{' '.join(command)}` | {middle:.2f} | {max(took):.2f} | {statistics.median(worked):.2f} | "
        f"{remark or ('writes the file anew' if rewrites else '')} |",
        flush=True,
    )
    return not remark


def main() -> None:
    """Read the arguments, measure, and end with 1 if a command was too slow or is not measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--only", nargs="+", default=[])
    arguments = parser.parse_args()
    unknown = sorted(set(commands.commands) - set(ASKED) - set(ELSEWHERE))
    for name in unknown:
        print(f"{name}: not measured; say in ASKED what it is to be asked")
    well = report(arguments.kinds, arguments.rows, arguments.only)
    sys.exit(0 if well and not unknown else 1)


if __name__ == "__main__":
    main()
