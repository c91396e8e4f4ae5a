"""Which addresses a stranger may have us call: those of the public internet, and no others.

Whoever names an address for us to fetch must not reach what only we can reach: this machine, its
network, the services of its cloud. A name is no proof, because it may point anywhere and elsewhere
a moment later. So it is resolved once, every address found must be public, and the caller connects
to just these.
"""

import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

#: Everything in IPv6 that is handed out to anybody so far.
_GLOBAL = ip_network("2000::/3")
#: IPv4 addresses as networks without IPv4 write them (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")
#: What `is_global` lets pass and strangers have no business with, in one version of Python or all.
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


class NotPublic(Exception):
    """A name leads to an address that strangers may not have us call."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect to, as sockets take it."""

    family: int
    place: tuple[Any, ...]


def is_address(text: str) -> bool:
    """Whether this is an IP address, and no name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def is_public(text: str) -> bool:
    """Whether this IP address belongs to the public internet."""
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


def _ipv4_within(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def resolve(host: str, port: int, *, trusted: Collection[str] = ()) -> list[Address]:
    """Where this host is. Raises NotPublic, or OSError if nobody knows it.

    One address that is not public condemns the name. Hosts in `trusted` may be anywhere.
    """
    found = list(dict.fromkeys(_look_up(host, port)))
    if host not in trusted and not all(is_public(str(each.place[0])) for each in found):
        raise NotPublic(host)
    return found


def _look_up(host: str, port: int) -> Iterator[Address]:
    for family, *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            yield Address(family, place)
