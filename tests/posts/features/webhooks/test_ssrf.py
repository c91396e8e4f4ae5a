"""No customer's address leads to what only we can reach: when it is given, changed, and called.

The table of hosts is that of `platforms.downloads`. Names lead home, as those of an attacker do.
Each test would connect: that nothing does is seen at the sockets.
"""

import asyncio
import json
import socket
from typing import Any

import pytest

from config.web import proxies
from platforms.downloads import fetch, pinned_connection
from platforms.http import pinned_post
from posts.errors import RequestRefused
from posts.features.ai import Provider, provider
from posts.features.webhooks.delivery.sending import ReceiverAnswer, Sender
from posts.features.webhooks.models import Webhook
from tests.platforms.downloads.hosts import FORBIDDEN, UNUSUAL
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.features.webhooks.webhook_factories import make_webhook
from tests.strangers import whole

PUBLIC = "93.184.215.14"
resolve = socket.getaddrinfo


class Names(dict[str, list[list[str]]]):
    """What names lead to, one answer after the other; the last one stays. All others lead home."""

    def __call__(self, host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        try:
            return resolve(host, port, *args, **{**options, "flags": socket.AI_NUMERICHOST})
        except (OSError, UnicodeError):
            answers = self.get(host, [["127.0.0.1"]])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (
                socket.AF_INET6 if ":" in ip else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (ip, port),
            )
            for ip in found
        ]


@pytest.fixture
def names(monkeypatch) -> Names:
    found = Names()
    monkeypatch.setattr("platforms.downloads.addresses.socket.getaddrinfo", found)
    return found


@pytest.fixture
def called(monkeypatch, names) -> list[Any]:
    """The addresses that would be connected to."""
    found: list[Any] = []

    async def post(url: str, addresses: Any, **_: Any) -> pinned_post.Reply:
        found.extend(addresses)
        return pinned_post.Reply(200, {}, b"")

    def dial(connection: Any) -> socket.socket:
        found.extend(each.place for each in connection._addresses)
        raise OSError

    monkeypatch.setattr(pinned_post, "post", post)
    monkeypatch.setattr(pinned_connection.PinnedConnection, "_dial", dial)
    return found


def send(url: str) -> ReceiverAnswer:
    return asyncio.run(Sender().send(url, {}, b"{}"))


@pytest.mark.parametrize("mount", ["/api/v1", "/compat/api/v1"])
def test_no_webhook_has_a_forbidden_host(ada, names, mount):
    ada.mount = mount
    hook = make_webhook(ada.workspace)
    for host in (*FORBIDDEN, *UNUSUAL):
        url = f"https://{host}/in"
        for answer in (
            ada.post("/webhooks", {"url": url, "events": ["post.published"]}),
            ada.patch(f"/webhooks/{hook.pk}", {"url": url}),
        ):
            refused(answer, 400, "invalid_webhook_url")

    assert [each.url for each in Webhook.objects.all()] == [hook.url]


def test_a_forbidden_host_that_a_webhook_has_nevertheless_is_not_called(called):
    for host in FORBIDDEN:
        answer = send(f"https://{host}/in")
        assert (answer.status, bool(answer.error), called) == (None, True, []), host


def test_a_file_is_not_fetched_from_a_forbidden_host(called):
    for host in FORBIDDEN:
        with pytest.raises(fetch.FetchFailed), fetch.fetch(f"https://{host}/a.png", seconds=2):
            pass
        assert called == [], host


def test_an_image_is_not_fetched_from_where_the_ai_provider_says(called, stranger, settings):
    settings.FETCH_PRIVATE_HOSTS = frozenset()
    settings.AI_PROVIDER = Provider(stranger.url("/v1"), image_model="image")
    for host in FORBIDDEN:
        link = {"data": [{"url": f"https://{host}/a.png"}]}
        stranger.otherwise = whole(json.dumps(link).encode())
        with pytest.raises(RequestRefused, match="cannot be fetched"):
            provider.draw("Doves", "flux-schnell", "1:1")
        assert called == [], host


@pytest.mark.parametrize(
    ("allowed", "still_refused"),
    [
        ("10.0.0.0/8", ["127.0.0.1", "11.0.0.1:22", "169.254.169.254", "[::1]", "192.168.0.1"]),
        ("127.0.0.0/8", ["10.0.0.1", "[::1]", "100.64.0.1", "0.0.0.0", "[64:ff9b::127.0.0.1]"]),
    ],
)
def test_allowing_one_network_allows_no_other(ada, called, settings, allowed, still_refused):
    settings.WEBHOOK_ALLOW_PRIVATE = proxies.networks(allowed)
    for host in still_refused:
        body = {"url": f"https://{host}/in", "events": ["post.published"]}
        refused(ada.post("/webhooks", body), 400, "invalid_webhook_url")
        if host != "11.0.0.1:22":  # of a public address only a new webhook's port is looked at
            assert send(f"https://{host}/in").status is None
    assert called == []


def test_a_name_that_leads_home_after_it_was_accepted_is_not_called(ada, names, called):
    names["rebind.example"] = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    body = {"url": "https://rebind.example/in", "events": ["post.published"]}
    made = ada.post("/webhooks", body)
    assert made.status_code == 201, made.json()

    first, second = (ada.post(f"/webhooks/{made.json()['data']['id']}/test") for _ in range(2))

    assert first.json()["data"]["ok"] is True
    assert second.json()["data"]["ok"] is False
    assert "private network" in second.json()["data"]["error"]
    assert called == [PUBLIC]


def test_a_name_that_leads_home_too_is_neither_accepted_nor_called(ada, names, called):
    for both in ([PUBLIC, "10.0.0.1"], ["::1", PUBLIC], [PUBLIC, "fe80::1%1"]):
        with apart(both):
            names["both.example"] = [both]
            body = {"url": "https://both.example/in", "events": ["post.published"]}

            refused(ada.post("/webhooks", body), 400, "invalid_webhook_url")
            assert send(body["url"]).status is None
            with pytest.raises(fetch.ForbiddenURL), fetch.fetch(body["url"], seconds=2):
                pass
            assert called == []
