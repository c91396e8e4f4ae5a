"""Trusted proxies: the client's address from their headers, and checks of WEB_TRUSTED_PROXIES.

Proxies append to X-Forwarded-For, so the last address that is not a trusted proxy is the client.
From any other sender these headers are not trusted, and are dropped.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from destinations.runtime import addresses

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
#: Whole ranges that private networks are made of: callers of a LAN or a VPN have such addresses.
WHOLE = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
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


def caller(sender: str, trusted: Sequence[Network]) -> str | None:
    """Return who holds a connection: an address, or the network of one; None if not known."""
    sent_by = address(sender.partition("%")[0])
    return None if _is_trusted(sent_by, trusted) else addresses.network(str(sent_by))


def address(text: str) -> Address | None:
    """Return the IP address that the text is, if it is one."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_trusted(sender: Address | None, trusted: Sequence[Network]) -> bool:
    return sender is not None and any(sender in each for each in trusted)


def problems(host: str, trusted: Sequence[Network]) -> Iterator[tuple[str, str]]:
    """Yield each problem and its remedy. `host`: the address that web listens on."""
    if not _is_here(host) and all(each.is_loopback for each in trusted):
        said = (
            "WEB_TRUSTED_PROXIES names no proxy: behind one, all callers would share its address, "
            "and web would not see that they use https."
        )
        yield said, "Set it to your proxy's address, or to the network that only it calls from."
    for each in trusted:
        if any(whole.version == each.version and whole.subnet_of(each) for whole in WHOLE):  # type: ignore[arg-type]
            said = (
                f"WEB_TRUSTED_PROXIES trusts all of {each}: any client there chooses the "
                "address that limits and logs see."
            )
            yield said, "Name your proxy's address, or the smallest network that it calls from."


def _is_here(host: str) -> bool:
    """Return whether only this machine reaches the host."""
    found = address(host)
    return host == "localhost" or (found is not None and found.is_loopback)
