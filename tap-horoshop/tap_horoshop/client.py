"""One HTTP conversation with the shop: log in, call, try again. Foreign exceptions end here as ours.

The token travels in the body of each call (`horoshop-api.md` §1.1), so no body is ever logged.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import backoff
import requests
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError

from tap_horoshop.answers import LOGIN, Action, Verdict, judge, seconds_to_wait
from tap_horoshop.connection import PrivateAddressError
from tap_horoshop.errors import (
    AccessRefusedError,
    AnswerUnexpectedError,
    CertificateError,
    HoroshopError,
    PrivateHostError,
    ShopUnavailableError,
    ShopUnreachableError,
    UnknownHostError,
)
from tap_horoshop.pace import Pace
from tap_horoshop.words import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_horoshop.language import Said

CONNECT_SECONDS = 5
TOKEN_SECONDS = 540  # of the 600 that the documentation gives a token
GIVE_UP_SECONDS = 60
MAX_WAIT_SECONDS = 15
MAX_BODY_BYTES = 32 * 1024 * 1024
CHUNK_BYTES = 16 * 1024

logger = logging.getLogger("tap-horoshop.client")


class Client:
    """A conversation with one shop; safe to use from several threads.

    Args:
        url: The shop's address, as `connection.base_url` returns it.
        username: Login of an admin user.
        password: Its password.
        session: What `connection.new_session` opened; the client closes it.
        request_timeout: Seconds that one answer may take.
        max_requests_per_second: Over all threads.
        give_up_after: Seconds after which a call that keeps failing is given up.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        session: requests.Session,
        request_timeout: int = 60,
        max_requests_per_second: int = 10,
        give_up_after: float = GIVE_UP_SECONDS,
    ) -> None:
        self._url = url
        self._credentials = {"login": username, "password": password}
        self._session = session
        self._requests: dict[str, requests.PreparedRequest] = {}
        self._timeout = request_timeout
        self._pace = Pace(max_requests_per_second)
        self._give_up_after = give_up_after
        self._token: str | None = None
        self._token_ends = 0.0
        self._login_lock = threading.Lock()
        self._logins_failed = 0
        self._login_failure: HoroshopError | None = None
        self._is_shop = False

    def close(self) -> None:
        """Begin no more requests, and close the connections."""
        self._pace.stop()
        self._session.close()

    def check(self) -> None:
        """Log in, to see whether address, user name and password are right.

        Raises:
            HoroshopError: What is wrong.
        """
        self._renewed_token(None)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the API.

        Args:
            method: Such as `orders/get`.
            **parameters: Its parameters, but for the token.

        Returns:
            The envelope's `response`; `{}` when the shop says that nothing matches.

        Raises:
            HoroshopError: The call failed for good, or kept failing until its time was up.
        """
        token = self._current_token()
        verdict = self._with_retries(method, {**parameters, "token": token})
        if verdict.action is Action.RENEW:
            # A token may end early, and in the middle of paging; it is renewed once for a call.
            token = self._renewed_token(token)
            verdict = self._with_retries(method, {**parameters, "token": token})
        if verdict.action is Action.RENEW:
            raise AccessRefusedError("refused_after_login", method=method)
        if verdict.action is Action.NOTHING:
            return {}
        return verdict.response or {}

    def _current_token(self) -> str:
        token = self._token
        return token if token and time.monotonic() < self._token_ends else self._renewed_token(token)

    def _renewed_token(self, old: str | None) -> str:
        """Log in, unless another thread did since `old` was read, or tried in vain while this one waited."""
        failed_before = self._logins_failed
        with self._login_lock:
            if self._token and self._token != old and time.monotonic() < self._token_ends:
                return self._token
            if self._login_failure and self._logins_failed > failed_before:
                # Each thread's own minute of tries, one after the other, would keep the run for many.
                raise self._login_failure
            begun = time.monotonic()
            try:
                verdict = self._with_retries(LOGIN, self._credentials)
            except HoroshopError as failure:
                self._logins_failed, self._login_failure = self._logins_failed + 1, failure
                raise
            if verdict.action is not Action.ACCEPT or not verdict.response:
                raise AccessRefusedError("login_refused")
            self._token, self._token_ends = str(verdict.response["token"]), begun + TOKEN_SECONDS
            return self._token

    def _with_retries(self, method: str, body: dict[str, Any]) -> Verdict:
        """Ask until there is an answer that counts; faults of the way are tried again for a bounded time."""
        deadline = time.monotonic() + self._give_up_after
        tries = 0

        def wait(failure: Exception) -> float:
            return failure.seconds if isinstance(failure, _PassingFault) else 0.0

        @backoff.on_exception(
            backoff.runtime,
            _PassingFault,
            value=wait,
            jitter=None,
            logger=None,
            giveup=lambda fault: time.monotonic() + wait(fault) > deadline,
        )
        def ask() -> Verdict:
            nonlocal tries
            tries += 1
            if not self._pace.wait():
                raise ShopUnavailableError("stopped")
            return self._ask(method, body, tries)

        try:
            return ask()
        except _PassingFault as fault:
            raise ShopUnavailableError(
                "no_good_answer", method=method, tries=said("count.tries", count=tries), reason=fault.reason
            ) from None

    def _ask(self, method: str, body: dict[str, Any], tries: int) -> Verdict:
        try:
            status, retry_after, answer = self._post(method, body)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise self._fault_of_the_way(error, tries) from None
        verdict = judge(method, status, answer, is_shop=self._is_shop)
        if verdict.action is Action.RETRY:
            asked = seconds_to_wait(retry_after, dt.datetime.now(dt.timezone.utc))
            if asked is not None:
                self._pace.pause(min(asked, self._give_up_after))
            raise _PassingFault(verdict.reason, tries, asked)
        if verdict.error:
            raise verdict.error
        self._is_shop = True
        return verdict

    def _post(self, method: str, body: dict[str, Any]) -> tuple[int, str | None, bytes]:
        request = self._request(method).copy()
        request.body = json.dumps(body).encode()
        request.headers["Content-Length"] = str(len(request.body))
        # The session's own way sees to cookies and redirects, of which there are none, for half the time of a request.
        response = self._session.get_adapter(self._url).send(
            request,
            stream=True,
            timeout=(CONNECT_SECONDS, self._timeout),
            verify=self._session.verify or True,
            proxies=self._session.proxies,
        )
        with response:
            answer = b"".join(self._bounded(response))
            expected = response.raw.headers.get("Content-Length") if response.raw else None
        logger.debug("%s: HTTP %d, %d bytes of %s", method, response.status_code, len(answer), expected)
        return response.status_code, response.headers.get("Retry-After"), answer

    def _request(self, method: str) -> requests.PreparedRequest:
        """Return a request for a method but for its body; what of it is always the same is made once."""
        if method not in self._requests:
            headers = {"Content-Type": "application/json"}
            request = requests.Request("POST", f"{self._url}/api/{method}/", headers=headers)
            self._requests[method] = self._session.prepare_request(request)
        return self._requests[method]

    def _bounded(self, response: requests.Response) -> Iterator[bytes]:
        """Read a body that is neither endless nor endlessly slow: the timeout of `requests` is for each read only."""
        ends = time.monotonic() + 2 * self._timeout
        size = 0
        # `iter_content` comes back with a full chunk only: drop by drop, one would take hours.
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise AnswerUnexpectedError("too_large", megabytes=MAX_BODY_BYTES // 2**20)
            if time.monotonic() > ends:
                raise requests.exceptions.ReadTimeout
            yield chunk

    def _fault_of_the_way(self, error: Exception, tries: int) -> Exception:
        """Tell a fault that passes from an address that is wrong."""
        causes = list(_causes(error))
        if any(isinstance(cause, PrivateAddressError) for cause in causes):
            return PrivateHostError("private_host")
        if not self._is_shop and any(_is_unknown_host(cause) for cause in causes):
            return UnknownHostError("unknown_host")
        if isinstance(error, requests.exceptions.SSLError) and not self._is_cut_off(causes):
            return CertificateError("certificate")
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidProxyURL)):
            return ShopUnreachableError("unusable_address")
        return _PassingFault(_told(error), tries)

    def _is_cut_off(self, causes: list[BaseException]) -> bool:
        """Tell a connection that broke within TLS, which passes, from a server whose TLS is not to be trusted."""
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            return False
        return self._is_shop or any(isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) for cause in causes)


class _PassingFault(Exception):  # noqa: N818 - never leaves this file
    """A fault that may pass; carries how long to wait before the next try."""

    def __init__(self, reason: Said | None, tries: int, asked: float | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.seconds = asked if asked is not None else min(0.5 * 2 ** (tries - 1), MAX_WAIT_SECONDS)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it was made from; `requests` and `urllib3` wrap them in several ways."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


def _is_unknown_host(error: BaseException) -> bool:
    # EAI_AGAIN means that the name server did not answer, which passes; the others that there is no such name.
    return (isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN) or (
        isinstance(error, NameResolutionError) and not isinstance(error.__cause__, socket.gaierror)
    )


def _told(error: Exception) -> Said:
    """Name a fault without the exception's own words, which repeat addresses."""
    if isinstance(error, (requests.exceptions.Timeout, TimeoutError, ReadTimeoutError)):
        return said("answer.late")
    if isinstance(error, (ProtocolError, DecodeError)):
        return said("answer.broken")
    return said("answer.lost")
