"""Set REMOTE_ADDR to the client's address where a proxy stands in front.

Proxies append to X-Forwarded-For, so the last address that is not a trusted proxy is the client.
From any other sender these headers are not trusted, and are dropped.
"""

import ipaddress
from collections.abc import Sequence
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
FOR = "HTTP_X_FORWARDED_FOR"
CLAIMS = (
    FOR,
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
)


def networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses between commas or spaces. Raises ValueError."""
    return tuple(ipaddress.ip_network(word) for word in text.replace(",", " ").split())


def apply(environ: dict[str, Any], trusted: Sequence[Network]) -> None:
    """Apply a trusted proxy's headers; drop those of any other sender."""
    if not _is_trusted(address(environ["REMOTE_ADDR"]), trusted):
        for name in CLAIMS:
            environ.pop(name, None)
        return
    for hop in reversed(environ.get(FOR, "").split(",")):
        found = address(hop.strip())
        if found is None:
            return
        environ["REMOTE_ADDR"] = environ["REMOTE_HOST"] = hop.strip()
        if not _is_trusted(found, trusted):
            return


def address(text: str) -> Address | None:
    """The IP address that the text is, if it is one."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_trusted(sender: Address | None, trusted: Sequence[Network]) -> bool:
    return sender is not None and any(sender in each for each in trusted)
