"""What the demo's hours cost: seconds and processor of the shops' runs, of Airflow beside them, and the databases."""

import re
import statistics
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from types import TracebackType

import psycopg
from typing_extensions import Self

from fleet_airflow import Airflow
from postgresql_server import Server

RUN = re.compile(r"shop [\w-]+: exit code 0 after ([0-9.]+) s, ([0-9.]+) s of a processor")
SECONDS_BETWEEN_LOOKS = 1


class Costs:
    """Watches while it is open.

    Args:
        airflow: whose processes are counted.
        server: whose connections are.
        databases: by name.
    """

    def __init__(self, airflow: Airflow, server: Server, databases: Sequence[str]) -> None:
        self._airflow = airflow
        self._server = server
        self._databases = databases
        self._most: Counter[str] = Counter()
        self._most_at_once = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._busy = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._busy = self._airflow.processor_seconds()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._over.set()
        self._watch.join()
        self._busy = self._airflow.processor_seconds() - self._busy

    def lines(self, run: str) -> Iterator[str]:
        """Yield what a run of the DAG cost, which went on meanwhile."""
        text = "\n".join(self._airflow.task_lines(run))
        found = [(float(seconds), float(busy)) for seconds, busy in RUN.findall(text)]
        if not found:
            yield "no run of a shop is in the logs"
            return
        seconds, busy = ([one[number] for one in found] for number in (0, 1))
        yield (
            f"{len(found)} runs of shops: median {statistics.median(seconds):.1f} s, "
            f"{statistics.median(busy):.1f} s of a processor"
        )
        yield f"Airflow beside them: {max(0.0, self._busy - sum(busy)) / len(found):.1f} s of a processor for each run"
        most = ", ".join(f"{name} {self._most[name]}" for name in self._databases)
        yield f"connections to PostgreSQL, most at once: {self._most_at_once} ({most})"
        yield "size of the databases: " + ", ".join(f"{name} {self._size(name)}" for name in self._databases)

    def _look(self) -> None:
        query = "SELECT datname, count(*) FROM pg_stat_activity WHERE datname IS NOT NULL GROUP BY datname"
        with psycopg.connect(self._server.address("postgres"), autocommit=True) as connection:
            while not self._over.wait(SECONDS_BETWEEN_LOOKS):
                now = Counter({name: count for name, count in connection.execute(query) if name in self._databases})
                self._most |= now
                self._most_at_once = max(self._most_at_once, now.total())

    def _size(self, name: str) -> str:
        with psycopg.connect(self._server.address("postgres")) as connection:
            [row] = connection.execute("SELECT pg_size_pretty(pg_database_size(%s))", [name])
            return str(row[0])
