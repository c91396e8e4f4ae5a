"""POST to a server that a customer named, at IP addresses that the caller has checked.

The host's name is for the Host header and for TLS only and is not resolved again, so nothing can
change between the check and the call. No redirects, cookies, proxies or kept-alive connections, and
nothing is repeated. The answer is read up to a limit and not decompressed.
"""

import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

import aiohttp
import yarl

from platforms.http.failures import NoAnswer, NotSent

#: Not quoted in a path and its query: what is allowed there, and what is quoted already.
_PLAIN = "%!$&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, and the beginning of a body: it may have been cut off, here or there."""

    status: int
    headers: Mapping[str, str]
    content: bytes


async def post(
    url: str,
    addresses: Sequence[str],
    *,
    headers: Mapping[str, str],
    body: bytes,
    seconds: float,
    most_bytes: int,
) -> Reply:
    """Send the body to the first of these addresses that takes a connection.

    Everything ends after `seconds`. Raises NotSent, or NoAnswer if the body may have arrived.
    """
    give_up_at = time.monotonic() + seconds
    failure: NoAnswer = NotSent("ConnectError")
    for address in addresses:
        left = give_up_at - time.monotonic()
        if left <= 0:
            break
        try:
            return await _post(url, address, headers, body, left, most_bytes)
        except NotSent as not_sent:
            failure = not_sent
    raise failure


async def _post(
    url: str,
    address: str,
    headers: Mapping[str, str],
    body: bytes,
    seconds: float,
    most_bytes: int,
) -> Reply:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            ) as session,
            session.post(
                _at(address, parts),
                headers={
                    **headers,
                    "Host": _with_port(host, parts.port),
                    "Accept-Encoding": "identity",
                },
                data=body,
                allow_redirects=False,
                ssl=_tls(),
                server_hostname=host if parts.scheme == "https" else None,
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as answer,
        ):
            return Reply(answer.status, answer.headers, await _start_of(answer, most_bytes))
    except (aiohttp.ClientError, OSError, ValueError) as failure:
        raise _meaning(failure) from failure


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Verifies certificates and names; reading the authorities takes milliseconds."""
    return ssl.create_default_context()


def _at(address: str, parts: SplitResult) -> yarl.URL:
    """Return the URL with an IP address in place of its host. Quotes in it stay as they are."""
    path = quote(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", safe=_PLAIN)
    place = _with_port(address, parts.port)
    return yarl.URL(f"{parts.scheme}://{place}{path}", encoded=True)


def _with_port(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name


async def _start_of(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    """Return the body's beginning, or what there is of it if it breaks off or is too slow."""
    content = b""
    with suppress(aiohttp.ClientError, OSError):
        while len(content) < most_bytes:
            piece = await answer.content.read(most_bytes - len(content))
            if not piece:
                break
            content += piece
    return content


def _meaning(failure: Exception) -> NoAnswer:
    match failure:
        case ssl.SSLCertVerificationError() | aiohttp.ClientConnectorCertificateError():
            return NotSent("Certificate", "its certificate is not valid")
        case aiohttp.ClientConnectorError():
            return NotSent("ConnectError", "it could not be reached")
        case TimeoutError():
            return NoAnswer("Timeout", "it did not answer in time")
        case ValueError():
            return NotSent("InvalidURL", "the URL is invalid")
    return NoAnswer("ReadError", "it closed the connection without a complete answer")
