"""The IP addresses that customers may make us call: those of the public internet, and no others.

A customer's URL must not reach what only we can reach: this machine, its network, the services of
its cloud. A host name proves nothing, because it may resolve to any address, and to another one a
moment later. So a name is resolved once, every address found must be public, and the caller
connects to these addresses only.
"""

import re
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any
from urllib.parse import SplitResult, urlsplit

_IN_BRACKETS = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
Network = IPv4Network | IPv6Network
#: All IPv6 addresses that have been allocated so far.
_GLOBAL = ip_network("2000::/3")
#: IPv4 addresses as networks without IPv4 write them (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")
#: Not for customers, though `is_global` accepts them in some or all versions of Python.
_REFUSED = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",  # shared by a provider's customers; clouds keep services there
            "168.63.129.16/32",  # Azure's service for its machines
            "192.0.0.0/24",  # protocol assignments; Oracle's service for its machines
            "192.88.99.0/24",  # relays of 6to4
            "198.18.0.0/15",
            "240.0.0.0/4",
            "2001::/23",  # Teredo and other protocols: they may carry any IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4: likewise
            "3fff::/20",
        ),
    )
)


class PrivateAddress(Exception):
    """A host name resolves to an address that is not public."""


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a socket."""

    family: int
    place: tuple[Any, ...]


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL. Raises ValueError if its host or port is none.

    Python before 3.12 takes `[::1].evil.example` for the host ::1, and no browser does.
    """
    parts = urlsplit(url)
    _ = parts.port
    host = parts.netloc.rpartition("@")[2]
    if "[" in host and not _IN_BRACKETS.fullmatch(host):
        raise ValueError(f"no host: {host}")
    return parts


def is_address(text: str) -> bool:
    """Return whether this is an IP address and not a host name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_public(text: str) -> bool:
    """Return whether this IP address belongs to the public internet."""
    try:
        address = ip_address(text)
    except ValueError:  # such as a link-local one with its interface
        return False
    if isinstance(address, IPv6Address):
        inner = _ipv4_within(address)
        if inner is None and address not in _GLOBAL:
            return False
        address = inner or address
    known = (each for each in _REFUSED if each.version == address.version)
    return address.is_global and not address.is_multicast and not any(address in n for n in known)


def is_within(text: str, networks: Collection[Network]) -> bool:
    """Return whether this IP address belongs to one of the networks."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return any(address in each for each in networks if each.version == address.version)


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def resolve(
    host: str, port: int, *, trusted: Collection[str] = (), private: Collection[Network] = ()
) -> list[Address]:
    """Return the addresses of a host. Raises PrivateAddress, or OSError if it cannot be resolved.

    All of them must be public or in a network of `private`, unless the host is in `trusted`.
    """
    found = list(dict.fromkeys(_lookup(host, port)))
    texts = [str(each.place[0]) for each in found]
    if host not in trusted and not all(is_public(it) or is_within(it, private) for it in texts):
        raise PrivateAddress(host)
    return found


def _lookup(host: str, port: int) -> Iterator[Address]:
    for family, *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            yield Address(family, place)
