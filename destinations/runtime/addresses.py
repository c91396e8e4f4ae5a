"""Callers' addresses as they are counted: all that one home or office can call from is one."""

import ipaddress

#: A home or office has an IPv6 network of this size and can use any address in it.
IPV6_PREFIX = 64
#: The network that a provider gives one customer.
WIDE_PREFIX = {4: 24, 6: 48}


def network(text: str) -> str | None:
    """Return the address, or the network of an IPv6 address; None if it is no address."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    whole = ipaddress.ip_network((int(found), IPV6_PREFIX), strict=False)
    return str(whole.network_address)


def wide(text: str) -> str:
    """Return the network around an address that one caller may have; other texts as they are."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    return str(ipaddress.ip_network((int(found), WIDE_PREFIX[found.version]), strict=False))
