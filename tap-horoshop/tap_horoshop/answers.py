"""Pure: what an answer of the shop means, and what to do about it, as tables.

A business error comes with HTTP 200 and a word in the envelope (`horoshop-api.md` §1.3); a fault of the way comes as an
HTTP status, as HTML, or not at all.
"""

from __future__ import annotations

import datetime as dt
import email.utils
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tap_horoshop.errors import (
    AccessRefusedError,
    AnswerUnexpectedError,
    ApiOffError,
    HoroshopError,
    MethodMissingError,
    RedirectedError,
    ShopUnreachableError,
    WrongCredentialsError,
)
from tap_horoshop.mending import BeyondMendingError, mended
from tap_horoshop.words import said

if TYPE_CHECKING:
    from tap_horoshop.language import Said

LOGIN = "auth"
MAX_RETRY_AFTER = 3600.0
BOM = b"\xef\xbb\xbf"
DECODER = msgspec.json.Decoder(float_hook=Decimal)


class Action(Enum):
    """What the client does about an answer."""

    ACCEPT = "take the rows"
    NOTHING = "there are no rows"
    RENEW = "log in anew and ask once more"
    RETRY = "ask again after a while"
    FAIL = "end the run"


class Verdict(NamedTuple):
    """An action, with the error it ends in when the run cannot go on, and the rows when it can."""

    action: Action
    error: HoroshopError | None = None
    response: dict[str, Any] | None = None
    reason: Said | None = None


HTTP_ACTIONS: dict[int, Action] = {
    200: Action.ACCEPT,
    201: Action.ACCEPT,
    401: Action.RENEW,
    408: Action.RETRY,
    425: Action.RETRY,
    429: Action.RETRY,
}
"""By HTTP status. All of 5xx (also Cloudflare's 524) is tried again, all of 3xx and the rest of 4xx ends the run."""

WORD_ACTIONS: dict[str, Action] = {
    "OK": Action.ACCEPT,
    "WARNING": Action.ACCEPT,
    "EMPTY": Action.NOTHING,
    "UNAUTHORIZED": Action.RENEW,
    "AUTHORIZATION_ERROR": Action.RENEW,
    "EXCEPTION": Action.RETRY,
    "ERROR": Action.FAIL,
    "FORBIDDEN": Action.FAIL,
    "UNDEFINED_FUNCTION": Action.FAIL,
    "HTTP_ERROR": Action.FAIL,
}
"""By the envelope's word. A word that is not here ends the run."""


def judge(method: str, status: int, body: bytes, *, is_shop: bool) -> Verdict:
    """Tell what an answer means.

    Args:
        method: The API's method, such as `orders/get`.
        status: The HTTP status.
        body: The body, decompressed.
        is_shop: Whether this address has answered as a Horoshop shop before in this run. Once it has, a page of HTML is
            a passing fault; before, it is the answer of something else.
    """
    if 300 <= status < 400:  # noqa: PLR2004
        return Verdict(Action.FAIL, _redirected())
    action = HTTP_ACTIONS.get(status, Action.RETRY if status >= 500 else Action.FAIL)  # noqa: PLR2004
    if action is Action.RENEW and method == LOGIN:
        return Verdict(Action.FAIL, _wrong_credentials())
    if action is Action.FAIL:
        return Verdict(action, _refused_by_http(method, status))
    if action is not Action.ACCEPT:
        return Verdict(action, reason=said("answer.status", status=status))
    return _judge_body(method, body, is_shop=is_shop)


