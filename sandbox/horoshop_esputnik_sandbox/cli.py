"""The console script: a sandbox that runs until it is told to stop."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import click

from horoshop_esputnik_sandbox.disturbances import as_markdown as disturbances_table
from horoshop_esputnik_sandbox.faults import as_markdown as faults_table
from horoshop_esputnik_sandbox.sandbox import MOST_ORDERS, Sandbox
from horoshop_esputnik_sandbox.switches import as_markdown as switches_table

TABLES = {"switches": switches_table, "faults": faults_table, "disturbances": disturbances_table}


@click.command(help=__doc__)
@click.option("--customers", type=click.IntRange(0, MOST_ORDERS), default=400, show_default=True)
@click.option("--orders", type=click.IntRange(0, MOST_ORDERS), default=1500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another shop.")
@click.option("--as-of", help="When the sample's history ends (ISO 8601).  [default: now]")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--shop-port", type=int, default=0, show_default=True, help="0: a free one.")
@click.option("--esputnik-port", type=int, default=0, show_default=True)
@click.option("--control-port", type=int, default=0, show_default=True)
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written as JSON when all addresses answer.")
@click.option("--switch", "switches", multiple=True, metavar="NAME=POSITION", help="May be given several times.")
@click.option("--list", "table", type=click.Choice(list(TABLES)), help="Print a table of the README and end.")
@click.option("--brief", is_flag=True, help="Keep counts instead of requests, events and orders' contents.")
@click.option("--plain", is_flag=True, help="No oddities: whoever orders has an account, all is typed well.")
@click.option("--printed", is_flag=True, help="Keep the bytes of rows: the same answers for less work.")
@click.option("--proxied", is_flag=True, help="Put the proxy in front of both APIs: connections can be disturbed.")
def main(ready_file: Path | None, switches: tuple[str, ...], table: str | None, **options: Any) -> None:
    """Run a sandbox until SIGTERM or SIGINT."""
    if table is not None:
        click.echo(TABLES[table]())
        return
    positions = dict(_position(text) for text in switches)
    ports = tuple(options.pop(f"{name}_port") for name in ("shop", "esputnik", "control"))
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    try:
        sandbox = Sandbox(switches=positions, ports=ports, **options)
        sandbox.start()
    except (ValueError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    try:
        _announce(sandbox, ready_file)
        asked.wait()
    finally:
        sandbox.stop()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def _position(text: str) -> tuple[str, str]:
    name, equals, position = text.partition("=")
    if not equals:
        raise click.BadParameter("write it as name=position", param_hint="--switch")
    return name, position


def _announce(sandbox: Sandbox, ready_file: Path | None) -> None:
    addresses = sandbox.addresses()
    for name, value in addresses.items():
        click.echo(f"{name:14}{value}")
    if ready_file is not None:
        # Renamed into place: whoever waits for the file never reads half of it.
        draft = ready_file.with_name(f"{ready_file.name}.part")
        draft.write_text(json.dumps(addresses), encoding="utf-8")
        draft.replace(ready_file)
