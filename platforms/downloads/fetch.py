"""Files from addresses that strangers name, over HTTP, read as a stream.

What stands in the way: the address may lead to what only we can reach, at once, by a redirect or
by a name that changes between the check and the call; the other side may be endless, or slow on
purpose. So each hop is resolved once and checked (`addresses`), its connection goes to the address
that was checked while the name stays for TLS and Host, and all together end at one deadline. The
standard library's HTTP is used because it lets us hand it a connection; it knows no proxies.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from platforms.downloads import addresses
from platforms.downloads.pinned_connection import Deadline, Pinned

REDIRECTS = 3
#: The other ports of a public host are other services, which are not for HTTP.
PORTS = frozenset({80, 443, 8080, 8443})
URL_CHARS = 4096
#: Left as they are in a path and its query: what may stand there, and what is quoted already.
_PLAIN = "%/:=&?~#+!$,;'@()*[]"
_PRIVATE = "The address leads to a private network; give a public one."
_MOVED = {301, 302, 303, 307, 308}
#: Worth another try some time later.
_PASSING = {408, 425, 429, 500, 502, 503, 504}


class CannotFetch(Exception):
    """Nothing came. The message says who can change that, and may be shown to the stranger."""

    is_passing = False


class NotNow(CannotFetch):
    """Another try may succeed."""

    is_passing = True


class Forbidden(CannotFetch):
    """The address is none that we call, whoever asks."""


class Download:
    """An answer that is being read. `url` is where it came from, `size` what it says of itself."""

    def __init__(self, url: str, response: http.client.HTTPResponse) -> None:
        self.url = url
        self.size = response.length
        self._response = response
        self._left = response.length

    def read(self, size: int) -> bytes:
        """The next bytes; none at its end. Raises NotNow."""
        with _explained(urlsplit(self.url).hostname or ""):
            chunk = self._response.read(size)
        if self._left is not None:
            self._left -= len(chunk)
            if not chunk and self._left:
                raise NotNow("The file broke off on its way; try again.")
        return chunk


@contextmanager
def fetch(url: str, *, seconds: float, trusted: Collection[str] = ()) -> Iterator[Download]:
    """The file at this address. Raises CannotFetch.

    Everything ends `seconds` from now, but for a look-up of names, which has its resolver's own
    time. Hosts in `trusted` may be private, and have any port.
    """
    deadline = Deadline.after(seconds)
    for _ in range(REDIRECTS + 1):
        parts = _checked(url, trusted)
        with _connected(parts, deadline, trusted) as connection:
            response = _ask(parts, connection)
            if response.status not in _MOVED:
                _check_answer(parts.hostname or "", response)
                yield Download(url, response)
                return
            url = urljoin(url, _printable(response.headers.get("Location", "")))
    raise CannotFetch(f"The address redirects more than {REDIRECTS} times; give the last one.")


def check(url: str, trusted: Collection[str] = ()) -> None:
    """Raises Forbidden for an address that must not be called, judged by its text: the host is not
    resolved."""
    host = _checked(url, trusted).hostname or ""
    if host not in trusted and addresses.is_address(host) and not addresses.is_public(host):
        raise Forbidden(_PRIVATE)


def _printable(location: str) -> str:
    """A redirect's target. Servers write it in UTF-8, which http.client reads as Latin-1."""
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location


def _checked(url: str, trusted: Collection[str]) -> SplitResult:
    """The parts of an address that may be called. Raises Forbidden."""
    if len(url) > URL_CHARS or not re.fullmatch(r"[^\s\x00-\x20\x7f\\]+", url):
        raise Forbidden("The address is too long, or holds characters that no address has.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Forbidden("This is no address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Forbidden("The address must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("The address must not hold a user's name or password.")
    if host not in trusted and (port if port is not None else 443) not in PORTS:
        raise Forbidden(f"The port of the address must be one of {_listed(PORTS)}.")
    return parts


def _listed(ports: Collection[int]) -> str:
    return ", ".join(map(str, sorted(ports)))


@contextmanager
def _connected(
    parts: SplitResult, deadline: Deadline, trusted: Collection[str]
) -> Iterator[Pinned]:
    """A connection that can only lead to where the host was found. Raises CannotFetch."""
    is_tls = parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    with _explained(parts.hostname or ""):
        try:
            host = (parts.hostname or "").encode("idna").decode()
            places = addresses.resolve(host, port, trusted=trusted)
        except addresses.NotPublic:
            raise Forbidden(_PRIVATE) from None
        except UnicodeError:
            raise Forbidden("The host of the address has no valid name.") from None
    connection = Pinned(host, port, places, deadline, is_tls=is_tls)
    try:
        yield connection
    finally:
        connection.hang_up()


def _ask(parts: SplitResult, connection: Pinned) -> http.client.HTTPResponse:
    """The head of the answer; its body is still to be read."""
    with _explained(parts.hostname or ""):
        connection.request("GET", _target(parts), headers={"User-Agent": "Dovecote"})
        return connection.getresponse()


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    return quote(f"{path}?{parts.query}" if parts.query else path, safe=_PLAIN)


def _check_answer(host: str, response: http.client.HTTPResponse) -> None:
    status = response.status
    if status in _PASSING:
        raise NotNow(f"{host} answered {status}, which is its owner's to see to; try again later.")
    if status != 200:
        raise CannotFetch(f"{host} answered {status}; the address must be public.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CannotFetch(f"{host} sends the file compressed, though it was asked not to.")


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Failures of the way there, in our words."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise CannotFetch(f"{host} has no valid certificate; its owner must see to it.") from None
    except TimeoutError:
        raise NotNow(f"{host} took too long; try again, or upload the file.") from None
    except socket.gaierror:
        raise NotNow(f"There is no host {host}, or it cannot be found just now.") from None
    except (OSError, http.client.HTTPException, ValueError):
        raise NotNow(f"{host} could not be reached, or broke off; try again later.") from None
