"""Checks of WEB_TRUSTED_PROXIES for `check --deploy` and the doctor: the proxy, and no more."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network

from config.web import forwarded
from config.web.forwarded import Network

#: Whole ranges that private networks are made of: callers of a LAN or a VPN have such addresses.
WHOLE = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    )
)


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
    found = forwarded.address(host)
    return host == "localhost" or (found is not None and found.is_loopback)
