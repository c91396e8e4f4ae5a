"""When all connections are taken, the address that holds most of them makes room."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from config.web import proxies
from tests.config.web.server.echoing import MEGABYTE
from tests.config.web.server.serving import END, Serving, Wire, serving
from tests.until import until

#: All of 127.0.0.0/8 are this machine's, so a test calls from several addresses.
CUSTOMER, OTHER, GREEDY = "127.0.0.2", "127.0.0.3", "127.0.0.4"
GET = f"GET / HTTP/1.1\r\nHost: a{END}"
UPLOAD = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000{END}"


@pytest.fixture
def calls(settings):
    """Connections from addresses, with no proxy between."""
    settings.WEB_TRUSTED_PROXIES = ()
    with ExitStack() as stack:
        yield lambda web, source: stack.enter_context(call(web, source))


@contextmanager
def call(web: Serving, source: str) -> Iterator[Wire]:
    wire = Wire(web.port, source=source)
    try:
        yield wire
    finally:
        wire.close()


def taken(web: Serving, count: int) -> None:
    until(lambda: len(web.server.active_channels) == count)


def begin_upload(web: Serving, wire: Wire) -> None:
    before = arrived(web)
    wire.send(UPLOAD)
    wire.send("x" * 50_000)
    until(lambda: arrived(web) == before + 50_000)


def arrived(web: Serving) -> int:
    channels = list(web.server.active_channels.values())
    return sum(each.request.body_bytes_received for each in channels if each.request)


def test_an_upload_of_another_client_goes_on(echo, settings, calls):
    settings.WEB_CONNECTIONS = 6
    with serving(echo, settings) as web:
        upload = calls(web, CUSTOMER)
        begin_upload(web, upload)
        greedy = [calls(web, GREEDY) for _ in range(5)]
        taken(web, 6)

        for _ in range(10):
            greedy.append(calls(web, GREEDY))
            late = calls(web, OTHER)
            late.send(GET)
            assert late.answer().status == 200
            late.close()

        upload.send("x" * 50_000)
        assert upload.answer().status == 200
        assert greedy[0].is_closed(), "the oldest of theirs"


def test_of_addresses_that_hold_as_many_the_oldest_connection_ends(echo, settings, calls):
    settings.WEB_CONNECTIONS = 2
    with serving(echo, settings) as web:
        oldest = calls(web, CUSTOMER)
        taken(web, 1)
        newer = calls(web, OTHER)
        taken(web, 2)

        new = calls(web, GREEDY)
        new.send(GET)

        assert new.answer().status == 200
        assert oldest.is_closed()
        newer.send(GET)
        assert newer.answer().status == 200


def test_what_waits_for_an_answer_counts_and_is_not_cut(echo, settings, calls):
    settings.WEB_CONNECTIONS = 4
    with serving(echo, settings) as web:
        first = calls(web, CUSTOMER)
        taken(web, 1)
        greedy = [calls(web, GREEDY) for _ in range(3)]
        taken(web, 4)
        for each in greedy[:2]:
            each.send(GET)
            assert each.answer().status == 200

        new = calls(web, OTHER)
        new.send(GET)

        assert new.answer().status == 200
        first.send(GET)
        assert first.answer().status == 200


def test_small_bodies_of_one_address_make_room_for_those_of_others(
    echo, settings, calls, monkeypatch
):
    monkeypatch.setattr("config.web.server.parser.SMALL_BYTES", MEGABYTE)
    head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}" + END
    with serving(echo, settings) as web:
        customer = calls(web, CUSTOMER)
        customer.send(head.format(300_000) + "x" * 100_000)
        until(lambda: web.server.spool.used_bytes >= 100_000)
        greedy = [calls(web, GREEDY) for _ in range(2)]
        for number, each in enumerate(greedy, 1):
            each.send(head.format(400_000) + "x" * 390_000)
            until(lambda number=number: web.server.spool.used_bytes >= 100_000 + number * 390_000)

        new = calls(web, OTHER)
        new.send(head.format(200_000) + "x" * 200_000)

        assert new.answer().status == 200
        assert greedy[0].answer().status == 503
        customer.send("x" * 200_000)
        assert customer.answer().status == 200


def test_a_trusted_proxy_holds_the_connections_of_many(echo, settings, calls):
    settings.WEB_TRUSTED_PROXIES = proxies.networks(CUSTOMER)
    settings.WEB_CONNECTIONS = 5
    with serving(echo, settings) as web:
        through_proxy = [calls(web, CUSTOMER) for _ in range(3)]
        taken(web, 3)
        greedy = [calls(web, GREEDY) for _ in range(2)]
        taken(web, 5)

        new = calls(web, OTHER)
        new.send(GET)

        assert new.answer().status == 200
        assert greedy[0].is_closed()
        for each in through_proxy:
            each.send(GET)
            assert each.answer().status == 200


@pytest.mark.parametrize(
    ("sender", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::"),
        ("2001:db8::ffff:8", "2001:db8::"),
        ("fe80::1%eth0", "fe80::"),
        ("10.0.0.1", None),
        ("", None),
    ],
)
def test_an_address_of_a_home_is_counted_once(sender, caller):
    assert proxies.caller(sender, proxies.networks("10.0.0.1")) == caller
