"""HTTP to the networks, in our words: what a request needs, and what its answer means.

It turns every failure into one of our error words. The question that matters is whether an
irreversible request may have reached the network:

- never connected, or a refusal that can be read: nothing is public (`Unavailable`, or what the
  adapter's `explain` says);
- sent, and the answer is lost, cut, unreadable or ambiguous: `OutcomeUnknown`.

On calls that publish nothing the second case is `Unavailable` too. Nothing is ever repeated here.
An irreversible request that waited for too long does not leave (`platforms.http.transport`).
"""

import json
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, BinaryIO, NoReturn
from urllib.parse import urlsplit

import httpx

from platforms import clock
from platforms.checkpoint import Checkpoint, forget
from platforms.errors import OutcomeUnknown, PlatformError, Unavailable
from platforms.http.redaction import Redactor
from platforms.http.transport import MAY_LEAVE, Connections, Withheld
from platforms.http.versions import Versions

BODY_KEPT_CHARS = 2000
#: So much of a body is redacted before it is cut to what is kept.
BODY_READ_BYTES = 16 * 1024
#: A refusal that is larger is read by its status alone; to redact it would take long.
REFUSAL_BYTES = 256 * 1024

#: Failures before a single byte of the request left.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    Withheld,
)
UNREACHED = "The platform could not be reached ({word})."
DEFAULT_VERSIONS = Versions()
Files = Mapping[str, tuple[str, BinaryIO | bytes, str]]


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer. `content`, and what `json` and `json_object` read, may hold secrets;
    `text` and `error_body` are redacted.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    _: KW_ONLY
    irreversible: bool = False
    encoding: str = "utf-8"
    redact: Redactor = field(default_factory=Redactor, repr=False, compare=False)

    @cached_property
    def text(self) -> str:
        """The body to be kept and shown: redacted, then cut."""
        read = self.content[:BODY_READ_BYTES].decode(self.encoding, "replace")
        return self.redact(read)[:BODY_KEPT_CHARS]

    def json(self) -> Any:
        """The parsed body; an unreadable one means the outcome is not known."""
        try:
            return json.loads(self.content)
        except ValueError:
            self.unreadable("its answer could not be read")

    def json_object(self) -> dict[str, Any]:
        """The body as it came, or an empty dict where it is not a JSON object."""
        try:
            body = json.loads(self.content)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    def error_body(self) -> dict[str, Any]:
        """The redacted `json_object` of a refusal: its words may be cut and shown."""
        if len(self.content) > REFUSAL_BYTES:
            return {}
        body: dict[str, Any] = self.redact.value(self.json_object())
        return body

    def take(self, *path: str | int) -> str:
        """The value at a path of the JSON body, as text. Missing: the outcome is not known."""
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
        error = OutcomeUnknown if self.irreversible else Unavailable
        raise error(
            f"The platform accepted the request, but {why}.",
            http_status=self.status,
            body=self.text,
        )

    def ahead_seconds(self) -> float:
        """How far the network's clock is ahead of ours; 0 where it does not tell the time."""
        try:
            told = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return 0
        return told.timestamp() - clock.unix_seconds()

    def retry_after_seconds(self) -> float | None:
        value = self.headers.get("retry-after", "")
        return float(value) if value.isdigit() else None


class Transport:
    """The kept-alive connections to one platform. One per worker process and platform.

    `base_urls` maps an origin (`https://api.x.com`) to where it is really reached; `gateway`
    reaches every origin through one address and then nothing else can be reached. `versions` are
    those of the APIs that adapters call.
    """

    def __init__(
        self,
        *,
        connections: int = 100,
        timeout_seconds: float = 30,
        base_urls: Mapping[str, str] | None = None,
        gateway: str = "",
        versions: Versions = DEFAULT_VERSIONS,
    ) -> None:
        self.versions = versions
        self.base_urls = dict(base_urls or {})
        self.gateway = gateway.rstrip("/")
        self._connections = Connections(connections)
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(timeout_seconds, connect=5),
            transport=self._connections,
            follow_redirects=False,
            trust_env=False,
        )

    def resolve(self, url: str) -> str:
        if self.gateway:
            if url.startswith(self.gateway + "/"):
                return url
            parts = urlsplit(url)
            return f"{self.gateway}/{parts.netloc}{url[len(f'{parts.scheme}://{parts.netloc}') :]}"
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        return self.base_urls.get(origin, origin) + url[len(origin) :]

    async def status_of(self, url: str, timeout_seconds: float) -> int | None:
        """The status of an answer whose body is not read; None if there was none in time."""
        return await self._connections.status_of(url, timeout_seconds)

    async def close(self) -> None:
        await self.http.aclose()


