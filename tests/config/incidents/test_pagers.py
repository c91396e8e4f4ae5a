"""Pagers and programs know an incident by its key: its end closes what its beginning opened."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest
from apprise.plugins import opsgenie, pagerduty
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.incidents import notify
from config.models import Incident
from config.status import sending
from destinations.runtime import clock
from tests.factories import make_account, make_post, make_workspace

pytestmark = [
    pytest.mark.django_db,
    # Apprise's other plugins import it.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.body)


@contextmanager
def recorder() -> Iterator[tuple[str, list[Asked]]]:
    """A server that takes everything: its address, and what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(Asked(self.path, dict(self.headers), body))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b'{"requestId": "1"}')

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def pager(monkeypatch):
    """What PagerDuty and Opsgenie are asked, here."""
    with recorder() as (address, asked):
        for lookup in (pagerduty.PAGERDUTY_API_LOOKUP, opsgenie.OPSGENIE_API_LOOKUP):
            for region in lookup:
                monkeypatch.setitem(lookup, region, f"http://{address}/alerts")
        yield asked


def incident(cause: str, level: str = "problem", **more) -> Incident:
    at = clock.now() - timedelta(minutes=20)
    fields = {"said": "Facebook is down. It is.", "remedy": "Wait.", "seen_at": at, **more}
    return Incident.objects.create(cause=cause, level=level, opened_at=at, **fields)


def over(row: Incident) -> Incident:
    row.closed_at = clock.now()
    return row


def tell(url: str, *rows: Incident) -> None:
    message = notify.message(rows)._asdict()
    assert sending.deliver({"message": message, "urls": [url], "secret": ""}) == [True]


def test_pagerduty_resolves_by_the_key_that_triggered(pager):
    rows = incident("outages:network:facebook"), incident("beat:", "warning")
    tell("pagerduty://integration@api", *rows)
    tell("pagerduty://integration@api", *map(over, rows))

    said = [each.said for each in pager]
    assert [each["event_action"] for each in said] == ["trigger", "trigger", "resolve", "resolve"]
    keys = [each["dedup_key"] for each in said]
    assert keys[:2] == keys[2:]
    assert len(set(keys)) == 2
    assert [each["payload"]["severity"] for each in said[:2]] == ["critical", "warning"]
    assert said[0]["links"][0]["href"].endswith(f"/admin/config/incident/{rows[0].pk}/change/")
    assert said[0]["payload"]["custom_details"]["state"] == "open"


@pytest.mark.parametrize("level", ["problem", "warning", "notice"])
def test_opsgenie_closes_by_the_alias_that_opened(pager, level):
    row = incident("outages:network:facebook", level)
    tell("opsgenie://key", row)
    tell("opsgenie://key", over(row))

    opened, closed = pager
    alias = opened.said["alias"]
    assert opened.said["details"]["severity"] == level
    assert closed.path == f"/alerts/{alias}/close?identifierType=alias"
    assert "Over after 20 min" in closed.said["note"]


def test_a_program_gets_each_incident_with_what_became_of_the_posts(settings):
    settings.NOTIFY_SECRET = ""
    account = make_account(make_workspace(), "facebook")
    make_post(account.workspace, [account], wanted_at=clock.now() - timedelta(minutes=5))
    rows = over(incident("outages:network:facebook", posts=1)), incident("lateness:x", posts=3)
    with recorder() as (address, asked):
        tell(f"json://{address}/hook", *rows)

    [one, other] = asked[0].said["incidents"]
    assert (one["id"], one["state"], one["severity"]) == (rows[0].pk, "over", "problem")
    assert (other["id"], other["state"]) == (rows[1].pk, "open")
    assert one["closed_at"]
    assert one["url"] in one["body"]
    became = "0 posts were published late; 0 failed; 1 post waits still."
    assert f"Of the posts that were due: {became}" in asked[0].said["message"]
    assert "It touches 3 posts, 0 accounts, 0 workspaces." in other["body"]


def test_the_end_is_told_although_it_cannot_be_read_what_became_of_the_posts(monkeypatch, caplog):
    monkeypatch.setattr(notify.touched, "outcome", lambda row: 1 / 0)

    assert "Over after" in notify.message([over(incident("lateness:x"))]).body
    assert "outcome_failed" in caplog.text


def test_a_program_can_verify_who_speaks(settings):
    settings.NOTIFY_SECRET = SECRET
    incident("lateness:x", seen_at=clock.now())
    with recorder() as (address, asked):
        settings.NOTIFY_URLS = [f"json://{address}/hook"]
        assert notify.tell()

    headers = asked[0].headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked[0].body
    expected = base64.b64encode(hmac.digest(b"k" * 32, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize("value", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_?"])
def test_a_secret_of_another_form_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("NOTIFY_SECRET", value)

    with pytest.raises(ImproperlyConfigured, match="whsec_"):
        env.notify_secret()
