"""The URLs to which customers may have us send."""

import socket
from ipaddress import ip_network

import pytest

from platforms.downloads import receiver_urls
from platforms.downloads.receiver_urls import ForbiddenReceiver, Receiver
from tests.platforms.downloads.hosts import FORBIDDEN, UNUSUAL

LOCAL = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def resolving(monkeypatch, *answers: list[str]) -> None:
    """The system's resolver answers so, one list after the other."""
    left = list(answers)

    def getaddrinfo(host, port, **_):
        found = left.pop(0)
        families = [socket.AF_INET6 if ":" in each else socket.AF_INET for each in found]
        return [
            (family, socket.SOCK_STREAM, 6, "", (each, port))
            for family, each in zip(families, found, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://hooks.example.com/in?a=1&b=%20", "hooks.example.com", 443),
        ("HTTPS://Hooks.Example.COM./", "hooks.example.com", 443),
        ("https://hooks.example.com:8443", "hooks.example.com", 8443),
        ("https://hooks.example.com:65535/", "hooks.example.com", 65535),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ("https://a_b.example.com/", "a_b.example.com", 443),
        ("https://1.1.1.1/", "1.1.1.1", 443),
        ("https://[2606:4700:4700::1111]/", "2606:4700:4700::1111", 443),
        ("https://127.0.0.1.example.com/", "127.0.0.1.example.com", 443),
    ],
)
def test_a_public_url_is_allowed(url, host, port):
    assert receiver_urls.parse(url) == Receiver(host, port, is_encrypted=True)


@pytest.mark.parametrize("host", [*FORBIDDEN, *UNUSUAL])
def test_a_host_that_is_not_public_is_refused_in_every_spelling(host):
    with pytest.raises(ForbiddenReceiver):
        receiver_urls.parse(f"https://{host}/in")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.com/", "https"),
        ("ftp://hooks.example.com/", "https"),
        ("hooks.example.com", "https"),
        ("//hooks.example.com/", "https"),
        ("https:hooks.example.com", "host"),
        ("https:///in", "host"),
        ("", "ASCII"),
        ("https://ada@hooks.example.com/", "user name"),
        ("https://ada:secret@hooks.example.com/", "user name"),
        ("https://@hooks.example.com/", "user name"),
        ("https://hooks.example.com/#top", "fragment"),
        ("https://hooks.example.com/#", "fragment"),
        ("https://hooks.example.com\\@127.0.0.1/", "ASCII"),
        ("https://hooks.example.com/a b", "ASCII"),
        ("https://[2606:4700:4700::1111].evil.example/", "not a URL"),
        ("https://evil.example[2606:4700:4700::1111]/", "not a URL"),
        ("https://hooks.exa\tmple.com/", "ASCII"),
        ("https://hooks.example.com/\r\nHost: x", "ASCII"),
        (" https://hooks.example.com/", "ASCII"),
        ("https://bücher.example/", "punycode"),
        ("https://hooks.example.com:0/", "port"),
        ("https://hooks.example.com:22/", "port"),
        ("https://hooks.example.com:80/", "port"),
        ("https://1.1.1.1:25/", "port"),
        ("https://hooks.example.com:65536/", "not a URL"),
        ("https://hooks.example.com:x/", "not a URL"),
        ("https://[::1/", "not a URL"),
        ("https://hooks.example.com/" + "x" * 2023, "2048"),
    ],
)
def test_a_url_that_means_two_things_or_no_receiver_is_refused(url, said):
    with pytest.raises(ForbiddenReceiver) as refused:
        receiver_urls.parse(url)

    assert said in str(refused.value)


def test_a_url_of_2048_characters_is_allowed():
    start = "https://hooks.example.com/"

    receiver_urls.parse(start + "x" * (2048 - len(start)))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:80/in", "http://127.9.9.9/", "https://[::1]:22/", "http://[::1]/"]
)
def test_a_private_network_that_the_installation_allows_needs_no_encryption(url):
    assert receiver_urls.parse(url, LOCAL)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://1.1.1.1/", "https://1.1.1.1:22/", "https://[fc00::1]/"]
)
def test_allowing_a_network_allows_no_other(url):
    with pytest.raises(ForbiddenReceiver):
        receiver_urls.parse(url, LOCAL)


def test_a_name_leads_to_all_the_addresses_that_are_found(monkeypatch):
    resolving(monkeypatch, ["1.1.1.1", "2606:4700:4700::1111"])

    found = receiver_urls.resolve(receiver_urls.parse("https://hooks.example.com/"))

    assert [each.place for each in found] == [("1.1.1.1", 443), ("2606:4700:4700::1111", 443)]


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"]]
)
def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch, answer):
    receiver = receiver_urls.parse("https://hooks.example.com/")
    resolving(monkeypatch, answer)

    with pytest.raises(ForbiddenReceiver):
        receiver_urls.resolve(receiver)


def test_a_name_that_leads_elsewhere_a_moment_later_is_refused_then(monkeypatch):
    receiver = receiver_urls.parse("https://rebind.example.com/")
    resolving(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])

    receiver_urls.resolve(receiver)
    with pytest.raises(ForbiddenReceiver):
        receiver_urls.resolve(receiver)


def test_a_name_may_lead_to_an_allowed_network_also_without_encryption(monkeypatch):
    receiver = receiver_urls.parse("http://receiver:8080/", LOCAL)
    resolving(monkeypatch, ["127.0.0.1"], ["1.1.1.1"], ["10.0.0.1"])

    assert receiver_urls.resolve(receiver, LOCAL)
    for _ in range(2):
        with pytest.raises(ForbiddenReceiver):
            receiver_urls.resolve(receiver, LOCAL)


def test_a_name_that_cannot_be_resolved_is_no_refusal(monkeypatch):
    def getaddrinfo(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(OSError, match="not known"):
        receiver_urls.resolve(receiver_urls.parse("https://hooks.example.com/"))
