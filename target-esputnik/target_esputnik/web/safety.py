"""What stands before every page: whose address was called, who may look, and what a browser may do with the answer.

The page is for one machine. A site on the internet whose name leads to 127.0.0.1 (DNS rebinding) must not read it
through the owner's browser: only addresses, `localhost` and names that the owner allowed are answered.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from typing import TYPE_CHECKING, Any, Final

from target_esputnik.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, MutableMapping

    from target_esputnik.web.password import Password

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOST: Final = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d{1,5})?|([^:\[\]\s/@]+)(?::\d{1,5})?")
METHODS: Final = ("GET", "HEAD", "POST")
"""POST is for the search alone: what is searched for is personal, and must not stand in an address."""


def headers_for(stylesheet: str) -> list[tuple[bytes, bytes]]:
    """The headers of every answer. Styles are those of the one stylesheet; scripts, frames and other hosts are none."""
    digest = base64.b64encode(hashlib.sha256(stylesheet.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    told = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]


class Guarded:
    """An ASGI app behind a check of the host that was called and, where there is one, of the password.

    Args:
        app: what is guarded.
        headers: given to every answer, also to refusals.
        loopback_only: the server is bound to this machine: no other address can have been called.
        names: host names that the owner allows besides.
        password: None where the page needs none.
    """

    def __init__(
        self,
        app: App,
        *,
        headers: list[tuple[bytes, bytes]],
        loopback_only: bool,
        names: Collection[str],
        password: Password | None,
    ) -> None:
        self._app = app
        self._headers = headers
        self._loopback_only = loopback_only
        self._names = {name.lower() for name in names}
        self._password = password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._host_is_ours(given.get(b"host", "")):
            await self._refuse(send, 421, "This name is not one of this server's: see --allow-host.")
            return
        if scope["method"] not in METHODS or (scope["method"] == "POST" and not _of_this_page(given)):
            await self._refuse(send, 405, "This page can only be read.")
            return
        if self._password is not None and not await self._password.is_given_by(given.get(b"authorization", "")):
            challenge = (b"www-authenticate", b'Basic realm="esputnik-ledger", charset="UTF-8"')
            await self._refuse(send, 401, "A password is needed.", challenge)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, with_headers)

    def _host_is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host.strip())
        if found is None:
            return False
        name = (found[1] or found[2]).lower().rstrip(".")
        if name in self._names or is_loopback(name):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return not self._loopback_only

    async def _refuse(self, send: Send, status: int, sentence: str, *more: tuple[bytes, bytes]) -> None:
        body = f"{sentence}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            *self._headers,
            *more,
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _of_this_page(given: MutableMapping[bytes, str]) -> bool:
    """Whether a form was sent from a page of ours: browsers say where from, and other programs need not."""
    return given.get(b"sec-fetch-site", "same-origin") in {"same-origin", "none"}
