"""The demo of many shops: twenty of them by Airflow, on this machine, without an account.

Twenty stand-ins, two eSputnik accounts, real Airflow with CeleryExecutor on Redis, two workers, PostgreSQL for Airflow,
for Meltano's state and for the ledger. In the first hour one worker is killed in the midst of its shops, one shop is
away for a moment, and one has a wrong password; in the second hour all is well, and a little has changed in each shop.
It ends with 0 only if shops, ledger and accounts agree after each. Everything stops by itself.
"""

import argparse
import contextlib
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import loopback_only
from demo_fleet_costs import Costs
from demo_fleet_shops import ACCOUNT_OF, LOCKED_OUT, REQUESTS_PER_SECOND, UNWELL, Accounts, Shops
from fleet_airflow import Airflow, AirflowError, Task, wait_for
from isolated_project import IsolatedProject
from postgresql_server import NoPrograms, Server

DATABASES = ("airflow", "meltano", "ledger")
COLUMNS = ("shop", "account", "worker", "tries", "task", "in the shop", "in eSputnik", "in the ledger", "verdict")
HOUR_SECONDS = 900
CONNECTIONS = 300
BEFORE_THE_KILL = 3
RETRY_SECONDS = 20
MELTANO_RUN = re.compile(r"meltano run --force shop-([a-z-]+)$")
SHOPS_COMMAND = Path(sys.executable).with_name("horoshop-shops")
out = Console(highlight=False, width=max(120, Console().width))


