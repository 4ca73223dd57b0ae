"""A PostgreSQL server of our own: on loopback, in a temporary folder, and gone however the tests or the demo end."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER: Final = "owner"
PASSWORD: Final = "canary-ledger-password"  # noqa: S105 - of a server that lives for some minutes, on loopback
START_SECONDS: Final = 60

# Speed alone: the server never loses its power here; what the target loses is tried for real.
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}

# The server lives as long as its standard input is open, which is as long as the process that started it: also a test
# run that is killed leaves neither a server nor a folder behind.
KEEPER: Final = """
"$@" >"$0/log" 2>&1 &
server=$!
while read -r word; do :; done
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$0"
"""


class NoPrograms(Exception):  # noqa: N818 - named by what it means
    """PostgreSQL's server is not installed on this machine."""


def programs() -> Path:
    """Give the folder with initdb and postgres; Debian keeps them off PATH. Raises NoPrograms."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPrograms("PostgreSQL's server is not installed (Debian, Ubuntu: apt-get install postgresql)")


class Server:
    """One server; start it with `Server.started`."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self._folder = folder
        self._process = process

    @classmethod
    @contextlib.contextmanager
    def started(cls, *, connections: int = 30) -> Iterator[Server]:
        """Give a server while this is open, which takes so many connections. Raises NoPrograms."""
        found = programs()
        folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        user = _unprivileged(folder)
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="ascii")
        if user is not None:
            shutil.chown(secret, user)
        # The rows come in another order than bytes would: nothing may rest on how a database sorts text.
        locale = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=uk"]
        command = [str(found / "initdb"), f"--pgdata={folder}/cluster", f"--username={OWNER}", f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-sync", *locale]
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=folder, timeout=START_SECONDS)
        server = cls(folder, *cls._run(found, folder, user, connections))
        try:
            server._wait()
            yield server
        finally:
            server.stop()

    @staticmethod
    def _run(found: Path, folder: Path, user: str | None, connections: int) -> tuple[int, subprocess.Popen[bytes]]:
        port = _free_port()
        told = SETTINGS | {"port": str(port), "max_connections": str(connections)}
        settings = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
        command = ["sh", "-c", KEEPER, str(folder), str(found / "postgres"), "-D", f"{folder}/cluster", *settings]
        # In a session of its own: a Ctrl-C meant for the tests must not stop it before they are over.
        process = subprocess.Popen(command, stdin=subprocess.PIPE, user=user, cwd=folder, start_new_session=True)
        return port, process

    def _wait(self) -> None:
        for _ in range(START_SECONDS * 20):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.address("postgres"), connect_timeout=2).close()
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text(encoding="utf-8", errors="replace"))

    def stop(self) -> None:
        """Stop it at once, as a machine that is switched off does, and remove what it wrote."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=START_SECONDS)

    # ------------------------------------------------------------ databases

    def url(self, database: str, **parts: str | int) -> str:
        """Give the address of a database as `ledger_url` takes it; `parts` say what is to be different."""
        told = {"username": OWNER, "password": PASSWORD, "host": "127.0.0.1", "port": self.port, "database": database}
        return sa.URL.create("postgresql+psycopg", **(told | parts)).render_as_string(hide_password=False)  # type: ignore[arg-type]

    def address(self, database: str) -> str:
        """Give the same for psycopg."""
        return self.url(database).replace("+psycopg", "")

    def command(self, statement: str) -> None:
        """Do what must be done outside of any transaction, from another database."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, database: str, *, like: str = "template0") -> None:
        """Make a database; `like` another one that nobody is using."""
        self.command(f'CREATE DATABASE "{database}" TEMPLATE "{like}"')

    def drop(self, database: str) -> None:
        """Remove a database, whoever is using it."""
        self.command(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _unprivileged(folder: Path) -> str | None:
    """Give the folder to somebody who may run a server, if that is not us: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return user


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
