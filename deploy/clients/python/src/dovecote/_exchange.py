"""One call, sent until it is answered: what is tried again, when, and when it is given up."""

import json
import random
import time
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

import httpx

from dovecote import _calls
from dovecote._api_error import ApiError, NoAnswer
from dovecote._calls import Call
from dovecote._generated.errors import BY_CODE
from dovecote._steps import Send, Sleep, Steps

Answer = TypeVar("Answer")

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
#: For a connection: after it the next try begins. An answer may take longer.
CONNECT_SECONDS = 4.0
#: The request cannot be sent at all, however often it is tried.
NEVER_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)
#: The request has not left.
NOT_SENT = (*NEVER_SENT, httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
KEY_HEADER = "Idempotency-Key"
#: What proxies answer while the server behind them is away.
TRANSIENT = (429, 502, 503, 504)


@dataclass(frozen=True)
class Connection:
    """Which server, with which key, and for how long to try. Sends nothing itself."""

    url: str
    #: Empty: only to log in.
    api_key: str = field(repr=False)
    #: How many seconds one request may take.
    timeout: float
    #: How many seconds a call may take, with every time it is sent again.
    patience: float

    def exchange(self, call: Call[Answer, Any], patience: float | None = None) -> Steps[Answer]:
        """The answer of success. Raises ApiError, or NoAnswer if there was none in time."""
        retries = Retries(self.patience if patience is None else patience)
        arrived = False
        while True:
            failed: ApiError | NoAnswer
            try:
                response: httpx.Response = yield Send(request(self, call))
            except httpx.TransportError as lost:
                arrived = arrived or not isinstance(lost, NOT_SENT)
                failed = _no_answer(self, call, lost, arrived)
                again = (not arrived or call.may_repeat) and not isinstance(lost, NEVER_SENT)
            else:
                if _has_data(response):
                    return call.read(response)
                failed = error_of(response)
                again = failed.retryable
            yield from retries.pause(failed, again)


class Retries:
    """The pauses between requests, longer each time, until patience ends."""

    def __init__(self, patience: float) -> None:
        self._deadline = time.monotonic() + patience
        self._seconds = FIRST_PAUSE_SECONDS

    def pause(self, failed: ApiError | NoAnswer, again: bool) -> Steps[None]:
        """Wait before the next request. Raises what has failed if there is to be none."""
        seconds = self._seconds * random.uniform(0.5, 1.0)
        if isinstance(failed, ApiError) and failed.retry_after:
            # A little later than asked for: all who wait come back at the same second.
            seconds += failed.retry_after
        if not again or time.monotonic() + seconds > self._deadline:
            raise failed
        yield Sleep(seconds)
        self._seconds = min(self._seconds * 2, LONGEST_PAUSE_SECONDS)


def request(connection: Connection, call: Call[Any, Any]) -> httpx.Request:
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    if connection.api_key:
        headers["Authorization"] = f"Bearer {connection.api_key}"
    if call.key:
        headers[KEY_HEADER] = call.key
    return httpx.Request(
        call.method,
        connection.url + call.path,
        params=_calls.query(call.query),
        headers=headers,
        json=None if call.body is None else _calls.plain(call.body),
        files=None if call.form is None else _calls.parts(call.form),
        extensions={"timeout": _timeout(connection.timeout).as_dict()},
    )


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))


def _no_answer(
    connection: Connection, call: Call[Any, Any], lost: httpx.TransportError, arrived: bool
) -> NoAnswer:
    told = f"No answer from {connection.url}: {str(lost) or type(lost).__name__}."
    writes = arrived and call.method != "GET"
    if writes:
        told += " It may have been done all the same."
    if writes and call.key:
        told += f" Send it again with idempotency_key={call.key!r}: nothing is done twice."
    return NoAnswer(told, may_be_done=writes, idempotency_key=call.key)


def _user_agent() -> str:
    try:
        return f"dovecote-client/{version('dovecote-client')}"
    except PackageNotFoundError:
        return "dovecote-client"


def error_of(response: httpx.Response) -> ApiError:
    """Never fails: what is no answer of the API's, such as a proxy's page, is told as such."""
    body = _body(response)
    error = body.get("error")
    wait = _retry_after(response)
    if not isinstance(error, dict):
        told = f"{response.status_code} {response.reason_phrase} from {response.url.host}"
        retryable = response.status_code in TRANSIENT
        return ApiError(response.status_code, "", told, retryable=retryable, retry_after=wait)
    code = str(error.get("code", ""))
    meta = body.get("meta")
    return BY_CODE.get(code, ApiError)(
        response.status_code,
        code,
        str(error.get("message", "")),
        details=error.get("details"),
        retryable=bool(error.get("retryable")),
        request_id=str(meta.get("request_id", "")) if isinstance(meta, dict) else "",
        retry_after=wait,
    )


def _has_data(response: httpx.Response) -> bool:
    """Return whether it answers the call: also by 422, of many posts of which none was accepted."""
    if response.is_success:
        return True
    body = _body(response)
    return body.get("data") is not None and body.get("error") is None


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, of `Retry-After`; its form with a date is not used by the API."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


USER_AGENT = _user_agent()
