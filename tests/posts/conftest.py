"""Ada owns a workspace, Bo has a key of the same one, Cy is a stranger."""

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client

from config.observability import logs
from destinations.models import Account
from platforms import sandbox
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.x.adapter import X
from posts.features.webhooks.api import views as webhooks
from posts.keys import keys
from posts.keys.oauth import device_logins
from posts.media.fetch import jobs
from posts.models import ApiKey, Media, Workspace
from tests import strangers
from tests.factories import make_account, make_workspace
from tests.posts.at_once import at_once
from tests.posts.factories import FUTURE, make_media, png
from tests.posts.media import in_process


@dataclass
class Caller:
    """A program with a key, speaking to the API as any program would."""

    workspace: Workspace
    key: ApiKey
    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    mount: str = "/api/v1"

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.secret}", **options.pop("headers", {})}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, f"{self.mount}{path}", headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, body, **options)

    def patch(self, path: str, body: Any) -> Any:
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.call("DELETE", path)


def make_caller(
    workspace: Workspace, name: str, scopes: tuple[str, ...] = ("read", "write", "ai", "approve")
):
    return Caller(workspace, *keys.create(workspace, name, scopes))


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    # Nothing fetches them, without `fetcher`.
    settings.FETCH_WAIT_SECONDS = 0


@pytest.fixture
def real_sandbox() -> None:
    """Each file is read in a process of its own, with limits, as in production."""


@pytest.fixture(autouse=True)
def _sandbox_in_this_process(request, monkeypatch):
    """Starting a process costs more than reading most files."""
    if "real_sandbox" not in request.fixturenames:
        monkeypatch.setattr(sandbox, "run", in_process.run)


@pytest.fixture
def ada(db) -> Caller:
    return make_caller(make_workspace(), "Ada")


@pytest.fixture
def workspace(db) -> Workspace:
    return make_workspace()


@pytest.fixture
def account(ada) -> Account:
    """Ada's, at X."""
    return make_account(ada.workspace, name="@acme")


@pytest.fixture
def x(account) -> Account:
    """The same one, where others are beside it."""
    return account


@pytest.fixture
def linkedin(ada) -> Account:
    return make_account(ada.workspace, "linkedin", name="Acme")


@pytest.fixture
def media(ada) -> Media:
    """A picture of Ada's."""
    return make_media(ada.workspace)


@pytest.fixture
def body(x) -> dict[str, Any]:
    """What `POST /posts` takes."""
    return {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}


@pytest.fixture
def compat(ada) -> Caller:
    """Ada's program at the compatibility mount."""
    return replace(ada, mount="/compat/api/v1")


@pytest.fixture
def bo(ada) -> Caller:
    return make_caller(ada.workspace, "Bo")


@pytest.fixture
def cy(db) -> Caller:
    return make_caller(make_workspace("Elsewhere"), "Cy")


@pytest.fixture
def stranger(settings) -> Iterator[strangers.Stranger]:
    """Another party's web server, from which files may be fetched."""
    settings.FETCH_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    with strangers.stranger() as found:
        yield found


@pytest.fixture
def fetcher(stranger, settings, transactional_db) -> Iterator[None]:
    """A worker with some threads, which fetches what is asked for; requests wait for it."""
    settings.FETCH_WAIT_SECONDS = 20
    over = threading.Event()

    def serve() -> None:
        try:
            while not over.wait(0.02):
                jobs.work()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        serving = [threads.submit(serve) for _ in range(6)]
        yield
        over.set()
        stranger.over.set()
    for each in serving:
        each.result()


@pytest.fixture
def ai_provider(simulator_server, settings) -> None:
    """The simulated AI provider."""
    from posts.features.ai import Provider

    settings.AI_PROVIDER = Provider(
        base_url=f"{simulator_server}/ai/v1", text_model="text", image_model="image"
    )


@pytest.fixture
def unlimited(monkeypatch) -> None:
    """No limits for an address or a workspace, where all requests of many are from one."""
    monkeypatch.setattr(device_logins, "STARTS", ())
    monkeypatch.setattr(webhooks, "TESTS", ())
    monkeypatch.setattr(webhooks, "RECOVERIES", ())


@pytest.fixture
def ids(ada, settings, stranger, ai_provider) -> dict[str, str]:
    """Ids for calls to Ada's endpoints, and a file on another party's server."""
    # Not above: tests of the core run without features too (tests/posts/test_without_features.py).
    from tests.posts.world import make_world

    return {**make_world(ada.workspace, settings), "file_url": stranger.gives("/loft.png", png())}


def announce(caller, content: bytes, kind: str, **fields):
    body = {"filename": "a", "content_type": kind, "size": len(content), **fields}
    return data_of(caller.post("/media/upload", body), 201)


def put(data, content: bytes, kind: str, **options):
    path = data["upload_url"].removeprefix("http://127.0.0.1:8000")
    return Client().generic("PUT", path, content, content_type=kind, **options)


def upload(caller, content: bytes, kind: str):
    """Announce and send a file; returns the answer to its completion."""
    data = announce(caller, content, kind)
    assert put(data, content, kind).status_code == 200
    return caller.post(f"/media/{data['media_id']}/complete")


def bring(caller, url: str, **fields: str):
    """Ask for a file to be fetched."""
    return caller.post("/media/upload-from-url", {"url": url, **fields})


@contextmanager
def once_destinations_are_locked(act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Right after this connection has first locked destinations, `act` is done by another process,
    on a connection of their own; what it returned is then in the list."""
    answers: list[Any] = []

    def execute(run, sql, params, many, context):
        result = run(sql, params, many, context)
        if not answers and 'FROM "destinations_destination"' in sql and "FOR UPDATE" in sql:
            answers.extend(at_once([act]))
        return result

    with connection.execute_wrapper(execute):
        yield answers


def data_of(response: Any, status: int = 200) -> Any:
    """The data of a response that must be this success."""
    body = response.json()
    assert response.status_code == status, body
    return body["data"]


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The error of a response that must be exactly this refusal.

    One that names a setting waits for the operator, so that repeating the request does not help.
    """
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code), body
    assert set(body) == {"data", "error", "meta"}
    assert body["data"] is None
    names_setting = "setting" in body["error"].get("details", {})
    assert body["error"]["retryable"] is (status in (429, 500, 503, 507) and not names_setting)
    assert set(body["meta"]) == {"request_id", "timestamp"}
    assert body["meta"]["request_id"] == response.headers["X-Request-Id"]
    return body["error"]


LIMITS = Limits(
    280,
    media_items=4,
    image=ImageRule(("image/jpeg",), 10**7, max_ratio=1.0, max_width=320, alt_text_chars=100),
    video=VideoRule(("video/mp4",), 10**8, video_codecs=("h264",), audio_codecs=("aac",)),
)


@pytest.fixture
def only_jpeg(monkeypatch):
    """X as a network that takes square JPEG pictures only."""
    monkeypatch.setattr(X, "limits", LIMITS)
    monkeypatch.setattr(X, "limits_for", lambda self, draft: LIMITS)


@pytest.fixture
def celery_messages():
    """What waits in a queue: the arguments of each message, which is taken out."""

    def take(queue: str) -> list[list[str]]:
        with current_app.connection_for_read() as broker:
            simple, found = broker.SimpleQueue(queue), []
            while True:
                try:
                    message = simple.get_nowait()
                except simple.Empty:
                    return found
                message.ack()
                found.append(message.payload[0])

    take("media")
    return take


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, at the level DEBUG, as it is written."""
    written, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(logs._formatter("json"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.setLevel(level)
    root.removeHandler(handler)
