"""The HTTP client of adapters: it turns every failure into a PlatformError.

The question that matters is whether an irreversible request may have reached the network:

- never connected, or refused in an answer that can be read: nothing is public (`Unavailable`, or
  what the adapter's `explain` says);
- sent, and the answer is lost, cut, unreadable or ambiguous: `OutcomeUnknown`.

On calls that publish nothing, the second case is `Unavailable` too. Nothing is ever repeated here.
An irreversible request that waited for too long is not sent (`platforms.http.transport`).
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode

from platforms import clock
from platforms.checkpoint import Checkpoint, forget
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http import uploads
from platforms.http.failures import FORBIDDEN, NoAnswer, NotConnected, NotSent
from platforms.http.foreign import stated
from platforms.http.redaction import Redactor
from platforms.http.versions import Versions

if TYPE_CHECKING:
    from platforms.http.foreign.websocket import Hear
    from platforms.http.transport import Transport

BODY_KEPT_CHARS = 2000
#: How much of a body is redacted before it is cut to BODY_KEPT_CHARS: tokens are shorter.
BODY_READ_BYTES = 8 * 1024
#: The longest refusal that is read as JSON.
REFUSAL_BYTES = 64 * 1024
_NO_JSON = object()


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer. `content`, and what `json` and `json_object` read, may hold secrets;
    `text` and `error_body` are redacted.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    encoding: str = "utf-8"
    _: KW_ONLY
    irreversible: bool = False
    redact: Redactor = field(default_factory=Redactor, repr=False, compare=False)

    @cached_property
    def text(self) -> str:
        """Return the body as it is stored and shown: redacted, then cut."""
        read = self.content[:BODY_READ_BYTES].decode(self.encoding, "replace")
        return self.redact(read)[:BODY_KEPT_CHARS]

    @cached_property
    def _parsed(self) -> Any:
        if self.status >= HTTPStatus.BAD_REQUEST and len(self.content) > REFUSAL_BYTES:
            return _NO_JSON
        try:
            return stated.read_json(self.content)
        except stated.Unreadable:
            return _NO_JSON

    def json(self) -> Any:
        """Return the parsed body. Raises OutcomeUnknown or Unavailable if it is not JSON."""
        if self._parsed is _NO_JSON:
            self.unreadable("its answer could not be read")
        return self._parsed

    def json_object(self) -> dict[str, Any]:
        """Return the body, unredacted; an empty dict if it is not a JSON object."""
        return self._parsed if isinstance(self._parsed, dict) else {}

    def error_body(self) -> dict[str, Any]:
        """Return the redacted `json_object` of a refusal, whose texts may be shown."""
        return self._error_body

    @cached_property
    def _error_body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.redact.value(self.json_object())
        return body

    def error_object(self) -> dict[str, Any]:
        """Return the object under `error` of a refusal, redacted; empty if there is none."""
        error = self.error_body().get("error")
        return error if isinstance(error, dict) else {}

    def is_missing(self) -> bool:
        """Return whether the network has no such thing. Raises as `json` if a page answers."""
        if self._parsed is _NO_JSON and (self.content or self.status == 404):
            self.unreadable("something in front of it answered")
        return self.status == 404

    def take_list(self, name: str) -> list[dict[str, Any]]:
        """The objects in the list at a name of the JSON body. Raises as `json` does if it is none:
        only an answer that contains a list proves that something is not in it."""
        found = self.json_object().get(name)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self.unreadable("its list could not be read")
        return found

    def take(self, *path: str | int) -> str:
        """Return the value at a path of the JSON body, as text. Raises as `json` if missing."""
        value = self.json()
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                self.unreadable(f"its answer held no {'.'.join(map(str, path))}")
        if value is None or value == "" or isinstance(value, dict | list):
            self.unreadable(f"its answer held no {'.'.join(map(str, path))}")
        return str(value)

    def unreadable(self, why: str) -> NoReturn:
        """Raise OutcomeUnknown if the request was irreversible, else Unavailable."""
        error = OutcomeUnknown if self.irreversible else Unavailable
        raise error(
            f"The platform accepted the request, but {why}.",
            http_status=self.status,
            body=self.text,
        )

    def ahead_seconds(self) -> float:
        """Return how far the network's clock is ahead of ours; 0 if the answer has no date."""
        date = stated.as_moment(self.headers.get("date"))
        return date.timestamp() - clock.unix_seconds() if date else 0

    def retry_after_seconds(self) -> float | None:
        return stated.as_seconds(self.headers.get("retry-after"))


