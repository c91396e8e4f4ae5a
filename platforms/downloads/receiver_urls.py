"""The URLs to which customers may have us send: their webhooks' receivers.

The URL is kept byte for byte as it was sent, so it must mean the same to everyone who reads it. It
is therefore plain ASCII, and an IP address has its usual spelling: `2130706433`, `0177.1`, `0x7f.1`
and `127.1` all are 127.0.0.1 to some programs, and names to others.

The text of a URL says nothing about where its host leads. `resolve` is therefore called each time
right before something is sent, and the caller connects only to what it returned.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult

from platforms.downloads import addresses
from platforms.downloads.addresses import Address, Network, PrivateAddress

URL_CHARS = 2048
HOST_CHARS = 253
#: Besides 443, ports that no service of a system has.
FIRST_FREE_PORT = 1024
_PLAIN = re.compile(r"[!-~]+")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
#: A name that ends so is read as an IPv4 address.
#: Source: https://url.spec.whatwg.org/#ends-in-a-number-checker (read 2026-11-26).
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Names that never lead to the public internet (RFC 6761, 6762, 8375; `internal` is ICANN's).
LOCAL_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "home.arpa", "onion"})


class ForbiddenReceiver(Exception):
    """Nothing is sent to this URL. The message may be shown to the customer."""


_PRIVATE = "The URL leads to a private network; use a public one."
_UNENCRYPTED = "The URL must begin with https://."


@dataclass(frozen=True, slots=True)
class Receiver:
    """The target of a URL. `host`: in lower case, without the brackets of an IPv6 address."""

    host: str
    port: int
    is_encrypted: bool


def parse(url: str, private: Collection[Network] = ()) -> Receiver:
    """Parse where the URL leads. Raises ForbiddenReceiver if its text alone forbids it.

    `private`: networks that may be sent to although they are not public, also without encryption
    and at any port.
    """
    parts = _parts(url)
    if parts.scheme not in ("https", "http"):
        raise ForbiddenReceiver(_UNENCRYPTED)
    is_encrypted = parts.scheme == "https"
    usual = 443 if is_encrypted else 80
    found = Receiver(_host(parts), usual if parts.port is None else parts.port, is_encrypted)
    if addresses.is_address(found.host):
        _check_address(found.host, found, private)
    elif not private:
        _check_public(found)
        if _is_local(found.host):
            raise ForbiddenReceiver(_PRIVATE)
    return found


def resolve(receiver: Receiver, private: Collection[Network] = ()) -> list[Address]:
    """Return the addresses to connect to. Raises ForbiddenReceiver, or OSError if there are none.

    All that are found must be allowed: a name that leads to a public address and to a private one
    is an attack, or a mistake.
    """
    try:
        found = addresses.resolve(receiver.host, receiver.port, private=private)
    except PrivateAddress:
        raise ForbiddenReceiver(_PRIVATE) from None
    for each in found:
        _check_address(str(each.place[0]), receiver, private)
    return found


def _check_address(text: str, receiver: Receiver, private: Collection[Network]) -> None:
    if addresses.is_within(text, private):
        return
    if not addresses.is_public(text):
        raise ForbiddenReceiver(_PRIVATE)
    _check_public(receiver)


def _check_public(receiver: Receiver) -> None:
    if not receiver.is_encrypted:
        raise ForbiddenReceiver(_UNENCRYPTED)
    if receiver.port != 443 and receiver.port < FIRST_FREE_PORT:
        raise ForbiddenReceiver(f"The URL's port must be 443, or {FIRST_FREE_PORT} or higher.")


def _parts(url: str) -> SplitResult:
    if len(url) > URL_CHARS:
        raise ForbiddenReceiver(f"A URL has at most {URL_CHARS} characters.")
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise ForbiddenReceiver(
            "The URL must be plain ASCII without spaces and backslashes: write the host in "
            "punycode (xn--…), and percent-encode the rest."
        )
    try:
        parts = addresses.split_url(url)
    except ValueError:
        raise ForbiddenReceiver("This is not a URL.") from None
    # An empty user name or fragment is one too.
    if "@" in parts.netloc:
        raise ForbiddenReceiver("The URL must not contain a user name or a password.")
    if "#" in url:
        raise ForbiddenReceiver("The URL must not contain a fragment (#…): it is never sent.")
    return parts


def _host(parts: SplitResult) -> str:
    """Return the host's address in its usual spelling, or its name. Raises ForbiddenReceiver."""
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("["):
        try:
            return str(ip_address(host))
        except ValueError:
            raise ForbiddenReceiver("The URL has no valid IPv6 address.") from None
    labels = host.split(".")
    if len(host) > HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenReceiver("The URL must name a host.")
    if _NUMBER.fullmatch(labels[-1]) and not addresses.is_address(host):
        raise ForbiddenReceiver("Write an IP address as four numbers with points between them.")
    return host


def _is_local(host: str) -> bool:
    """Return whether the name means something in our own network only."""
    return "." not in host or any(host == name or host.endswith(f".{name}") for name in LOCAL_NAMES)
