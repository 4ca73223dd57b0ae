"""Airflow as an agency runs it, all on loopback: CeleryExecutor on Redis, PostgreSQL, workers that can be killed.

Each part is a process of ours with a log of its own, from `.venv-airflow`; leaving it stops them all. Airflow itself is
asked by its own API, as a person with a browser would.
"""

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import psutil
import requests
from typing_extensions import Self

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv-airflow" / "bin"
DAG = "horoshop_shops"
START_SECONDS = 180
HEARTBEAT_TIMEOUT = 30
SHOPS_AT_ONCE = 4
"""On one worker."""

HOST_NAME = '''"""The name of a worker: two on one machine are to look like two machines."""

import os


def name():
    return os.environ.get("FLEET_HOST", "airflow")
'''


class AirflowError(Exception):
    """Airflow did not do what it was asked; its logs say why."""


@dataclass(frozen=True)
class Task:
    """A task of a DAG's run, as Airflow's API has it.

    Attributes:
        task: its id.
        shop: of a task that runs one; an empty text else.
        state: as Airflow calls it; an empty text for none yet.
        tries: how often it was tried.
        worker: on which it ran last.
    """

    task: str
    shop: str
    state: str
    tries: int
    worker: str


def free_port() -> int:
    """Return a port of loopback that nobody listens to."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def wait_for(what: str, ready: Callable[[], Any], seconds: float = START_SECONDS) -> Any:
    """Wait until something is there, and return it.

    Raises:
        AirflowError: it does not come.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.RequestException, OSError):
            if found := ready():
                return found
        time.sleep(0.5)
    raise AirflowError(f"{what}: not within {seconds:.0f} s")


