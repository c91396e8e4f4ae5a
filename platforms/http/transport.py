"""Kept-alive connections to one network."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import aiohttp
import yarl
from multidict import CIMultiDictProxy

from platforms.http.departure import Departure, Question
from platforms.http.failures import Body, NoAnswer, NotConnected, NotSent
from platforms.http.foreign import public_hosts, websocket
from platforms.http.versions import Versions

#: Runs a coroutine on another loop.
Apart = Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]]
#: The sessions whose requests `apart` runs.
FOREIGN = ("_foreign", "_replaced")
CONNECT_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 2
#: The characters that stand in a URL unquoted, and quotes that are already there.
_URL_CHARS = "%!#$&'()*+,/:;=?@[]|"


class Headers(Mapping[str, str]):
    """By name in lower case; repeated ones are joined. Made on demand: most are never read."""

    def __init__(self, received: CIMultiDictProxy[str]) -> None:
        self._received = received

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._received.getall(name))

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name in self._received))

    def __len__(self) -> int:
        return len(list(iter(self)))


class Response(NamedTuple):
    """A complete answer, its body decompressed."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str


class Transport:
    """The kept-alive connections to one platform. One per worker process and platform.

    `base_urls` maps an origin (`https://api.x.com`) to where it is really reached; `gateway`
    reaches every origin through one address and then nothing else can be reached. `versions` are
    those of the APIs that adapters call. Redirects, cookies and proxies are not supported, and
    nothing is ever repeated. `apart` runs what is said to foreign hosts on a loop of its own.
    """

    def __init__(
        self,
        *,
        connections: int = 100,
        timeout_seconds: float = 30,
        base_urls: Mapping[str, str] | None = None,
        gateway: str = "",
        versions: Versions = MappingProxyType({}),
        apart: Apart | None = None,
    ) -> None:
        self.versions = versions
        self.base_urls = dict(base_urls or {})
        self.gateway = gateway.rstrip("/")
        self._apart = apart
        self._connections = connections
        self._seconds = timeout_seconds
        self._timeout = _timeout(timeout_seconds, CONNECT_SECONDS)
        # Parsing one costs as much as the adapter's own work; most publishes use the same few.
        self._target = lru_cache(maxsize=256)(self._parse)

    def resolve(self, url: str) -> str:
        """Return where a URL of a network is really reached."""
        if self.gateway and url.startswith(self.gateway + "/"):
            return url
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if self.gateway:
            return f"{self.gateway}/{parts.netloc}{url[len(origin) :]}"
        return self.base_urls.get(origin, origin) + url[len(origin) :]

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Body = None,
        timeout_seconds: float | None = None,
        may_leave: Callable[[], bool] | None = None,
        is_foreign: bool = False,
        hear: websocket.Hear | None = None,
    ) -> Response:
        """Send one request. Raises NotSent, or NoAnswer if it may have left.

        The time-out is for each phase: waiting for a connection, connecting, and each wait for more
        of the answer. `is_foreign`: a customer or a document named the host, so it must be public.
        With `hear` the body begins a conversation over a websocket, whose texts are the answer; it
        is opened within the transport's own time-out.
        """
        asked = Question(may_leave) if may_leave else None
        sending = self._send(method, url, headers, body, timeout_seconds, asked, is_foreign, hear)
        try:
            return await (self._apart(sending) if is_foreign and self._apart else sending)
        finally:
            # What is cancelled here may go on for a moment on another loop.
            if asked:
                asked.is_over = True

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Body,
        timeout_seconds: float | None,
        may_leave: Callable[[], bool] | None,
        is_foreign: bool,
        hear: websocket.Hear | None,
    ) -> Response:
        session = self._session_for(url) if is_foreign else self._session
        departure = Departure(body, may_leave) if may_leave else None
        try:
            if hear is not None:
                return await self._converse(session, url, body, hear, timeout_seconds, may_leave)
            async with session.request(
                method,
                self._target(url),
                headers={**headers, "Accept-Encoding": "identity"} if is_foreign else headers,
                data=departure or body,
                allow_redirects=False,
                timeout=self._time_out(timeout_seconds, is_foreign=is_foreign),
            ) as answer:
                if is_foreign:
                    content, encoding = await public_hosts.read(answer), "utf-8"
                else:
                    content, encoding = await answer.read(), answer.get_encoding()
        except (aiohttp.ClientError, OSError) as failure:
            refused = public_hosts.explained(failure) if is_foreign else None
            raise refused or _meaning(failure, departure) from failure
        return Response(answer.status, Headers(answer.headers), content, encoding)

    async def _converse(
        self,
        session: aiohttp.ClientSession,
        url: str,
        first: Body,
        hear: websocket.Hear,
        seconds: float | None,
        may_leave: Callable[[], bool] | None,
    ) -> Response:
        assert isinstance(first, bytes)  # noqa: S101 - streams are for files
        content = await websocket.talk(
            session,
            self._target(url),
            first,
            hear,
            seconds=seconds or self._seconds,
            open_seconds=self._seconds,
            may_leave=may_leave,
        )
        return Response(200, {}, content, "utf-8")

    async def status_of(self, url: str, timeout_seconds: float) -> int | None:
        """Return the status of an answer whose body is not read; None if there was none in time."""
        try:
            async with self._session.get(
                self._target(url),
                headers={"Range": "bytes=0-0"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError):
            return None

    async def close(self) -> None:
        foreign = [self.__dict__[name].close() for name in FOREIGN if name in self.__dict__]
        for closing in foreign:
            await (self._apart(closing) if self._apart else closing)
        if "_session" in self.__dict__:
            await self._session.close()

    def _parse(self, url: str) -> yarl.URL:
        """Return the URL to call. Quotes stay as they are (`%3A` too), what needs one gets one.

        Raises aiohttp.InvalidURL.
        """
        try:
            target = yarl.URL(quote(self.resolve(url), safe=_URL_CHARS), encoded=True)
            _ = target.port  # checked when it is read
        except ValueError as error:
            raise aiohttp.InvalidURL(url) from error
        return target

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        """Made by the first request, because it belongs to the loop it is made on."""
        # Keep-alive is short, so that a connection the network has closed is seldom picked.
        return self._plain_session()

    @cached_property
    def _replaced(self) -> aiohttp.ClientSession:
        """Likewise, for foreign hosts that the operator has replaced."""
        return self._plain_session()

    def _plain_session(self) -> aiohttp.ClientSession:
        return _new_session(
            aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS)
        )

    @cached_property
    def _foreign(self) -> aiohttp.ClientSession:
        """Likewise, for hosts that a customer or a document named."""
        return _new_session(
            aiohttp.TCPConnector(
                limit=self._connections,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                resolver=public_hosts.PublicResolver(),
                ttl_dns_cache=public_hosts.CACHE_SECONDS,
            ),
            auto_decompress=False,
            trace_configs=[websocket.no_redirects()],
        )

    def _session_for(self, url: str) -> aiohttp.ClientSession:
        """Return the session that calls a foreign host. Raises NotSent if that is not allowed."""
        public_hosts.check(url)
        # The operator decides where the others are really reached.
        return self._foreign if self.resolve(url) == url else self._replaced

    def _time_out(self, seconds: float | None, *, is_foreign: bool) -> aiohttp.ClientTimeout:
        if is_foreign:
            return _timeout(seconds or self._seconds, CONNECT_SECONDS, public_hosts.MOST_SECONDS)
        return _timeout(seconds) if seconds else self._timeout


def _new_session(connector: aiohttp.TCPConnector, **options: Any) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "Dovecote"},
        trust_env=False,
        **options,
    )
    # It would send a PUT or a GET a second time when a kept-alive connection breaks.
    session._retry_connection = False
    return session


@lru_cache(maxsize=16)
def _timeout(
    seconds: float, connect_seconds: float | None = None, total_seconds: float | None = None
) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=total_seconds,
        connect=seconds,
        sock_connect=connect_seconds or seconds,
        sock_read=seconds,
    )


def _meaning(failure: Exception, departure: Departure | None) -> NoAnswer:
    """Distinguishes failures before the first byte from later ones."""
    match failure:
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return NotSent("InvalidURL")
        case aiohttp.ClientConnectorError():
            return NotConnected("ConnectError")
        case aiohttp.ConnectionTimeoutError():
            return NotSent("ConnectTimeout")
        case aiohttp.SocketTimeoutError() | TimeoutError():
            return NoAnswer("ReadTimeout")
    if departure and departure.is_withheld:
        return NotSent("NotSent", websocket.WITHHELD)
    return NoAnswer("ReadError")
