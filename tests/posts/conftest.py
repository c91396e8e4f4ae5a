"""Ada owns a workspace, Bo has a key of the same one, Cy is a stranger."""

import io
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from PIL import Image

from destinations.models import Connection
from destinations.runtime import clock
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.oauth import App
from platforms.x.adapter import X
from posts.ai.settings import Provider
from posts.api.views import webhooks
from posts.keys import device_logins, keys
from posts.media.fetch import jobs
from posts.models import (
    ApiKey,
    CalendarFeed,
    Feed,
    HashtagSet,
    Import,
    Media,
    Post,
    PostingQueue,
    Recurrence,
    Recycling,
    ShareLink,
    Workspace,
)
from tests import strangers
from tests.factories import make_account, make_campaign, make_post, make_workspace
from tests.posts.media import videos
from tests.posts.media.posting import stored
from tests.posts.webhooks.making import make_delivery, make_webhook


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
def ada(db) -> Caller:
    return make_caller(make_workspace(), "Ada")


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


def make_world(caller: Caller, settings: Any) -> dict[str, str]:
    """Something of everything, by the names that paths have for it; the post has failed."""
    settings.PLATFORM_APPS = {"x": App("id", "secret")}
    account = make_account(caller.workspace)
    post = make_post(caller.workspace, [account], status="failed", due_at=None)
    Recycling.objects.create(
        post_id=post.pk,
        workspace=caller.workspace,
        gap=2,
        gap_unit="week",
        created_by="test",
        updated_at=clock.now(),
    )
    delivery = make_delivery(make_webhook(caller.workspace), 204)
    return {
        "account_id": str(account.pk),
        "post_id": post.public_id,
        "queue_id": str(make_queue(caller.workspace, account_ids=[account.pk]).pk),
        "destination_id": post.destinations.get().public_id,
        "media_id": str(make_media(caller.workspace).pk),
        "session_id": make_session(caller.workspace),
        "campaign_id": str(make_campaign(caller.workspace).pk),
        "webhook_id": str(delivery.webhook_id),
        "delivery_id": str(delivery.pk),
        "import_id": str(make_import(caller.workspace).pk),
        "calendar_feed_id": str(make_calendar_feed(caller.workspace).pk),
        "hashtag_set_id": str(make_hashtag_set(caller.workspace).pk),
        "feed_id": str(make_feed(caller.workspace, account.pk).pk),
        "recurrence_id": str(make_recurrence(caller.workspace, account.pk).pk),
        "link_id": str(make_share_link(post).pk),
    }


def make_import(workspace: Workspace) -> Import:
    """An import that is under way."""
    return Import.objects.create(
        workspace=workspace, digest=uuid.uuid4().hex, total=1, due_at=clock.now()
    )


def make_calendar_feed(workspace: Workspace) -> CalendarFeed:
    return CalendarFeed.objects.create(workspace=workspace, name="Plan", digest=uuid.uuid4().hex)


def make_session(workspace: Workspace, **fields: Any) -> str:
    """The number of a connection that a program may follow."""
    made = Connection.objects.create(
        workspace=workspace,
        platform="x",
        login="x",
        by="test",
        link_hash=uuid.uuid4().hex,
        expires_at=clock.now() + timedelta(minutes=10),
        **fields,
    )
    return str(made.pk)


def make_feed(workspace: Workspace, *accounts: int, **fields: Any) -> Feed:
    """A feed that is switched off, so that nothing reads it."""
    url, now = "https://blog.example/feed.xml", clock.now()
    values = {"name": "Blog", "url": url, "mode": "draft", "enabled": False, **fields}
    return Feed.objects.create(
        workspace=workspace, account_ids=list(accounts), due_at=now, updated_at=now, **values
    )


def make_hashtag_set(workspace: Workspace, name: str = "Garden", **fields: Any) -> HashtagSet:
    values = {"hashtags": ["spring", "garden"], **fields}
    return HashtagSet.objects.create(
        workspace=workspace, name=name, updated_at=clock.now(), **values
    )