class Client:
    """The HTTP client of one publish or lookup. Without a checkpoint, nothing is stored.

    `may_leave` is asked before any request but a GET is written, as a checkpoint's is before an
    irreversible one: what a refresh sends can be used once.
    """

    def __init__(
        self,
        transport: "Transport",
        *,
        explain: Callable[[Answer], PlatformError],
        checkpoint: Checkpoint | None = None,
        secrets: Iterable[str] = (),
        may_leave: Callable[[], bool] | None = None,
    ) -> None:
        self._may_leave = may_leave
        self._transport = transport
        self._explain = explain
        self._checkpoint = Checkpoint({}, forget) if checkpoint is None else checkpoint
        self.redact = Redactor(secrets)

    @property
    def versions(self) -> Versions:
        """Return the versions of the networks' APIs to call."""
        return self._transport.versions

    def hide(self, *secrets: str) -> None:
        """Redact these too, such as a network's upload URL, which is as good as a token."""
        self.redact.hide(*secrets)

    def traceback(self) -> str:
        """Return the traceback of the exception being handled, without secrets."""
        return self.redact(traceback.format_exc())

    def refused(self, answer: Answer) -> PlatformError:
        """Return the error that an answer means, at any status: some networks refuse with 200."""
        error = self._explain(answer)
        if isinstance(error, OutcomeUnknown) and not answer.irreversible:
            # A specific code is kept; the default of the class is not.
            code = error.code if error.code != error.default_code else ""
            error = error.as_(Unavailable, code=code)
        error.body = error.body or answer.text
        error.http_status = error.http_status or answer.status
        return self.redacted(error)

    def redacted(self, error: PlatformError) -> PlatformError:
        """Remove secrets from an error: a network may quote the request in its messages."""
        error.message = self.redact(error.message)
        error.platform_code = self.redact(error.platform_code)
        error.request_id = self.redact(error.request_id)
        error.body = self.redact(error.body)
        error.args = (error.message,)
        return error

    async def get(self, url: str, **options: Any) -> Answer:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> Answer:
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Any) -> Answer:
        return await self.request("PUT", url, **options)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        accept: tuple[int, ...] = (),
        irreversible: bool = False,
        timeout_seconds: float | None = None,
        is_foreign: bool = False,
    ) -> Answer:
        """Return the answer if it is a 2xx or its status is in `accept`; raises PlatformError.

        The body is `json`, or `data` as a form, or `content` as it is. `accept` is for statuses
        that mean something else here, such as 308 of resumable uploads. `is_foreign`: a customer,
        or a document that one controls, named the host (`platforms.http.foreign.public_hosts`).
        """
        content_type, body = uploads.in_memory(json, data, content)
        if irreversible:
            await self._checkpoint.sending()
        try:
            response = await self._transport.send(
                method,
                _with_query(url, params),
                headers={**content_type, **(headers or {})},
                body=body,
                timeout_seconds=timeout_seconds,
                may_leave=self._question(method, irreversible=irreversible),
                is_foreign=is_foreign,
            )
        except NoAnswer as failure:
            error = self._lost(failure, irreversible)
            error.unreachable = isinstance(failure, NotConnected) and not is_foreign
            raise error from failure
        answer = Answer(*response, irreversible=irreversible, redact=self.redact)
        return self._judge(answer, accept)

    async def converse(
        self,
        urls: Sequence[str],
        message: Any,
        hearing: Callable[[str], "Hear"],
        *,
        irreversible: bool = False,
    ) -> list[Answer | PlatformError]:
        """Say the same to several foreign servers at once, over websockets.

        Returns what each said, a list of texts, or why not, in the order of the `urls`; `hearing`
        makes the `hear` of each. What an irreversible conversation settles, only its reader knows:
        it tells the checkpoint that all is answered.
        """
        body = uploads.as_json(message).encode()
        if irreversible:
            await self._checkpoint.sending()

        async def talk(url: str) -> Answer | PlatformError:
            try:
                response = await self._transport.send(
                    "WS",
                    url,
                    headers={},
                    body=body,
                    may_leave=self._checkpoint.may_leave if irreversible else None,
                    is_foreign=True,
                    hear=hearing(url),
                )
            except NoAnswer as failure:
                return self._failure(failure, irreversible)
            return Answer(*response, irreversible=irreversible, redact=self.redact)

        return list(await asyncio.gather(*map(talk, urls)))

    def _question(self, method: str, *, irreversible: bool) -> Callable[[], bool] | None:
        """Return what is asked when the connection is ready; None if nothing is."""
        if irreversible:
            return self._checkpoint.may_leave
        return None if method == "GET" else self._may_leave

    def _lost(self, failure: NoAnswer, irreversible: bool) -> PlatformError:
        if irreversible and isinstance(failure, NotSent):
            self._checkpoint.answered()
        return self._failure(failure, irreversible)

    def _failure(self, failure: NoAnswer, irreversible: bool) -> PlatformError:
        if irreversible and not isinstance(failure, NotSent):
            return OutcomeUnknown(str(failure), platform_code=failure.word)
        # The library tells of a body that could not be read as of a connection that broke.
        ours = failure.__cause__ and failure.__cause__.__cause__
        if isinstance(ours, PlatformError):
            return ours
        code = "address_refused" if failure.word == FORBIDDEN else ""
        return Unavailable(str(failure), code=code, platform_code=failure.word)

    def _judge(self, answer: Answer, accept: tuple[int, ...]) -> Answer:
        if 200 <= answer.status < 300 or answer.status in accept:
            if answer.irreversible:
                self._checkpoint.answered()
            return answer
        error = self.refused(answer)
        if answer.irreversible and not isinstance(error, OutcomeUnknown):
            self._checkpoint.answered()
        raise error


def _with_query(url: str, params: Mapping[str, str] | None) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
