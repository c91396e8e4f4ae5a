"""Requests to hosts that customers or their accounts' documents name: by https, to public ones.

A name proves nothing, because it may resolve to any address, and to another one a moment later. So
it is resolved once, every address found must be public, and the connection goes to these alone.
Their certificates are verified like any other, redirects are not followed, and an answer is read up
to a bound.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from platforms.downloads import addresses, receiver_urls
from platforms.downloads.addresses import PrivateAddress
from platforms.downloads.receiver_urls import ForbiddenReceiver
from platforms.http.failures import FORBIDDEN, NoAnswer, NotSent

#: The longest answer, and the longest time for a whole request.
MOST_BYTES = 4 * 1024 * 1024
MOST_SECONDS = 120.0
#: How long what a name resolved to is used again.
CACHE_SECONDS = 10
#: Silent name servers hold these threads alone: no file waits for them, and no request that has
#: given up. More than a worker has in flight at such servers.
_threads = ThreadPoolExecutor(256, "names")
_PRIVATE = "The server's address leads to a private network."


class PrivateHost(OSError):
    """A name resolves to an address that is not public."""


class PublicResolver(AbstractResolver):
    """Resolves the names of public hosts. Raises OSError, PrivateHost for all others."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(_threads, addresses.resolve, host, port)
        except PrivateAddress as private:
            raise PrivateHost(host) from private
        return [
            ResolveResult(
                hostname=host,
                host=str(each.place[0]),
                port=port,
                family=each.family,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Hold nothing that must be closed."""


def check(url: str) -> None:
    """Raise NotSent if the text of the URL alone forbids calling it. Resolves no name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NotSent("InvalidURL") from None
    try:
        receiver_urls.parse(f"{parts.scheme}://{parts.netloc}/")
    except ForbiddenReceiver as forbidden:
        raise NotSent(FORBIDDEN, f"The server's address is not allowed. {forbidden}") from None


def explained(failure: Exception) -> NotSent | None:
    """Return why a host is not called, if its address or its certificate is the reason."""
    if isinstance(failure.__cause__, PrivateHost):
        return NotSent(FORBIDDEN, _PRIVATE)
    if isinstance(failure, aiohttp.ClientConnectorCertificateError):
        return NotSent(FORBIDDEN, "The server's certificate is not valid.")
    return None


async def read(answer: aiohttp.ClientResponse, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the body. Raises NoAnswer if it is longer than the bound, or compressed."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoAnswer("Compressed", "The server's answer is compressed, which was not asked for.")
    content = bytearray()
    async for piece in answer.content.iter_chunked(64 * 1024):
        content += piece
        if len(content) > most_bytes:
            raise NoAnswer("TooLarge", "The server's answer is too large.")
    return bytes(content)
