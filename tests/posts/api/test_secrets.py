"""No secret is logged, kept in the clear or answered twice, even by calls that fail.

Every call that is told a secret or tells one is made at both mounts, with an Idempotency-Key and at
the level DEBUG. Then the secrets are looked for in the log, in all other answers, and in every row
of the database.
"""

import json
import re
import uuid
from dataclasses import dataclass, field, replace

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection

from platforms.login_forms import FormLogin
from platforms.registry import ADAPTERS, BY_FORM
from posts.features.ai import Provider
from posts.features.request_log.models import ApiRequest
from posts.features.webhooks.models import WebhookAttempt
from posts.keys.oauth import device_logins
from posts.outbox import outbox
from tests.posts.api.endpoints import ENDPOINTS, MOUNTS
from tests.posts.api.walk.judged import differing
from tests.posts.conftest import Caller, announce
from tests.posts.features.request_log.conftest import recorder
from tests.posts.features.webhooks.conftest import receiver
from tests.posts.features.webhooks.rounds import deliver
from tests.psql import psql
from tests.strangers import whole

__all__ = ["receiver", "recorder"]

AI_KEY = f"sk-{uuid.uuid4().hex}"
PASSWORD = uuid.uuid4().hex
#: By network, the logins by a form.
FORMS = [
    (key, login)
    for key in BY_FORM
    for login in ADAPTERS[key].logins.values()
    if isinstance(login, FormLogin)
]


@dataclass
class Watched:
    """A program that remembers which secrets it was told, and what else it was answered."""

    caller: Caller
    secrets: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, body=None, tells: tuple[str, ...] = (), **options):
        key = {"Idempotency-Key": uuid.uuid4().hex} if method != "GET" else {}
        answer = self.caller.call(method, path, body, headers=key, **options)
        if not answer["Content-Type"].startswith("application/json"):  # a file
            self.answers.append(b"".join(answer.streaming_content).decode())
            return None
        found = answer.json()
        if tells:
            assert answer.status_code < 300, found
            self.secrets |= {found["data"].pop(name) for name in tells}
        self.answers.append(json.dumps(found))
        return found["data"]

    def post(self, path: str, body=None, tells: tuple[str, ...] = ()):
        return self.call("POST", path, body, tells)