@contextlib.contextmanager
def step(sentence: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    out.print(f"▸ {sentence} …")
    started = time.monotonic()
    yield
    out.print(f"  [dim]{time.monotonic() - started:.0f} s[/dim]")


def hourly() -> str:
    """Return an hourly interval whose last moment has just gone by: the next one is after the demo."""
    return f"{(datetime.now(timezone.utc) - timedelta(minutes=1)).minute} * * * *"


@dataclass
class Hour:
    """A run of the DAG.

    Attributes:
        run: its id.
        killed: the shops that ran on the worker that was killed.
        tasks: those that run a shop, by shop, as they ended.
        state: of the whole.
    """

    run: str
    killed: list[str] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    state: str = ""

    def failed(self) -> list[str]:
        """Return the shops whose task did not end well, or that had none."""
        return sorted(shop for shop in ACCOUNT_OF if shop not in self.tasks or self.tasks[shop].state != "success")


class FleetDemo:
    """The demo, in parts.

    Args:
        shops: running.
        project: a copy of the Meltano project, installed.
        server: PostgreSQL, with the databases.
        folder: for what is written besides.
    """

    def __init__(self, shops: Shops, project: IsolatedProject, server: Server, folder: Path) -> None:
        self.shops, self.project, self.server = shops, project, server
        self.alerts = folder / "alerts"
        self.databases = {
            "TARGET_ESPUTNIK_LEDGER_URL": server.url("ledger"),
            "MELTANO_DATABASE_URI": server.url("meltano"),
        }
        alert = folder / "alert"
        alert.write_text(f"#!/bin/sh\ncat >>'{self.alerts}'\n", encoding="utf-8")
        alert.chmod(0o755)
        self.environment = {
            **project.environment(),
            **shops.secrets(**{LOCKED_OUT: "wrong"}),
            **self.databases,
            "PYTHONPATH": str(project.guard()),
            "HOROSHOP_SHOPS_PROJECT": str(project.root),
            "HOROSHOP_SHOPS_COMMAND": str(SHOPS_COMMAND),
            "HOROSHOP_SHOPS_ALERT": str(alert),
            "HOROSHOP_SHOPS_RETRY_SECONDS": str(RETRY_SECONDS),
            "HOROSHOP_SHOPS_INTERVAL": hourly(),
        }

    def prepare(self) -> None:
        """Write shops.yml, make the Meltano file from it, and let Meltano make its tables before several want them."""
        (self.project.root / "shops.yml").write_text(self.shops.shops_yml(), encoding="utf-8")
        self.shops_command("generate")
        self.project.run("state", "list", settings=self.databases)

    def shops_command(self, *arguments: str) -> str:
        """Run a command of horoshop-shops to its end; give its stdout.

        Raises:
            subprocess.CalledProcessError: it failed.
        """
        command = [str(SHOPS_COMMAND), *arguments, "--project", str(self.project.root)]
        return subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True).stdout

    def make_pools(self, airflow: Airflow, folder: Path) -> None:
        """Give Airflow the pools, as docs/airflow.md says."""
        pools = folder / "pools.json"
        pools.write_text(self.shops_command("pools", "--requests-per-second", str(REQUESTS_PER_SECOND)), "utf-8")
        airflow.command("pools", "import", str(pools))

    # ---------------------------------------------------------------- hours

    def first_hour(self, airflow: Airflow) -> Hour:
        """Let the schedule begin; kill a worker while some of its shops run."""
        self.shops.sandboxes[UNWELL].fail(
            api="shop", path="/orders/get", status=503, headers={"Retry-After": "120"}, times=1
        )
        airflow.unpause()
        hour = Hour(airflow.first_run())
        hour.killed = wait_for("shops that run on both workers", lambda: self._ready_for_the_kill(airflow, hour.run))
        number = airflow.kill_worker("worker-1")
        over = {one.shop for one in airflow.tasks(hour.run) if one.state == "success"}
        hour.killed = [shop for shop in hour.killed if shop not in over]  # one may have ended meanwhile
        out.print(f"  worker-1 killed, with {number} processes, in the midst of {', '.join(hour.killed)}")
        self._to_its_end(airflow, hour)
        return hour

    def second_hour(self, airflow: Airflow) -> Hour:
        """Both workers with the right password; a little happens in each shop, and all run again."""
        right = self.shops.secrets()
        airflow.stop_worker("worker-2")
        for worker in ("worker-1", "worker-2"):
            airflow.start_worker(worker, **right)
        self.shops.an_hour_passes()
        hour = Hour(airflow.trigger())
        self._to_its_end(airflow, hour)
        return hour

    def _ready_for_the_kill(self, airflow: Airflow, run: str) -> list[str]:
        """Give the shops that worker-1 runs, once other shops are done and a part of one of them has arrived."""
        done = sum(one.state == "success" for one in airflow.tasks(run) if one.task.startswith("run-"))
        lines = airflow.commands("worker-1")
        running = {found[1] for line in lines if (found := MELTANO_RUN.search(line))}
        if done < BEFORE_THE_KILL or len(running) < 2 or any(line.endswith(f" {LOCKED_OUT}") for line in lines):  # noqa: PLR2004
            return []  # of who needs a person somebody is told once: not again after a worker that died over it
        return sorted(running) if running & self._in_part() else []

    def _in_part(self) -> set[str]:
        """Give the shops of which a part has arrived, and not all."""
        accounts = Accounts(self.shops)
        counts = {
            shop: (sum(accounts.of(shop).values()), sum(self.shops.there_is(shop).values())) for shop in ACCOUNT_OF
        }
        return {shop for shop, (arrived, there) in counts.items() if 0 < arrived < there}

    @staticmethod
    def _to_its_end(airflow: Airflow, hour: Hour) -> None:
        wait_for("the end of the hour", lambda: airflow.state(hour.run) in {"success", "failed"}, HOUR_SECONDS)
        hour.state = airflow.state(hour.run)
        hour.tasks = {one.shop: one for one in airflow.tasks(hour.run) if one.task.startswith("run-")}

    # ---------------------------------------------------------------- what came out

    def ledger(self) -> dict[str, dict[str, Any]]:
        """Give the line of each shop, by the ledger's own command."""
        told = self.project.run("invoke", "target-esputnik:shops", "--json", settings=self.databases)
        return {line["shop"]: line for line in json.loads(told)["shops"]}

    def show(self, title: str, hour: Hour) -> list[str]:
        """Print the table of an hour; give a sentence for everything in it that does not agree."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for name in COLUMNS:
            table.add_column(name)
        accounts, ledger, found = Accounts(self.shops), self.ledger(), list[str]()
        for shop, account in ACCOUNT_OF.items():
            task, line = hour.tasks.get(shop), ledger.get(shop)
            there, arrived = self.shops.there_is(shop), accounts.of(shop)
            kept = {stream: line["now"][stream]["accepted"] if line else 0 for stream in there}
            verdict = line["last_run"]["verdict"] if line else "none"
            counts = [f"{one['contacts']} + {one['orders']}" for one in (there, arrived, kept)]
            told = (task.worker, str(task.tries), task.state) if task else ("", "", "none")
            table.add_row(shop, account, *told, *counts, verdict)
            if kept != arrived:
                found.append(f"{shop}: the ledger has {kept} as accepted, the account {arrived}")
            if task and task.state == "success" and arrived != there:
                found.append(f"{shop}: the shop has {there}, its account {arrived}")
        out.print(table)
        return found + list(accounts.wrong())

    def alerts_told(self) -> list[str]:
        """Give what somebody was told."""
        return self.alerts.read_text(encoding="utf-8").splitlines() if self.alerts.exists() else []

    def wrong_in_first_hour(self, hour: Hour) -> Iterator[str]:
        """Yield a sentence for everything that the first hour was to show, and did not."""
        if hour.failed() != [LOCKED_OUT]:
            yield f"failed were {hour.failed()}, to fail was {LOCKED_OUT} alone"
        if (task := hour.tasks.get(LOCKED_OUT)) and task.tries != 1:
            yield f"{LOCKED_OUT} needs a person, and was tried {task.tries} times"
        told = self.alerts_told()
        if told != [f"shop {LOCKED_OUT}: a person must act (exit code 2)"]:
            yield f"somebody was told {told}"
        if not hour.killed:
            yield "the worker that was killed had no shop to run"
        for shop in [UNWELL, *hour.killed]:
            if (task := hour.tasks.get(shop)) and task.tries < 2:  # noqa: PLR2004
                yield f"{shop} was to be tried again, and was tried {task.tries} times"
        for shop in hour.killed:
            if (task := hour.tasks.get(shop)) and task.worker != "worker-2":
                yield f"{shop} was to end on worker-2, and ended on {task.worker}"

    def wrong_in_second_hour(self, hour: Hour, events_before: int) -> Iterator[str]:
        """Yield the same for the second one: every shop was delivered, and only what had happened was sent."""
        if hour.failed() or hour.state != "success":
            yield f"the second hour ended as {hour.state}; not delivered: {hour.failed()}"
        if len(self.alerts_told()) > 1:
            yield f"somebody was told {self.alerts_told()[1:]}"
        # An order that moved, a new one, somebody who registered; of the shop that was locked out, all it has.
        of_others = 3 * (len(ACCOUNT_OF) - 1)
        fired = Accounts(self.shops).events() - events_before
        whole = sum(self.shops.there_is(LOCKED_OUT).values())
        if not of_others < fired <= of_others + whole:
            yield f"{fired} events fired in the second hour; expected {of_others}, and up to {whole} of {LOCKED_OUT}"


def story(demo: FleetDemo, airflow: Airflow, folder: Path) -> list[str]:
    """Tell it; give what does not agree."""
    demo.make_pools(airflow, folder)
    with step("two workers, four shops at once on each"):
        for worker in ("worker-1", "worker-2"):
            airflow.start_worker(worker)
    with step(f"first hour: a worker will be killed, {UNWELL} is away for a moment, {LOCKED_OUT} has a wrong password"):
        hour = demo.first_hour(airflow)
    found = demo.show("After the first hour (customers + orders)", hour) + list(demo.wrong_in_first_hour(hour))
    out.print(f"  somebody was told: {'; '.join(demo.alerts_told())}")
    events = Accounts(demo.shops).events()
    with step("second hour: in each shop an order moved on, one came in, somebody registered"):
        with Costs(airflow, demo.server, DATABASES) as costs:
            hour = demo.second_hour(airflow)
        for line in costs.lines(hour.run):
            out.print(f"  {line}")
    found += demo.show("After the second hour (customers + orders)", hour)
    return found + list(demo.wrong_in_second_hour(hour, events))


def play(folder: Path) -> list[str]:
    """Start all, tell it, stop all."""
    with contextlib.ExitStack() as running:
        with step("meltano install; twenty shops in shops.yml; PostgreSQL, Redis and Airflow"):
            shops = running.enter_context(Shops())
            project = running.enter_context(IsolatedProject({}))
            project.install()
            server = running.enter_context(Server.started(connections=CONNECTIONS))
            for name in DATABASES:
                server.create(name)
            demo = FleetDemo(shops, project, server, folder)
            demo.prepare()
            database = server.url("airflow").replace("+psycopg:", "+psycopg2:")
            airflow = running.enter_context(Airflow(folder / "airflow", database, demo.environment))
        return story(demo, airflow, folder)


def stop(number: int, _frame: object) -> NoReturn:
    """Leave by the way on which everything is stopped."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the demo; exit 0 if all agree, 1 if not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=Path, help="a new folder that the logs of all parts are copied to")
    wish = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    loopback_only.lock_in()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="demo-fleet-", ignore_cleanup_errors=True) as folder:
        try:
            found = play(Path(folder))
        except (AirflowError, NoPrograms) as error:
            found = [str(error)]
        except subprocess.CalledProcessError as failed:
            found = [f"{failed.cmd[0]} ended with {failed.returncode}: {failed.stdout}\n{failed.stderr}"]
        except KeyboardInterrupt:
            out.print("\nstopped")
            sys.exit(130)
        finally:
            logs = Path(folder) / "airflow" / "logs"
            if wish.logs and logs.is_dir():  # nothing of Airflow may have begun
                shutil.copytree(logs, wish.logs)
    for sentence in found:
        out.print(f"[red]✗[/red] {escape(sentence)}", soft_wrap=True)
    if not found:
        out.print("[green]✓ twenty shops, ledger and accounts agree; nobody confirmed, no event twice[/green]")
    out.print(f"{time.monotonic() - started:.0f} s in all")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
