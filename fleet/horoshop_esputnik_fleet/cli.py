"""`horoshop-shops`: many shops in one Meltano project, from one shops.yml."""

from __future__ import annotations

import difflib
import json
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from horoshop_esputnik_fleet.generated import generated
from horoshop_esputnik_fleet.names import job_of
from horoshop_esputnik_fleet.pools import pools, too_fast
from horoshop_esputnik_fleet.project import Project
from horoshop_esputnik_fleet.shop import ShopsError
from horoshop_esputnik_fleet.shop_run import VERDICTS, ShopRun
from horoshop_esputnik_fleet.shops_file import read_shops
from horoshop_esputnik_fleet.variables import surroundings, variables_of, warnings

if TYPE_CHECKING:
    from collections.abc import Callable

    from horoshop_esputnik_fleet.shop import Shop

STALE: Final = 1
PERSON: Final = 2

_folder = click.option(
    "--project",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    help="The folder of meltano.yml.  [default: this one]",
)
_shops_file = click.option(
    "--shops", "file", default="shops.yml", show_default=True, help="The file of the shops, in that folder."
)
_output = click.option(
    "--output", default="shops.meltano.yml", show_default=True, help="The file that is made of it, in that folder."
)
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON value on stdout, for programs.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Many shops in one Meltano project, from one shops.yml.

    Exit codes: 0 done · 1 `generate --check` found the file stale · 2 a person must act. `run`: 0 done · 1 heals by
    itself · 2, 3 a person must act.
    """


def _told(function: Callable[..., int]) -> Callable[..., None]:
    """End with the function's exit code; what is wrong with the files is told line by line."""

    @wraps(function)
    def command(**options: Any) -> None:
        try:
            code = function(**options)
        except ShopsError as error:
            for problem in error.problems:
                click.echo(problem, err=True)
            code = PERSON
        raise SystemExit(code)

    return command


@main.command()
@_folder
@_shops_file
@_output
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if the file is stale.")
@_told
def generate(folder: Path, file: str, output: str, *, check: bool) -> int:
    """Write the plugins, jobs and schedules of all shops; show first what changes."""
    shops = read_shops(folder / file)
    project = Project(folder, output)
    problems = list(project.problems(shops))
    if problems:
        raise ShopsError(problems)
    before, after = project.present(), generated(shops)
    changes = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"{output} (now)", f"{output} (new)"
    )
    click.echo("".join(changes), nl=False)
    if before == after:
        click.echo(f"{output}: up to date, {len(shops)} shops", err=True)
    elif check:
        click.echo(f"{output}: stale; run `horoshop-shops generate`", err=True)
    else:
        project.write(after)
        click.echo(f"{output}: written, {len(shops)} shops", err=True)
    advice = project.advice()
    if advice:
        click.echo(advice, err=True)
    _tell_variables(shops, folder)
    if check and before != after:
        return STALE
    return PERSON if advice else 0


@main.command()
@_folder
@_shops_file
@_as_json
@_told
def variables(folder: Path, file: str, *, as_json: bool) -> int:
    """The variables that the shops need, and which are missing: by name, never with a value. Exit 2 if any is."""
    shops = read_shops(folder / file)
    found = variables_of(shops, surroundings(folder))
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{'set    ' if one.is_set else 'MISSING'}  {one.name}  ({one.setting}: {', '.join(one.shops)})")
    for warning in warnings(shops, surroundings(folder)):
        click.echo(warning, err=True)
    return 0 if all(one.is_set for one in found) else PERSON


@main.command(name="list")
@_folder
@_shops_file
@click.option("--account", help="Only the shops of this account.")
@click.option("--names", is_flag=True, help="The shops themselves, for `horoshop-shops run`.")
@_as_json
@_told
def list_shops(folder: Path, file: str, account: str | None, *, names: bool, as_json: bool) -> int:
    """The job of each shop, one a line, for `meltano run`; --json with all that a scheduler needs to know."""
    shops = [shop for shop in read_shops(folder / file) if account in {None, shop.account}]
    if as_json:
        click.echo(json.dumps([shop.facts() for shop in shops], indent=2))
    else:
        for shop in shops:
            click.echo(shop.name if names else job_of(shop.name))
    return 0


@main.command()
@_folder
@_shops_file
@_output
@click.option(
    "--force",
    is_flag=True,
    help="Also if Meltano takes one that was killed for going on; PostgreSQL only.",
)
@click.argument("shop")
@_told
def run(folder: Path, file: str, output: str, shop: str, *, force: bool) -> int:
    """Run the job of SHOP by Meltano, and end with the verdict of that very run."""
    if shop not in {one.name for one in read_shops(folder / file)}:
        raise ShopsError([f"{file}: has no shop {shop}; `horoshop-shops list` has those that there are"])
    made = (folder / output).read_text(encoding="utf-8") if (folder / output).exists() else ""
    if f"- name: {job_of(shop)}\n" not in made:
        raise ShopsError([f"{output}: has no job for the shop {shop} yet; run `horoshop-shops generate`"])
    if force:
        _refuse_what_is_not_shared(folder)
    code = ShopRun(folder, shop).run(force=force)
    click.echo(f"shop {shop}: {VERDICTS.get(code, 'was stopped')} (exit code {code})", err=True)
    return code


@main.command(name="pools")
@_folder
@_shops_file
@click.option(
    "--requests-per-second",
    "rate",
    type=click.IntRange(min=1),
    required=True,
    help="What eSputnik allows one account.",
)
@_told
def pools_for_airflow(folder: Path, file: str, rate: int) -> int:
    """Airflow's pools, one an account, for `airflow pools import`: no more shops at once than its limit allows."""
    shops = read_shops(folder / file)
    click.echo(json.dumps(pools(shops, rate), indent=2))
    found = list(too_fast(shops, rate))
    for sentence in [*found, *warnings(shops, surroundings(folder))]:
        click.echo(sentence, err=True)
    return PERSON if found else 0


def _refuse_what_is_not_shared(folder: Path) -> None:
    """Raise ShopsError where another machine would not see this run: it would send the same orders again."""
    values = surroundings(folder)
    problems = [
        f"{name}: must name a PostgreSQL database with --force: on a file of this machine's own another "
        "machine would know nothing of this run, and send its orders again"
        for name in ("TARGET_ESPUTNIK_LEDGER_URL", "MELTANO_DATABASE_URI")
        if not values.get(name, "").startswith("postgresql")
    ]
    if problems:
        raise ShopsError(problems)


def _tell_variables(shops: list[Shop], folder: Path) -> None:
    """What is not set yet, and what outranks the file; to stderr, since stdout is the difference."""
    values = surroundings(folder)
    missing = [one.name for one in variables_of(shops, values) if not one.is_set]
    if missing:
        click.echo(f"Not set yet, in the environment or in .env: {', '.join(missing)}", err=True)
    for warning in warnings(shops, values):
        click.echo(warning, err=True)
