"""`serve`: the statistics page, for people who look rather than read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from target_esputnik.cli import words_serve  # noqa: F401 - joins the table that `say` reads
from target_esputnik.cli.group import ledger_command
from target_esputnik.cli.words import say
from target_esputnik.errors import ConfigProblem
from target_esputnik.language import language_of

if TYPE_CHECKING:
    from target_esputnik.cli.asked import Asked
    from target_esputnik.web.password import Password

PORT: Final = 8787
PASSWORD_VARIABLE: Final = "ESPUTNIK_LEDGER_PASSWORD"  # noqa: S105 - its name
SHOP_ZONE: Final = "Europe/Kyiv"
LARGEST_HASH: Final = 1024


@ledger_command("serve", example="--port 8787")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=say("option.host"))
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help=say("option.port"))
@click.option("--time-zone", default=SHOP_ZONE, show_default=True, metavar="NAME", help=say("option.time_zone"))
@click.option("--show-personal-data", "personal", is_flag=True, help=say("option.show_personal"))
@click.option("--password-file", metavar="FILE", help=say("option.password_file"))
@click.option("--hash-password", is_flag=True, help=say("option.hash_password"))
@click.option("--allow-host", "names", multiple=True, metavar="NAME", help=say("option.allow_host"))
def serve(
    asked: Asked,
    *,
    host: str,
    port: int,
    time_zone: str,
    personal: bool,
    password_file: str | None,
    hash_password: bool,
    names: tuple[str, ...],
) -> int:
    """The statistics page; it only reads."""
    try:
        from target_esputnik.web import server  # noqa: PLC0415 - of the extra `web`, which a plain target lacks
        from target_esputnik.web.app import application  # noqa: PLC0415
        from target_esputnik.web.rendering import stylesheet  # noqa: PLC0415
        from target_esputnik.web.visit import House  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigProblem("page_absent", module=error.name) from None
    if hash_password:
        from target_esputnik.web.password import hash_of  # noqa: PLC0415 - a megabyte that most pages do not need

        click.echo(hash_of(click.prompt(say("serve.password"), hide_input=True, confirmation_prompt=True, err=True)))
        return 0
    files: tuple[str, ...] = click.get_current_context().params["config"]
    house = House(asked.settings, _zone(time_zone), personal, asked.account, language_of([], os.environ), files)
    password = _password(password_file)
    with server.bound(host, port) as listening:
        alone = server.is_for_this_machine_only(listening)
        if not alone and password is None:
            raise ConfigProblem("page_password")
        app = application(house, stylesheet(), loopback_only=alone, names=names, password=password)
        where = server.address_of(listening)
        return server.serve_on(listening, app, ready=lambda: _tell(asked, where, personal=personal))


def _tell(asked: Asked, where: str, *, personal: bool) -> None:
    if asked.as_json:
        click.echo(json.dumps({"url": where, "personal_data": personal}))
        return
    click.echo(say("serve.ready", url=where))
    click.echo(say("serve.unmasked" if personal else "serve.masked"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigProblem("page_zone") from None


def _password(file: str | None) -> Password | None:
    """The password of the page: its hash from a file, else itself from the environment, where it does not stay."""
    typed = os.environ.pop(PASSWORD_VARIABLE, "")
    if file is None and not typed:
        return None
    from target_esputnik.web.password import Password, hash_of  # noqa: PLC0415 - see above

    if file is not None:
        try:
            return Password(Path(file).read_text(encoding="utf-8")[:LARGEST_HASH].strip())
        except (OSError, UnicodeDecodeError):
            raise ConfigProblem("page_password_file") from None
    return Password(hash_of(typed))