@pytest.fixture
def operator(db) -> User:
    user = User.objects.create_user("olga", "olga@acme.example", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_apikey"))
    return user


def have_webhooks(watched: Watched, receiver) -> None:
    """Made, rotated, tested, delivered to in vain, and given wrong bodies."""
    body = {"url": receiver.url("/status/500"), "events": ["post.deleted"]}
    hook = watched.post("/webhooks", body, ("secret",))
    path = f"/webhooks/{hook['id']}"
    watched.post(f"{path}/rotate-secret", {}, ("secret",))
    watched.post(f"{path}/test")
    outbox.emit(watched.caller.workspace.pk, "post.deleted", {})
    assert deliver()
    assert WebhookAttempt.objects.filter(delivery__webhook=hook["id"], status_code=500).exists()
    for secret in tuple(watched.secrets):
        watched.call("PATCH", path, {"secret": secret})
        watched.call("PATCH", path, {"name": "a" * 99 + secret})
        watched.call("GET", f"{path}/deliveries?event_id={secret}")
    watched.call("GET", f"{path}/deliveries")


def log_in(watched: Watched, operator: User) -> None:
    """From a terminal; the key is asked for twice, and the codes are sent where they are wrong."""
    codes = ("device_code", "user_code", "verification_uri_complete")
    before = set(watched.secrets)
    watched.post("/auth/device", {"client_name": "CLI"}, codes)
    told = watched.secrets - before
    [page] = [each for each in told if "?" in each]
    user_code = page.rpartition("=")[2]
    [device_code] = told - {page, user_code}
    watched.secrets |= {user_code.replace("-", "")}
    grant = {"name": "night", "scopes": ["read"], "expires_at": None, "accounts": []}
    device_logins.authorize(
        device_logins.find(user_code), operator, {"workspace": watched.caller.workspace, **grant}
    )
    for body in ({"device_code": [device_code]}, {"device": device_code}, {"device_code": "a"}):
        watched.post("/auth/device/token", body)
    watched.post("/auth/device/token", {"device_code": device_code}, ("api_key",))
    watched.post("/auth/device/token", {"device_code": device_code})


def connect(watched: Watched) -> None:
    watched.post("/auth/social-connect/start", {"platform": "x"}, ("authorize_url",))
    for key, login in FORMS:
        told = {each.name: PASSWORD if each.is_secret else each.example for each in login.fields}
        # A whole form, and each secret of it alone.
        for body in (told, *({each.name: PASSWORD} for each in login.fields if each.is_secret)):
            for path in ("/accounts/connect-credential", f"/auth/social-connect/{key}"):
                watched.post(path, {"platform": key, **body})
    hook = f"https://discord.com/api/webhooks/1290000000000000004/{PASSWORD}"
    for path in ("/accounts/connect-credential", "/auth/social-connect/discord"):
        watched.post(path, {"platform": "discord", "webhook_url": hook})


def use_ai(watched: Watched, stranger, settings) -> None:
    """A provider that repeats the installation's key where it refuses."""
    url = stranger.url("/v1")
    settings.AI_PROVIDER = Provider(url, AI_KEY, text_model="text", image_model="image")
    said = json.dumps({"error": {"message": f"Incorrect API key: {AI_KEY}"}}).encode()
    for status in (400, 401, 429, 500):
        stranger.otherwise = whole(said, status)
        watched.post("/ai/generate-caption", {"topic": f"Doves {status}"})
        watched.post("/ai/generate-image", {"prompt": f"Doves {status}"})
    assert all(AI_KEY in str(headers) for headers, _ in stranger.received)


def say_secrets_everywhere(watched: Watched, ids: dict[str, str]) -> None:
    """In an unknown field and in an unknown part of the query, of every endpoint."""
    every = json.dumps(sorted(watched.secrets))
    for endpoint in differing(ENDPOINTS, watched.caller.mount):
        body = {"no_such_field": every} if endpoint.is_write else None
        watched.call(endpoint.method, endpoint.url(ids), body)
        watched.call(endpoint.method, f"{endpoint.url(ids)}?no_such_part={PASSWORD}")


def rows() -> str:
    """Every row of every table, as text."""
    each = 'SELECT kept::text FROM "{}" kept'
    tables = connection.introspection.table_names()
    return "\n".join(row for table in tables for (row,) in psql(each.format(table)))


@pytest.mark.parametrize("mount", MOUNTS)
def test_no_secret_is_logged_or_kept_or_answered_again(
    ada, mount, ids, unlimited, operator, receiver, stranger, simulator, settings, recorder, lines
):
    watched = Watched(replace(ada, mount=mount), {ada.secret, AI_KEY, PASSWORD})
    have_webhooks(watched, receiver)
    log_in(watched, operator)
    connect(watched)
    watched.secrets.add(announce(watched.caller, b"a" * 9, "image/png")["upload_url"])
    use_ai(watched, stranger, settings)
    say_secrets_everywhere(watched, ids)
    recorder.flush()

    assert len(watched.secrets) == 12
    least = 2 * len(differing(ENDPOINTS, mount))
    assert ApiRequest.objects.count() > least
    places = {"log": lines.getvalue(), "answers": "\n".join(watched.answers), "database": rows()}
    assert places["log"].count("\n") > least
    for secret in watched.secrets:
        # Without the beginning of an address or of a webhook's secret, the rest opens as much.
        for part in (secret, max(re.split("/|whsec_", secret), key=len)):
            found = [place for place, text in places.items() if part in text]
            assert found == [], part