class Client:
    """What one publish or look-up speaks through. Without a checkpoint, nothing is remembered."""

    def __init__(
        self,
        transport: Transport,
        *,
        explain: Callable[[Answer], PlatformError],
        checkpoint: Checkpoint | None = None,
        secrets: Iterable[str] = (),
    ) -> None:
        self._transport = transport
        self._explain = explain
        self._checkpoint = Checkpoint({}, forget) if checkpoint is None else checkpoint
        self.redact = Redactor(secrets)

    @property
    def versions(self) -> Versions:
        """The versions of the networks' APIs to call."""
        return self._transport.versions

    def hide(self, *secrets: str) -> None:
        """Keep these out of every error too: a network's upload URL is as good as a token."""
        self.redact.hide(*secrets)

    def traceback(self) -> str:
        """The exception that is being handled, as text without secrets."""
        return self.redact(traceback.format_exc())

    def refused(self, answer: Answer) -> PlatformError:
        """What an answer means that refuses, whatever its status: some networks refuse with 200."""
        error = self._explain(answer)
        if isinstance(error, OutcomeUnknown) and not answer.irreversible:
            # A code that says who must act is kept; the error's default is not.
            code = error.code if error.code != error.default_code else ""
            error = error.as_(Unavailable, code=code)
        error.body = error.body or answer.text
        error.http_status = error.http_status or answer.status
        return self.redacted(error)

    def redacted(self, error: PlatformError) -> PlatformError:
        """The same error: a network may quote the request in the very words that customers read."""
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
        data: Mapping[str, Any] | None = None,
        files: Files | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        accept: tuple[int, ...] = (),
        irreversible: bool = False,
        timeout_seconds: float | None = None,
    ) -> Answer:
        """The network's answer if it is a 2xx or its status is in `accept`; raises PlatformError.

        `accept` is for statuses that mean something else here, such as 308 of resumable uploads.
        """
        request = self._transport.http.build_request(
            method,
            self._transport.resolve(url),
            headers=headers,
            params=params,
            json=json,
            data=data,
            files=files,
            content=content,
            timeout=timeout_seconds or httpx.USE_CLIENT_DEFAULT,
            extensions={MAY_LEAVE: self._checkpoint.may_leave} if irreversible else None,
        )
        if irreversible:
            await self._checkpoint.sending()
        try:
            answer = self._read(await self._transport.http.send(request), irreversible)
        except httpx.HTTPError as failure:
            raise self._lost(failure, irreversible) from failure
        return self._judge(answer, accept)

    def _read(self, response: httpx.Response, irreversible: bool) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(
            response.status_code,
            headers,
            response.content,
            irreversible=irreversible,
            encoding=response.encoding or "utf-8",
            redact=self.redact,
        )

    def _lost(self, failure: httpx.HTTPError, irreversible: bool) -> PlatformError:
        word = type(failure).__name__
        if isinstance(failure, NEVER_SENT):
            if irreversible:
                self._checkpoint.answered()
            said = str(failure) if isinstance(failure, Withheld) else UNREACHED.format(word=word)
            return Unavailable(said, platform_code=word)
        error = OutcomeUnknown if irreversible else Unavailable
        return error(f"The platform's answer was lost ({word}).", platform_code=word)

    def _judge(self, answer: Answer, accept: tuple[int, ...]) -> Answer:
        if 200 <= answer.status < 300 or answer.status in accept:
            if answer.irreversible:
                self._checkpoint.answered()
            return answer
        error = self.refused(answer)
        if answer.irreversible and not isinstance(error, OutcomeUnknown):
            self._checkpoint.answered()
        raise error