def make_recurrence(workspace: Workspace, *accounts: int, **fields: Any) -> Recurrence:
    """A daily rule that has begun; nothing makes its posts."""
    now = clock.now()
    values = {
        "freq": "daily",
        "timezone": "UTC",
        "content": "Again",
        "created_by": "test",
        **fields,
    }
    return Recurrence.objects.create(
        workspace=workspace,
        account_ids=list(accounts),
        first_at=now,
        settled_until=now,
        updated_at=now,
        **values,
    )


def make_share_link(post: Post, **fields: Any) -> ShareLink:
    """A link of which no person has the secret."""
    now = clock.now()
    values = {"created_by": "key:a", "created_at": now, "expires_at": now + timedelta(days=1)}
    return ShareLink.objects.create(post=post, digest=uuid.uuid4().hex, **{**values, **fields})


def make_queue(workspace: Workspace, **fields: Any) -> PostingQueue:
    """A queue that is not the default one; its slot is on Mondays."""
    values = {"name": "Mondays", "slots": [{"day_of_week": 1, "time": "09:00"}], **fields}
    return PostingQueue.objects.create(workspace=workspace, updated_at=clock.now(), **values)


@pytest.fixture
def ai_provider(simulator_server, settings) -> None:
    """The simulated AI provider."""
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
    return {**make_world(ada, settings), "file_url": stranger.gives("/loft.png", png())}


def png(width: int = 32, height: int = 16) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(held, "PNG")
    return held.getvalue()


def make_media(workspace: Workspace, **fields: Any) -> Media:
    """A file that is ready."""
    values = {
        "kind": "image",
        "content_type": "image/png",
        "filename": "a.png",
        "status": "ready",
        "has_metadata": False,
        **fields,
    }
    content = png()
    media = Media.objects.create(workspace=workspace, size_bytes=len(content), **values)
    if values["status"] == "ready":
        key = f"{workspace.pk.hex}/{media.pk.hex}/1.png"
        media.storage_key = default_storage.save(key, ContentFile(content))
        media.save()
    return media


def announce(caller, content: bytes, kind: str, **fields):
    body = {"filename": "a", "content_type": kind, "size": len(content), **fields}
    response = caller.post("/media/upload", body)
    assert response.status_code == 201, response.json()
    return response.json()["data"]


def put(data, content: bytes, kind: str, **options):
    path = data["upload_url"].removeprefix("http://127.0.0.1:8000")
    return Client().generic("PUT", path, content, content_type=kind, **options)


def upload(caller, content: bytes, kind: str):
    """Announce and send a file; returns the answer to its completion."""
    data = announce(caller, content, kind)
    assert put(data, content, kind).status_code == 200
    return caller.post(f"/media/{data['media_id']}/complete")


@contextmanager
def once_destinations_are_locked(act: Callable[[], Any]) -> Iterator[list[Any]]:
    """Right after this connection has first locked destinations, `act` is done by another process,
    on a connection of their own; what it returned is then in the list."""
    answers: list[Any] = []

    def elsewhere() -> Any:
        try:
            return act()
        finally:
            connection.close()

    def execute(run, sql, params, many, context):
        result = run(sql, params, many, context)
        if not answers and 'FROM "destinations_destination"' in sql and "FOR UPDATE" in sql:
            with ThreadPoolExecutor(1) as pool:
                answers.append(pool.submit(elsewhere).result(60))
        return result

    with connection.execute_wrapper(execute):
        yield answers


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
def x(ada, simulator):
    token = simulator.connect("x", "77", username="acme")
    return make_account(ada.workspace, "x", token=token, platform_account_id="77", username="acme")


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
def wide(ada) -> Media:
    return stored(
        ada, videos.picture(640, 320, "PNG"), "image/png", "wide.png", width=640, height=320
    )
