"""Which addresses are called, no matter what a host name resolves to."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from config.web import proxies
from platforms.downloads import receiver_urls
from platforms.downloads.receiver_urls import ForbiddenReceiver
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from tests.posts.cases import named
from tests.posts.features.webhooks.conftest import Post

PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "168.63.129.16",
    "224.0.0.1",
    "0.0.0.0",
    "::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "fe80::1",
    "fd00::1",
]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What host names resolve to; a list that is used up stays at its last address."""
    known: dict[str, list[str]] = {}

    def lookup(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        found = known[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 0, "", (address, port))]

    monkeypatch.setattr("platforms.downloads.addresses.socket.getaddrinfo", lookup)
    return known


def send(url: str) -> ReceiverAnswer:
    return asyncio.run(Sender().send(url, {}, b"{}"))


def test_a_name_that_leads_to_a_private_address_is_not_called(names: dict[str, list[str]]) -> None:
    for address in PRIVATE:
        with named(address):
            names["receiver.test"] = [address]
            answer = send("https://receiver.test/")
            assert answer.status is None
            assert "private network" in answer.error


def test_a_name_that_changes_between_the_check_and_the_call_gains_nothing(
    receiver: Post, names: dict[str, list[str]]
) -> None:
    # The first lookup is allowed; a second one would lead elsewhere.
    names["receiver.test"] = ["127.0.0.1", "10.0.0.1"]
    port = receiver.receiver.port
    assert send(f"http://receiver.test:{port}/ok").status == 200
    assert names["receiver.test"] == ["10.0.0.1"]
    assert receiver.received[0].headers["Host"] == f"receiver.test:{port}"
    assert "private network" in send(f"http://receiver.test:{port}/ok").error


@pytest.mark.parametrize(
    ("host", "why"),
    [
        *((host, "four numbers") for host in ("127.1", "2130706433", "0x7f.1")),
        *((host, "private network") for host in ("[::ffff:127.0.0.1]", "localhost", "a.internal")),
    ],
)
def test_other_spellings_of_this_machine_are_not_called(host: str, why: str) -> None:
    answer = send(f"https://{host}:8443/")
    assert answer.status is None
    assert why in answer.error


@pytest.mark.parametrize(
    "url",
    [
        "https://receiver.test:22/",
        "https://ada:secret@receiver.test/",
        "https://receiver.test/#top",
        "https://receiver.test/ a",
        f"https://receiver.test/{'a' * 2048}",
        "https://a:x/",
        "http://receiver.test/",
    ],
)
def test_what_no_new_webhook_may_have_is_not_called_either(
    names: dict[str, list[str]], url: str
) -> None:
    names["receiver.test"] = ["93.184.215.14"]
    with pytest.raises(ForbiddenReceiver) as refusal:
        receiver_urls.parse(url)

    answer = send(url)

    assert (answer.status, answer.error) == (None, str(refusal.value))


def test_a_port_is_refused_where_the_name_leads_out_of_the_operators_networks(
    names: dict[str, list[str]], settings: Any
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = proxies.networks("10.0.0.0/8")
    names["receiver.test"] = ["93.184.215.14"]
    assert "port must be 443" in send("https://receiver.test:22/").error


def test_http_is_only_for_networks_of_the_operator(
    names: dict[str, list[str]], settings: Any
) -> None:
    names["receiver.test"] = ["93.184.215.14"]
    assert "https://" in send("http://receiver.test/").error
    settings.WEBHOOK_ALLOW_PRIVATE = proxies.networks("10.0.0.0/8")
    assert "https://" in send("http://receiver.test/").error


@pytest.mark.parametrize("url", ["https://", "https://a..b/", "ftp://127.0.0.1/", "https://a:x/"])
def test_an_address_that_is_none_is_said_to_be_so(url: str) -> None:
    answer = send(url)
    assert answer.status is None
    assert answer.error


def test_a_name_server_that_hangs_holds_one_thread_per_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("posts.features.webhooks.delivery.sending.SECONDS", 0.2)
    asked, released = [], threading.Event()

    def lookup(host: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        released.wait(10)
        raise OSError

    monkeypatch.setattr("platforms.downloads.addresses.socket.getaddrinfo", lookup)

    async def send_many() -> list[ReceiverAnswer]:
        sender = Sender()
        return await asyncio.gather(*(sender.send("https://slow.test/", {}, b"") for _ in range(8)))

    began = time.monotonic()
    answers = asyncio.run(send_many())
    released.set()
    assert time.monotonic() - began < 5
    assert {answer.error for answer in answers} == {"The host name could not be resolved."}
    assert asked == ["slow.test"]
