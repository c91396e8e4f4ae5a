"""The IP addresses that customers may make us call."""

import socket

import pytest

from platforms.downloads import addresses


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"],
)
def test_an_address_of_the_internet_is_public(address):
    assert addresses.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.1.1",
        "169.254.169.254",  # AWS, Google, Azure: the metadata of a machine
        "100.100.100.200",  # Alibaba's
        "192.0.0.192",  # Oracle's
        "168.63.129.16",  # Azure's
        "100.64.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",  # AWS, over IPv6
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "100::1",
        "5f00::1",
        "no address",
    ],
)
def test_an_address_that_only_we_can_reach_is_not_public(address):
    assert not addresses.is_public(address)


@pytest.mark.parametrize(
    "host", ["localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "::1"]
)
def test_a_private_host_is_refused_however_it_is_written(host):
    with pytest.raises(addresses.PrivateAddress):
        addresses.resolve(host, 80)


def test_one_private_address_is_enough_to_refuse_a_name(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("1.1.1.1", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with pytest.raises(addresses.PrivateAddress):
        addresses.resolve("files.example", 80)
    assert [each.place[0] for each in addresses.resolve("x", 80, trusted={"x"})] == [
        "1.1.1.1",
        "10.0.0.1",
    ]
