"""Fetch files from customers' URLs over HTTP, as a stream.

A URL may lead to what only we can reach: directly, by a redirect, or by a host name that changes
between the check and the call. The server may send without end, or slowly on purpose. So each hop
is resolved once and checked (`addresses`), the connection goes to a checked address while the
host's name stays for TLS and Host, and everything ends at one deadline. The standard library's HTTP
is used because it accepts our own connection; it uses no proxies.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from platforms.downloads import addresses
from platforms.downloads.pinned_connection import Deadline, PinnedConnection

REDIRECTS = 3
#: Other ports of a public host belong to other services.
PORTS = frozenset({80, 443, 8080, 8443})
URL_CHARS = 4096
#: Not quoted in a path and its query: what is allowed there, and what is quoted already.
_PLAIN = "%/:=&?~#+!$,;'@()*[]"
_PRIVATE = "The URL leads to a private network; use a public one."
_MOVED = {301, 302, 303, 307, 308}
#: Another try may succeed later.
_TEMPORARY = {408, 425, 429, 500, 502, 503, 504}


class FetchFailed(Exception):
    """The file could not be fetched. The message may be shown to the customer."""

    is_temporary = False


class TryLater(FetchFailed):
    """Another try may succeed."""

    is_temporary = True


class ForbiddenURL(FetchFailed):
    """This URL is not allowed."""


class NotModified(FetchFailed):
    """The document is as it was when the caller got what its conditional headers name."""


class Download:
    """A file that is being read. `url` is the last redirect's; `size` is as announced, or None."""

    def __init__(self, url: str, response: http.client.HTTPResponse) -> None:
        self.url = url
        self.size = response.length
        self.headers = response.headers
        self._response = response
        self._left = response.length

    def read(self, size: int) -> bytes:
        """Return the next bytes; empty at the end. Raises TryLater."""
        with _explained(urlsplit(self.url).hostname or ""):
            chunk = self._response.read(size)
        if self._left is not None:
            self._left -= len(chunk)
            if not chunk and self._left:
                raise TryLater("The download was cut off; try again.")
        return chunk


@contextmanager
def fetch(
    url: str,
    *,
    seconds: float,
    trusted: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Iterator[Download]:
    """Yield the file at this URL. Raises FetchFailed; NotModified if `headers` make it conditional.

    The deadline is `seconds` from now, except that a name lookup takes its resolver's own time.
    Hosts in `trusted` may be private, and may use any port.
    """
    deadline = Deadline.after(seconds)
    for _ in range(REDIRECTS + 1):
        parts = _checked(url, trusted)
        with _connected(parts, deadline, trusted) as connection:
            response = _ask(parts, connection, headers or {})
            if response.status not in _MOVED:
                _check_answer(parts.hostname or "", response)
                yield Download(url, response)
                return
            url = _redirected(url, response.headers.get("Location", ""))
    raise FetchFailed(f"The URL redirects more than {REDIRECTS} times; use the last one.")


def check(url: str, trusted: Collection[str] = ()) -> None:
    """Raise ForbiddenURL if the text of the URL alone forbids it. Does not resolve the host."""
    host = _checked(url, trusted).hostname or ""
    if host not in trusted and addresses.is_address(host) and not addresses.is_public(host):
        raise ForbiddenURL(_PRIVATE)


def _redirected(url: str, location: str) -> str:
    try:
        return urljoin(url, _printable(location))
    except ValueError:
        raise ForbiddenURL("The URL redirects to something that is no address.") from None


def _printable(location: str) -> str:
    """Return a redirect's target. Servers send UTF-8, which http.client decodes as Latin-1."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _checked(url: str, trusted: Collection[str]) -> SplitResult:
    """Return the parts of a URL that is allowed. Raises ForbiddenURL."""
    if len(url) > URL_CHARS or not re.fullmatch(r"[^\s\x00-\x20\x7f\\]+", url):
        raise ForbiddenURL("The URL is too long, or has invalid characters.")
    try:
        parts = addresses.split_url(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ForbiddenURL("This is not a URL.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ForbiddenURL("The URL must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise ForbiddenURL("The URL must not contain a user name or a password.")
    if host not in trusted and (port if port is not None else 443) not in PORTS:
        raise ForbiddenURL(f"The port of the URL must be one of {_listed(PORTS)}.")
    return parts


def _listed(ports: Collection[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


@contextmanager
def _connected(
    parts: SplitResult, deadline: Deadline, trusted: Collection[str]
) -> Iterator[PinnedConnection]:
    """Yield a connection to the addresses that the host resolved to. Raises FetchFailed."""
    is_tls = parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    with _explained(parts.hostname or ""):
        try:
            host = (parts.hostname or "").encode("idna").decode()
            found = addresses.resolve(host, port, trusted=trusted)
        except addresses.PrivateAddress:
            raise ForbiddenURL(_PRIVATE) from None
        except UnicodeError:
            raise ForbiddenURL("The host name of the URL is invalid.") from None
    connection = PinnedConnection(host, port, found, deadline, is_tls=is_tls)
    try:
        yield connection
    finally:
        connection.hang_up()


def _ask(
    parts: SplitResult, connection: PinnedConnection, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    """Return the answer, with its headers read and its body unread."""
    with _explained(parts.hostname or ""):
        connection.request("GET", _target(parts), headers={"User-Agent": "Dovecote", **headers})
        return connection.getresponse()


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, safe=_PLAIN)


def _check_answer(host: str, response: http.client.HTTPResponse) -> None:
    status = response.status
    if status == 304:
        raise NotModified(f"{host} has nothing new.")
    if status in _TEMPORARY:
        raise TryLater(f"{host} answered {status}; try again later, or ask its operator.")
    if status != 200:
        raise FetchFailed(f"{host} answered {status}; the URL must be public.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchFailed(f"{host} sends the file compressed; it must send it as it is.")


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Turn network failures into FetchFailed."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise FetchFailed(f"{host} has no valid certificate; its operator must renew it.") from None
    except TimeoutError:
        raise TryLater(f"{host} took too long; try again, or upload the file.") from None
    except socket.gaierror:
        raise TryLater(
            f"The host {host} does not exist, or its name cannot be resolved now."
        ) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise TryLater(
            f"{host} could not be reached, or closed the connection; try again later."
        ) from None
