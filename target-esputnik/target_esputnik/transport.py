"""One request to eSputnik, until it is answered or given up: pace, retries, and what each answer means.

Only `client.py` uses it. Every exception of `requests` ends here as one of ours.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import backoff
import msgspec
import requests
from urllib3.exceptions import HTTPError

from target_esputnik import answers
from target_esputnik.connection import PrivateAddressError, UntrustedError
from target_esputnik.errors import (
    ConfigProblem,
    ContactGone,
    CredentialsRefused,
    DuplicateRequest,
    NeedsPerson,
    NoAnswer,
    NotEsputnik,
    RequestRefused,
    ServiceUnavailable,
    TargetError,
)
from target_esputnik.http_answers import (
    DUPLICATE,
    GONE,
    PERSON,
    REFUSE,
    RETRY,
    action_for,
    comes_from,
    never_left,
    retry_after,
)
from target_esputnik.receiving import MOST_BYTES, Answer, HeadCutOff, TooLarge, receive
from target_esputnik.tries import Allowance, Exchange, Request, Tries, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_esputnik.pacing import Pace

CONNECT_TIMEOUT: Final = 5
GIVE_UP_AFTER: Final = 60.0
TOO_MANY: Final = 429
DUPLICATE_GUARD: Final = 61.0
"""Seconds after which eSputnik has forgotten a body: its guard is one minute (§1.9)."""


class Transport:
    """Sends requests of one account, at one pace.

    Args:
        base_url: without a trailing slash; paths begin with `/v1/…`.
        api_key: the password of HTTP Basic; any user name does (§1.2).
        timeout: seconds to wait for an answer.
        pace: shared by all threads.
        session: of `connection.new_session`; this closes it.
        on_exchange: told of every request when it is over, from the thread that made it.
        give_up_after: seconds for all tries of one request.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        timeout: float,
        pace: Pace,
        session: requests.Session,
        on_exchange: Callable[[Exchange], None],
        give_up_after: float = GIVE_UP_AFTER,
    ) -> None:
        self._base_url = base_url
        self._timeout = (CONNECT_TIMEOUT, timeout)
        self._pace = pace
        self._on_exchange = on_exchange
        self._give_up_after = give_up_after
        self._stopping = threading.Event()
        self._session = session
        self._session.auth = ("target-esputnik", api_key)
        self._session.headers.update(
            {"Accept": "application/json; charset=UTF-8", "User-Agent": "target-esputnik (+singer)"}
        )

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def watch(self, seen: Callable[[str, str, int, Mapping[str, str]], None]) -> None:
        """Tell of every answer as it comes: method, path, HTTP status, headers."""

        def tell(response: requests.Response, **_: Any) -> None:
            path = urlsplit(response.url).path
            seen(str(response.request.method), path, response.status_code, response.headers)

        self._session.hooks["response"].append(tell)

    def stop(self) -> None:
        """Begin no further try: what is in flight ends, and what would be repeated is given up."""
        self._stopping.set()

    def sleep(self, seconds: float) -> bool:
        """Sleep, but no longer than until `stop`. Returns whether it slept to the end."""
        return not self._stopping.wait(seconds)

    def call(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        query: dict[str, Any] | None = None,
        body: Any = None,
        records: int = 0,
        allowance: Allowance | None = None,
        page_is_foreign: bool = False,
    ) -> Any:
        """Send one request and return its body: a JSON value, text, or None.

        Args:
            method: the HTTP method.
            path: below the base URL.
            endpoint: the path without ids, as the ledger names the request.
            query: query parameters.
            body: a JSON value; it is serialised once, so that a repeat is the same byte for byte.
            records: how many records it carries, for the ledger.
            page_is_foreign: a web page means that this is no API at all, instead of something in between for a moment.
            allowance: how often a request that got no answer may still be repeated, and none after a 5xx; None: both
                until given up.

        Raises:
            TargetError: see `errors.py`; `DuplicateRequest` for a 409 that no lost answer explains.
        """
        content = None if body is None else msgspec.json.encode(body)
        tries = Tries()
        begun, started = datetime.now(timezone.utc), time.monotonic()
        waits = backoff.expo(base=2, factor=0.5, max_value=8)
        next(waits)  # backoff's generators yield None first

        def wait(again: TryAgain) -> float:
            return again.wait if again.wait is not None else backoff.full_jitter(float(next(waits)))

        def hopeless(again: Exception) -> bool:
            assert isinstance(again, TryAgain)  # noqa: S101 - the only exception that is backed off from
            if tries.unanswered and allowance is not None and not allowance.take():
                return True
            left = self._give_up_after - (time.monotonic() - started)
            return self._stopping.is_set() or (again.wait or 0) > left

        attempt = backoff.on_exception(
            backoff.runtime,
            TryAgain,
            value=wait,
            giveup=hopeless,
            max_time=self._give_up_after,
            jitter=None,
            logger=None,
        )(self._one_try)
        outcome = "failed"
        try:
            answer = attempt(
                Request(method, path, query, content, page_is_foreign, careful=allowance is not None), tries
            )
            outcome = "answered"
        except TryAgain as again:
            cause = tries.doubt or again.cause
            outcome = cause.code
            raise cause from None
        except NeedsPerson as error:
            # An earlier try's answer was lost: a key that is refused since does not tell what became of that one.
            cause = tries.doubt or error
            outcome = cause.code
            raise cause from None
        except TargetError as error:
            outcome = error.code
            raise
        else:
            return answer
        finally:
            self._on_exchange(
                Exchange(
                    endpoint=endpoint,
                    method=method,
                    at=begun,
                    seconds=time.monotonic() - started,
                    tries=tries.count,
                    status=tries.status,
                    outcome=outcome,
                    records=records,
                )
            )

    def _one_try(self, request: Request, tries: Tries) -> Any:
        tries.count += 1
        tries.status, tries.unanswered = None, False
        if not self._pace.wait_turn(self._give_up_after):
            # eSputnik asked another request for a pause that goes beyond the time of this one.
            raise TryAgain(ServiceUnavailable("trouble_there", status=TOO_MANY), self._give_up_after + 1)
        return self._answer(self._exchange(request, tries), request, tries)

    def _answer(self, answer: Answer, request: Request, tries: Tries) -> Any:
        """What an answer says; §1.6: an error may come with HTTP 200, and its status in the body."""
        tries.status = answer.status
        if answer.status < 300:  # noqa: PLR2004
            body = self._body(answer, request, tries)
            inside = answers.error_in_body(body)
            if inside is None:
                self._pace.went_well()
                return body
            tries.status = inside
        is_echo, tries.echoes = tries.echoes, tries.echoes and tries.status == TOO_MANY
        return self._trouble(answer, tries.status, is_echo=is_echo, careful=request.careful)

    def _exchange(self, request: Request, tries: Tries) -> Answer:
        headers = {"Content-Type": "application/json; charset=UTF-8"} if request.content is not None else {}
        try:
            response = self._session.request(
                request.method,
                self._base_url + request.path,
                params=request.query,
                data=request.content,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            return receive(response, seconds=2 * self._timeout[1])
        except requests.exceptions.ConnectTimeout:
            raise TryAgain(ServiceUnavailable("connect_timeout")) from None
        except requests.exceptions.ConnectionError as error:  # an SSLError is one, too
            if comes_from(error, PrivateAddressError):
                raise ConfigProblem("private_address") from None
            if comes_from(error, UntrustedError):
                raise NotEsputnik("certificate") from None
            if never_left(error):
                raise TryAgain(ServiceUnavailable("unreachable")) from None
            raise tries.lost(NoAnswer("connection_broke")) from None
        except TooLarge:
            raise tries.lost(NoAnswer("answer_too_large", megabytes=MOST_BYTES // 2**20)) from None
        except (requests.exceptions.RequestException, HTTPError, OSError, HeadCutOff) as error:
            # requests lets some exceptions of urllib3 and of sockets through as they are.
            raise tries.lost(NoAnswer("half_answer", kind=type(error).__name__)) from None

    def _body(self, answer: Answer, request: Request, tries: Tries) -> Any:
        if answers.looks_like_html(answer.text, answer.headers.get("Content-Type", "")):
            if request.page_is_foreign:
                raise NotEsputnik("web_page")
            # A page of a proxy in between: what became of the request is not known.
            raise tries.lost(NoAnswer("page_between"))
        if request.method == "GET" and not answer.is_utf8:
            # What is read may be written back: garbled, it would take the place of what eSputnik has.
            raise tries.lost(NoAnswer("half_answer", kind="charset"))
        return answers.body_of(answer.text)

    def _trouble(self, answer: Answer, status: int, *, is_echo: bool, careful: bool = False) -> Any:
        action = action_for(status)
        if careful and status >= 500:  # noqa: PLR2004
            # The work may be done: repeated at once, a gateway that times out would mail a customer a dozen times.
            doubt = NoAnswer("half_answer", kind=f"HTTP {status}")
            doubt.after_5xx = True
            raise doubt
        if action == RETRY:
            pause = retry_after(answer.headers)
            if status == TOO_MANY:
                self._pace.slow_down(pause or 0.0)
            raise TryAgain(ServiceUnavailable("trouble_there", status=status), pause)
        if action == DUPLICATE:
            if is_echo:  # the try whose answer was lost did the work, and this is its echo (§1.9)
                return None
            raise DuplicateRequest("duplicate_request")
        if action == PERSON:
            raise CredentialsRefused("key_refused_http", status=status)
        if action == GONE:
            raise ContactGone("not_there")
        if action == REFUSE:
            raise RequestRefused("request_refused", status=status, answer=answer.text[:4000])
        raise NotEsputnik("foreign_status", status=status)
