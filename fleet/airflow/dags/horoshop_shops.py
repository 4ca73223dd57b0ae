"""All shops of shops.yml, each hour, each as one task that ends with the verdict of its run.

A shop that is added to shops.yml is run from the next hour on. A run that heals by itself is tried again; one that
needs a person fails at once, and somebody is told. The shops of one eSputnik account take turns in its pool, whose
slots `horoshop-shops pools` reckons from the account's limit of requests.

Settings, as environment variables of scheduler, DAG processor and workers:

* HOROSHOP_SHOPS_PROJECT: the folder of meltano.yml and shops.yml, the same on every worker.
* HOROSHOP_SHOPS_COMMAND: `horoshop-shops`; that of the project's `.venv` where it is not set.
* HOROSHOP_SHOPS_ALERT: a command that gets a sentence on stdin when a shop needs a person. None: the log alone has it.
* HOROSHOP_SHOPS_INTERVAL: cron's five fields, or @hourly, which is the default.
* HOROSHOP_SHOPS_RETRIES, HOROSHOP_SHOPS_RETRY_SECONDS: how often and after how long what heals is tried again (4, 300).
"""

from __future__ import annotations

import json
import logging
import os
import resource
import shlex
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml
from airflow.sdk import dag, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

PROJECT = Path(os.environ.get("HOROSHOP_SHOPS_PROJECT", "/srv/shops"))
COMMAND = os.environ.get("HOROSHOP_SHOPS_COMMAND", str(PROJECT / ".venv" / "bin" / "horoshop-shops"))
ALERT = os.environ.get("HOROSHOP_SHOPS_ALERT")
PERSON = {2, 3}
SECONDS_TO_STOP = 180
"""More than `horoshop-shops run` takes. Where Airflow itself kills the task before, the run ends without it."""

HOURS = 2
"""After so many a run of all is given up, so that a shop that hangs, or a pool that is missing, stops no other one."""

log = logging.getLogger(__name__)


def accounts() -> list[str]:
    """Return the accounts of shops.yml, each of which gets tasks of its own; none where it cannot be read."""
    try:
        content = yaml.safe_load((PROJECT / "shops.yml").read_text(encoding="utf-8"))
        return sorted(content["accounts"])
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError):
        return []  # an import error would stop the DAG, and nobody would be told


def tell(sentence: str) -> None:
    """Tell somebody, by the command that is set for it, and the log in any case."""
    log.error("alert: %s", sentence)
    if not ALERT:
        return
    try:
        subprocess.run(shlex.split(ALERT), input=f"{sentence}\n", text=True, check=True, timeout=60)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        # What becomes of the task must not hang on it; a traceback would show the command, which may hold a secret.
        log.warning("nobody was told: HOROSHOP_SHOPS_ALERT failed (%s)", type(error).__name__)


def ends(command: list[str]) -> int:
    """Run a command, and return its exit code; where the task is stopped, it is told to stop, too."""
    # Airflow's own handler tells an operator alone, and then kills the task, but not what the task has started.
    before = signal.signal(signal.SIGTERM, _stop)
    process = None
    try:
        process = subprocess.Popen(command)
        return process.wait()
    except BaseException:  # the task's time is over, or somebody stopped it
        if process is not None:
            process.terminate()
            process.wait(SECONDS_TO_STOP)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(_signum: int, _frame: object) -> None:
    raise AirflowException("the task was stopped")


def judge(shop: str, code: int) -> None:
    """Make of a run's exit code what becomes of the task.

    Raises:
        AirflowFailException: a person must act; somebody was told.
        AirflowException: it heals by itself.
    """
    if code in PERSON:
        tell(f"shop {shop}: a person must act (exit code {code})")
        raise AirflowFailException(f"shop {shop}: a person must act (exit code {code})")
    if code:
        raise AirflowException(f"shop {shop}: heals by itself (exit code {code})")


def tell_the_last_try(context: dict) -> None:
    """Tell somebody that a task's last try failed; of one that needs a person somebody was told already."""
    if not isinstance(context.get("exception"), AirflowFailException):
        task_id, number = context["ti"].task_id, context["ti"].map_index
        what = f"shop {context['shop']}" if "shop" in context else f"{task_id}, number {number}"
        tell(f"{what}: failed in all its tries of this hour")


def tell_what_took_too_long(context: dict) -> None:
    """Tell somebody that an hour's run was given up."""
    if context.get("reason") == "timed_out":
        tell(f"not all shops were done after {HOURS} hours: one hangs, or an account has no pool")


@task
def no_shops() -> None:
    """Tell somebody that shops.yml is of no use.

    Raises:
        AirflowFailException: always.
    """
    tell("shops.yml is missing, cannot be read or has no accounts: no shop runs")
    raise AirflowFailException("shops.yml is of no use")


@task(retries=2, retry_delay=timedelta(seconds=30), on_failure_callback=tell_the_last_try)
def shops_of(account: str) -> list[str]:
    """Return the shops of an account, as shops.yml has them now."""
    command = [COMMAND, "list", "--project", str(PROJECT), "--account", account, "--json"]
    ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if ended.returncode in PERSON:
        tell(f"account {account}: shops.yml is not in order; `horoshop-shops list` says what is wrong")
        raise AirflowFailException("shops.yml is not in order: see the lines above")
    if ended.returncode:
        raise AirflowException(f"horoshop-shops list ended with {ended.returncode}")
    return [one["shop"] for one in json.loads(ended.stdout)]


@task(
    map_index_template="{{ shop }}",
    retries=int(os.environ.get("HOROSHOP_SHOPS_RETRIES", "4")),
    retry_delay=timedelta(seconds=float(os.environ.get("HOROSHOP_SHOPS_RETRY_SECONDS", "300"))),
    execution_timeout=timedelta(hours=1),
    on_failure_callback=tell_the_last_try,
)
def run_shop(shop: str) -> None:
    """Run a shop: what heals by itself is tried again, what needs a person is told to one and not tried again."""
    get_current_context()["shop"] = shop
    # --force: Meltano takes a run whose worker was killed for going on. Two never meet: they share the ledger's lock.
    begun = time.monotonic()
    code = ends([COMMAND, "run", "--project", str(PROJECT), "--force", shop])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, busy = time.monotonic() - begun, used.ru_utime + used.ru_stime
    log.info("shop %s: exit code %d after %.1f s, %.1f s of a processor", shop, code, seconds, busy)
    judge(shop, code)


@dag(
    schedule=os.environ.get("HOROSHOP_SHOPS_INTERVAL", "@hourly"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=HOURS),
    on_failure_callback=tell_what_took_too_long,
    tags=["horoshop", "esputnik"],
    doc_md=__doc__,
)
def horoshop_shops() -> None:
    """Run all shops."""
    found = accounts()
    if not found:
        no_shops()
    for account in found:
        listed = shops_of.override(task_id=f"shops-{account}")(account)
        run_shop.override(task_id=f"run-{account}", pool=f"esputnik-{account}").expand(shop=listed)


horoshop_shops()
