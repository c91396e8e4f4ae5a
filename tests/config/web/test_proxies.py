"""Whose word web takes for where a request comes from."""

import pytest

from config import checks
from config.status import reach
from config.web import proxies
from config.web.settings import WEB_TRUSTED_PROXIES


@pytest.mark.parametrize(
    "sender", ["10.1.2.3", "172.20.0.5", "192.168.1.7", "100.64.0.9", "fd00::7", "203.0.113.9"]
)
def test_by_default_no_caller_from_another_machine_chooses_its_address(sender):
    environ = {
        "REMOTE_ADDR": sender,
        "HTTP_X_FORWARDED_FOR": "6.6.6.6",
        "HTTP_X_FORWARDED_PROTO": "https",
    }

    proxies.apply(environ, WEB_TRUSTED_PROXIES)

    assert environ == {"REMOTE_ADDR": sender}


@pytest.mark.parametrize(
    ("host", "trusted", "said"),
    [
        ("127.0.0.1", "127.0.0.0/8,::1", []),
        ("localhost", "127.0.0.1", []),
        ("0.0.0.0", "127.0.0.0/8,::1", ["names no proxy"]),  # as the image
        ("0.0.0.0", "172.30.255.0/24 127.0.0.1/32", []),
        ("::", "10.244.0.0/16", []),
        ("127.0.0.1", "127.0.0.1,10.0.0.0/8", ["all of 10.0.0.0/8"]),
        ("127.0.0.1", "0.0.0.0/0,fc00::/7", ["all of 0.0.0.0/0", "all of fc00::/7"]),
    ],
)
def test_a_proxy_that_is_missing_and_a_network_that_is_too_wide_are_told(
    settings, host, trusted, said
):
    settings.WEB_HOST, settings.WEB_TRUSTED_PROXIES = host, proxies.networks(trusted)

    warned = [each for each in checks.deployment() if each.id == "dovecote.W002"]
    found = list(reach.check_trusted_proxies())

    assert len(warned) == len(said)
    assert all(part in each.msg for part, each in zip(said, warned, strict=True))
    assert [each.level for each in found] == (["warning"] * len(said) or ["ok"])
    assert [each.said for each in found if each.level != "ok"] == [each.msg for each in warned]


def test_every_range_of_private_addresses_is_too_wide():
    for whole in proxies.WHOLE:
        assert len(list(proxies.problems("127.0.0.1", [whole]))) == 1