class Airflow:
    """Redis, and the parts of Airflow; a context manager.

    Args:
        folder: for what it writes; logs are below `logs`.
        database: the address of its database, for psycopg2.
        environment: for every process: settings of the shops and of the DAG, and nothing of the machine's own Airflow.
    """

    def __init__(self, folder: Path, database: str, environment: Mapping[str, str]) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self._redis_port, self._port = free_port(), free_port()
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._files: list[IO[bytes]] = []
        self._token = ""
        self._gone_seconds = 0.0
        modules = folder / "modules"
        modules.mkdir()
        (modules / "fleet_host.py").write_text(HOST_NAME, encoding="utf-8")
        (folder / "passwords.json").write_text("{}", encoding="utf-8")
        guard = environment.get("PYTHONPATH", "")
        self._environment = {name: value for name, value in environment.items() if not name.startswith("AIRFLOW")}
        self._environment |= {"PYTHONPATH": os.pathsep.join(filter(None, [guard, str(modules)]))}
        self._environment |= {f"AIRFLOW__{name}": value for name, value in self._settings(database).items()}
        self._environment |= {"AIRFLOW_HOME": str(folder), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}

    def _settings(self, database: str) -> dict[str, str]:
        return {
            "CORE__DAGS_FOLDER": str(ROOT / "fleet" / "airflow" / "dags"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__EXECUTOR": "CeleryExecutor",
            "CORE__HOSTNAME_CALLABLE": "fleet_host.name",
            "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self._folder / "passwords.json"),
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self._port}/execution/",
            "API__SECRET_KEY": secrets.token_hex(32),
            "API__BASE_URL": f"http://127.0.0.1:{self._port}",
            "API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "DATABASE__SQL_ALCHEMY_CONN": database,
            "CELERY__BROKER_URL": f"redis://127.0.0.1:{self._redis_port}/0",
            "CELERY__RESULT_BACKEND": f"db+{database}",
            "CELERY__WORKER_CONCURRENCY": str(SHOPS_AT_ONCE),
            # A killed worker is missed after this; an agency's own machines may take longer (default 300).
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(HEARTBEAT_TIMEOUT),
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "LOGGING__BASE_LOG_FOLDER": str(self.logs / "tasks"),
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def __enter__(self) -> Self:
        """Start all but the workers."""
        try:
            self._start_redis()
            self.command("db", "migrate")
            self._start("api-server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1")
            wait_for("Airflow's API server", self._log_in)
            self._start("scheduler")
            self._start("dag-processor")
        except BaseException:
            self._stop_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all."""
        self._stop_all()

    # ---------------------------------------------------------------- processes

    def command(self, *arguments: str) -> str:
        """Run a command of Airflow to its end; give its stdout.

        Raises:
            AirflowError: it failed.
        """
        ended = subprocess.run(
            [str(BIN / "airflow"), *arguments],
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        if ended.returncode:
            raise AirflowError(f"airflow {' '.join(arguments)}: {ended.stdout[-2000:]}{ended.stderr[-4000:]}")
        return ended.stdout

    def start_worker(self, name: str, **more: str) -> None:
        """Start a worker, with some variables set otherwise, and wait until it takes tasks."""
        host = {"FLEET_HOST": name}
        self._start("celery", "worker", "--celery-hostname", f"{name}@fleet", name=name, more=host | more)
        wait_for(name, lambda: self._is_ready(name))

    def _is_ready(self, name: str) -> bool:
        ended = [one for one, process in self._processes.items() if process.poll() is not None]
        if ended:
            raise AirflowError(f"{', '.join(ended)}: ended by itself; --logs FOLDER keeps the logs")
        return f"{name}@fleet ready." in self._log(name).read_text(encoding="utf-8", errors="replace")

    def stop_worker(self, name: str) -> None:
        """Stop a worker, as one does to change its settings: it ends what it has, and takes nothing more."""
        process = self._processes[name]
        self._count(process)
        process.terminate()
        process.wait(timeout=START_SECONDS)
        del self._processes[name]

    def kill_worker(self, name: str) -> int:
        """Kill a worker and everything that it started, at once, as a machine that dies; give how many processes."""
        process = self._processes.pop(name)
        self._count(process)
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            for one in family:  # first none of them may do anything more, then they go
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.suspend()
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()
            return len(family)
        return 0

    def commands(self, name: str) -> list[str]:
        """Return the command lines of what a worker has started."""
        lines = []
        for one in _family(self._processes[name].pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                lines.append(" ".join(one.cmdline()))
        return lines

    def processor_seconds(self) -> float:
        """Return what all parts have used of a processor so far, what their tasks start included."""
        now = sum(_busy(process.pid) for process in self._processes.values())
        return self._gone_seconds + now

    def _start_redis(self) -> None:
        port = str(self._redis_port)
        program = shutil.which("redis-server")
        if program is None:
            raise AirflowError("redis-server: not installed (Debian, Ubuntu: apt-get install redis-server)")
        self._start(
            "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder),
            name="redis", program=program,
        )  # fmt: skip
        wait_for("Redis", self._redis_answers)

    def _redis_answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self._redis_port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")

    def _start(
        self,
        *arguments: str,
        name: str = "",
        program: str = str(BIN / "airflow"),
        more: Mapping[str, str] | None = None,
    ) -> None:
        name = name or arguments[0]
        log = self._log(name).open("ab")
        self._files.append(log)
        self._processes[name] = subprocess.Popen(
            [program, *arguments],
            cwd=self._folder,
            env=self._environment | dict(more or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _count(self, process: "subprocess.Popen[bytes]") -> None:
        self._gone_seconds += _busy(process.pid)

    def _stop_all(self) -> None:
        # In the order in which they were started but for Redis, which all others talk to.
        last_first = sorted(self._processes, key=lambda name: name == "redis")
        families = {name: _family(self._processes[name].pid) for name in last_first}
        for name in last_first:
            self._processes[name].send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._processes[name].wait(timeout=20)
            for one in families[name]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            self._processes[name].wait()
        self._processes.clear()
        for file in self._files:
            file.close()

    # ---------------------------------------------------------------- its API

    def unpause(self) -> None:
        """Let the schedule begin, as soon as Airflow has read the DAG: the hour that is over runs at once."""
        wait_for("the DAG", lambda: self._ask("GET", f"dags/{DAG}"))
        self._ask("PATCH", f"dags/{DAG}", json={"is_paused": False})

    def trigger(self) -> str:
        """Start a run now; give its id."""
        return str(self._ask("POST", f"dags/{DAG}/dagRuns", json={"logical_date": None})["dag_run_id"])

    def first_run(self) -> str:
        """Wait for the schedule's first run; give its id."""
        found = wait_for("the first run", lambda: self._ask("GET", f"dags/{DAG}/dagRuns").get("dag_runs"))
        return str(found[0]["dag_run_id"])

    def state(self, run: str) -> str:
        """Return the state of a run: queued, running, success or failed."""
        return str(self._ask("GET", f"dags/{DAG}/dagRuns/{run}")["state"])

    def tasks(self, run: str) -> list[Task]:
        """Return the tasks of a run."""
        found = self._ask("GET", f"dags/{DAG}/dagRuns/{run}/taskInstances", params={"limit": 100})["task_instances"]
        return [
            Task(
                one["task_id"],
                one["rendered_map_index"] or "",
                one["state"] or "",
                one["try_number"],
                one["hostname"] or "",
            )
            for one in found
        ]

    def errors(self) -> list[str]:
        """Return what Airflow could not import."""
        return [one["stack_trace"] for one in self._ask("GET", "importErrors")["import_errors"]]

    def _log_in(self) -> str:
        answer = requests.get(f"http://127.0.0.1:{self._port}/auth/token", timeout=5)
        self._token = answer.json().get("access_token", "") if answer.ok else ""
        return self._token

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"http://127.0.0.1:{self._port}/api/v2/{path}"
        answer = requests.request(method, url, headers=headers, timeout=30, **more)
        if answer.status_code == requests.codes.not_found:
            return {}
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    # ---------------------------------------------------------------- logs

    def task_lines(self, run: str) -> Iterator[str]:
        """Yield the lines of the logs of a run's tasks."""
        for path in sorted((self.logs / "tasks" / f"dag_id={DAG}" / f"run_id={run}").rglob("*.log")):
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def _family(number: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(number)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _busy(number: int) -> float:
    """Return the seconds of a processor that a process and all that it started have used."""
    total = 0.0
    for one in _family(number):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total
