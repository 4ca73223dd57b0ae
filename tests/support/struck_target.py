"""Runs the target and strikes it at one chosen moment: the target itself holds no hook for it.

Called as `python struck_target.py '{"strike": {…}, "constants": {…}, …}' --config FILE`. The orders:

* `strike`: `{"signal": 9, "nth": 1, …}` and where: one of
  `{"function": "module:Class.method", "moment": "before" | "after"}`,
  `{"request": "POST /v1/orders", "moment": "before" | "left" | "answered"}`,
  `{"statement": "INSERT INTO orders", "moment": "after" | "commit"}` (commit: of its transaction, before it is done),
  `{"state": "half"}` (in the middle of the line).
* `constants`: `{"module:NAME": value}`, such as waits that a test cannot sit out.
* `airbyte`: true for `destination-esputnik` in place of `target-esputnik`.
* `largest_file`: bytes, as `ulimit -f` would have it: a write beyond it fails as on a full disk.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from urllib3.connection import HTTPConnection

from target_esputnik import airbyte
from target_esputnik.target import main

if TYPE_CHECKING:
    from collections.abc import Callable

_API = "/api"


class Blow:
    """Sends this process its signal when the moment has come for the nth time."""

    def __init__(self, strike: dict[str, Any]) -> None:
        self._left = int(strike.get("nth", 1))
        self._signal = signal.Signals(strike["signal"])
        self.times_met = 0

    def met(self) -> bool:
        """Count the moment; whether it is the one."""
        self._left -= 1
        return self._left == 0

    def fall(self) -> None:
        """Strike."""
        os.kill(os.getpid(), self._signal)

    def meet(self) -> None:
        """Count the moment, and strike if it is the one."""
        if self.met():
            self.fall()


def at_function(where: str, moment: str, blow: Blow) -> None:
    """Strike before a function is entered, or after it is done."""
    module, path = where.split(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    @wraps(original)
    def struck(*args: Any, **kwargs: Any) -> Any:
        if moment == "before":
            blow.meet()
            return original(*args, **kwargs)
        result = original(*args, **kwargs)
        blow.meet()
        return result

    setattr(owner, name, struck)


def at_request(wanted: str, moment: str, blow: Blow) -> None:
    """Strike before a request leaves, when it left and is not answered, or when the answer is there and not read."""
    send, answer = HTTPConnection.request, HTTPConnection.getresponse

    def request(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        path = url.split("?", maxsplit=1)[0].removeprefix(_API)
        self.is_wanted = f"{method} {path}".startswith(wanted) and blow.met()
        if self.is_wanted and moment == "before":
            blow.fall()
        return send(self, method, url, *args, **kwargs)

    def getresponse(self: Any) -> Any:
        if self.is_wanted and moment == "left":
            blow.fall()
        response = answer(self)
        if self.is_wanted and moment == "answered":
            blow.fall()
        return response

    HTTPConnection.request = request  # type: ignore[method-assign]
    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]


def at_statement(wanted: str, moment: str, blow: Blow) -> None:
    """Strike after a statement of SQL, or before the commit of the transaction in which it was done."""
    due: list[bool] = []

    @sa.event.listens_for(sa.engine.Engine, "after_cursor_execute")
    def _after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.strip().startswith(wanted) and blow.met():
            due.append(True)
            if moment == "after":
                blow.fall()

    @sa.event.listens_for(sa.engine.Engine, "commit")
    def _commit(_: Any) -> None:
        if due and moment == "commit":
            due.clear()
            blow.fall()


def at_state(blow: Blow) -> None:
    """Strike when half of a STATE line is written."""
    write: Callable[[str], int] = sys.stdout.write

    def in_halves(text: str) -> int:
        if not blow.met():
            return write(text)
        half = len(text) // 2
        write(text[:half])
        sys.stdout.flush()
        blow.fall()
        return half + write(text[half:])

    sys.stdout.write = in_halves  # type: ignore[method-assign]


def prepare(orders: dict[str, Any]) -> None:
    """Arrange what the orders say."""
    for where, value in orders.get("constants", {}).items():
        module, name = where.split(":")
        setattr(importlib.import_module(module), name, value)
    if "largest_file" in orders:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (orders["largest_file"], resource.RLIM_INFINITY))
    strike = orders.get("strike")
    if strike is None:
        return
    blow = Blow(strike)
    if "function" in strike:
        at_function(strike["function"], strike.get("moment", "before"), blow)
    elif "request" in strike:
        at_request(strike["request"], strike.get("moment", "before"), blow)
    elif "statement" in strike:
        at_statement(strike["statement"], strike.get("moment", "after"), blow)
    else:
        at_state(blow)


if __name__ == "__main__":
    told = json.loads(sys.argv.pop(1))
    prepare(told)
    (airbyte.main if told.get("airbyte") else main)()