def seconds_to_wait(retry_after: str | None, now: dt.datetime) -> float | None:
    """Read a `Retry-After` header: seconds or a date. None when there is none that can be read."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)
        seconds = (moment - now).total_seconds()
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if seconds == seconds else None  # noqa: PLR0124 - not a number


def _judge_body(method: str, body: bytes, *, is_shop: bool) -> Verdict:
    try:
        envelope = _decoded(body.removeprefix(BOM))
    except BeyondMendingError:
        if _is_html(body):
            return Verdict(Action.RETRY, reason=said("answer.page")) if is_shop else Verdict(Action.FAIL, _not_a_shop())
        return Verdict(Action.RETRY, reason=said("answer.not_json"))
    word = envelope.get("status") if isinstance(envelope, dict) else None
    if not isinstance(word, str):
        return Verdict(Action.FAIL, _unexpected(method, said("answer.no_status")) if is_shop else _not_a_shop())
    if method == LOGIN:
        return _judge_login(word, envelope)
    return _judge_word(method, word, envelope.get("response"))


def _decoded(body: bytes) -> Any:
    try:
        return DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return mended(body)


def _judge_word(method: str, word: str, response: object) -> Verdict:
    action = WORD_ACTIONS.get(word, Action.FAIL)
    if action is Action.FAIL:
        return Verdict(action, _refused_by_word(method, word))
    if action is Action.ACCEPT and not isinstance(response, dict) and response != []:
        # PHP's empty array says that there is nothing; anything else does not say that there are no rows.
        return Verdict(Action.FAIL, AnswerUnexpectedError("no_rows", method=method))
    return Verdict(action, response=response if isinstance(response, dict) else {}, reason=_word(word))


def _judge_login(word: str, envelope: dict[str, Any]) -> Verdict:
    """A wrong password is `ERROR` (`horoshop-api.md` §1.2); nothing that a login is refused with heals by itself."""
    if WORD_ACTIONS.get(word) is Action.RETRY:
        return Verdict(Action.RETRY, reason=_word(word))
    if word in {"ERROR", "UNAUTHORIZED", "AUTHORIZATION_ERROR", "EMPTY"}:
        return Verdict(Action.FAIL, _wrong_credentials())
    if word == "FORBIDDEN":
        return Verdict(Action.FAIL, AccessRefusedError("not_allowed"))
    if word == "UNDEFINED_FUNCTION":
        return Verdict(Action.FAIL, _api_off())
    response = envelope.get("response")
    if word == "OK" and isinstance(response, dict) and isinstance(response.get("token"), str) and response["token"]:
        return Verdict(Action.ACCEPT, response=response)
    return Verdict(Action.FAIL, _unexpected(LOGIN, said("answer.no_token", word=_shown(word))))


def _wrong_credentials() -> WrongCredentialsError:
    return WrongCredentialsError("wrong_credentials")


def _refused_by_http(method: str, status: int) -> HoroshopError:
    if status == 404:  # noqa: PLR2004
        # Clients met 404 at shops whose API is switched off (`horoshop-api.md` §1.2).
        return _api_off()
    if status == 403:  # noqa: PLR2004
        return AccessRefusedError("forbidden")
    return _unexpected(method, said("answer.status", status=status))


def _refused_by_word(method: str, word: str) -> HoroshopError:
    if word == "FORBIDDEN":
        return AccessRefusedError("method_not_allowed", method=method)
    if word == "UNDEFINED_FUNCTION":
        return MethodMissingError("method_missing", method=method)
    return _unexpected(method, _word(word))


def _shown(word: str) -> str:
    """A foreign word is shown only if it looks like one of the API's: it could hold anything."""
    return word if word.replace("_", "").isalpha() and word.isascii() and word.isupper() and len(word) < 40 else "?"  # noqa: PLR2004


def _word(word: str) -> Said:
    return said("answer.word", word=_shown(word))


def _unexpected(method: str, answer: Said) -> AnswerUnexpectedError:
    return AnswerUnexpectedError("unexpected_answer", method=method, answer=answer)


def _is_html(body: bytes) -> bool:
    start = body[:512].lstrip().lower()
    return start.startswith(b"<") or b"<html" in start


def _not_a_shop() -> ShopUnreachableError:
    return ShopUnreachableError("not_a_shop")


def _redirected() -> RedirectedError:
    # The vendor's page warns that its English login leads to another platform; credentials follow no redirect.
    return RedirectedError("redirected")


def _api_off() -> ApiOffError:
    return ApiOffError("api_off")
