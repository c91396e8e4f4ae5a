"""The file storage in an S3 bucket, over real HTTP."""

import io
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import httpx
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from moto.server import ThreadedMotoServer
from PIL import Image

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from posts.media import delete, storage
from posts.media.fetch import jobs
from posts.media.storage import Away
from posts.models import Fetch, Media, StoredFile, Workspace
from tests.factories import make_account
from tests.posts.conftest import announce, bring, refused
from tests.posts.factories import png
from tests.posts.media import videos
from tests.posts.media.test_uploads import PDF

KEYS = {"access_key": "someone", "secret_key": "something", "region_name": "eu-central-1"}


@pytest.fixture(scope="session")
def server():
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(scope="session")
def made_bucket(server):
    s3 = boto3.resource(
        "s3",
        endpoint_url=server,
        aws_access_key_id="someone",
        aws_secret_access_key="something",
        region_name="eu-central-1",
    )
    made = s3.Bucket("media")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return made


@pytest.fixture(autouse=True)
def bucket(server, made_bucket, settings):
    """An empty bucket that is the storage; the objects in it, by key."""
    made_bucket.objects.delete()
    settings.MEDIA_S3_BUCKET = "media"
    options = {
        **settings.MEDIA_S3,
        **KEYS,
        "bucket_name": "media",
        "endpoint_url": server,
        "addressing_style": "path",
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "posts.media.s3.Bucket", "OPTIONS": options},
    }
    return made_bucket


@pytest.fixture(autouse=True)
def _committed(monkeypatch):
    """What is to run after a commit runs at once: these tests do not fail in between."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda run, **_: run())


def keys(bucket) -> list[str]:
    return sorted(item.key for item in bucket.objects.all())


def send(place: dict, content: bytes, kind: str = "image/png") -> httpx.Response:
    return httpx.put(
        place["upload_url"], content=content, headers={"Content-Type": kind}, trust_env=False
    )


def complete(caller, place: dict):
    return caller.post(f"/media/{place['media_id']}/complete")


def test_uploads_go_straight_to_the_bucket_and_are_checked(ada, server, bucket):
    content = png(800, 400)
    place = announce(ada, content, "image/png")

    address = urlsplit(place["upload_url"])
    assert (place["provider"], place["protocol"], place["expires_in"]) == ("s3", "http", 900)
    assert place["upload_method"]["method"] == "PUT"
    asked = parse_qs(address.query)
    assert asked["X-Amz-Expires"] == ["900"]
    assert asked["X-Amz-SignedHeaders"] == ["content-length;content-type;host"]
    refused(complete(ada, place), 409, "upload_incomplete")
    assert send(place, content).status_code == 200
    done = complete(ada, place).json()["data"]

    assert (done["status"], done["width"], done["height"]) == ("ready", 800, 400)
    served = httpx.get(done["url"], trust_env=False)
    assert (served.content, served.headers["Content-Type"]) == (content, "image/png")
    shown = httpx.get(done["thumbnail_url"], trust_env=False)
    assert Image.open(io.BytesIO(shown.content)).size == (320, 160)
    media = Media.objects.get()
    assert keys(bucket) == sorted([media.storage_key, media.thumbnail_key])
    assert complete(ada, place).status_code == 200


def test_an_s3_link_is_the_same_all_day_and_valid_for_a_week():
    key = default_storage.save("a/b.png", ContentFile(b"x"))
    with time_machine.travel(datetime(2026, 3, 15, 0, 0, 1, tzinfo=UTC)):
        morning = default_storage.url(key)
    with time_machine.travel(datetime(2026, 3, 15, 23, 59, 59, tzinfo=UTC)):
        evening = default_storage.url(key)
    with time_machine.travel(datetime(2026, 3, 16, tzinfo=UTC)):
        assert default_storage.url(key) != evening

    assert morning == evening
    asked = parse_qs(urlsplit(evening).query)
    assert asked["X-Amz-Date"] == ["20260315T000000Z"]
    assert asked["X-Amz-Credential"][0].split("/")[1] == "20260315"
    assert asked["X-Amz-Expires"] == ["604800"]
    assert httpx.get(evening, trust_env=False).status_code == 200


def test_the_bucket_serves_files_with_our_headers(ada):
    place = announce(ada, PDF, "application/pdf")
    send(place, PDF, "application/pdf")

    sent = httpx.get(complete(ada, place).json()["data"]["url"], trust_env=False)
    made = httpx.get(default_storage.url(default_storage.save("a/b.jpg", ContentFile(b"x"))))

    assert sent.headers["Content-Type"] == "application/pdf"
    assert sent.headers["Content-Disposition"].startswith("attachment; filename=")
    assert made.headers["Content-Disposition"] == 'inline; filename="b.jpg"'
    assert made.headers["Cache-Control"] == "private, max-age=604800, immutable"


def test_an_upload_after_the_check_changes_nothing(ada, bucket):
    content, other = png(32, 16), png(16, 32)
    place = announce(ada, content, "image/png")
    send(place, content)
    done = complete(ada, place).json()["data"]

    assert send(place, other).status_code == 200

    assert httpx.get(done["url"], trust_env=False).content == content
    assert len(keys(bucket)) == 3
    StoredFile.objects.update(at=timezone.now() - timedelta(days=2))
    delete.clean()
    assert len(keys(bucket)) == 2


def test_a_short_upload_is_requested_again(ada):
    content = png()
    place = announce(ada, content, "image/png")
    send(place, content[:-1])

    message = refused(complete(ada, place), 409, "upload_incomplete")["message"]

    assert "make sure you uploaded the file" in message
    send(place, content)
    assert complete(ada, place).status_code == 200


def test_a_file_of_another_type_fails_and_leaves_nothing(ada, bucket):
    place = announce(ada, b"<html>", "image/png")
    send(place, b"<html>")

    refused(complete(ada, place), 400, "invalid_media")

    assert keys(bucket) == []


def test_a_video_is_read_through_a_temporary_file(ada):
    video = videos.make()
    place = announce(ada, video, "video/mp4")
    send(place, video, "video/mp4")

    done = complete(ada, place).json()["data"]

    assert (done["width"], done["height"]) == (64, 48)
    assert done["thumbnail_url"]


def test_an_object_is_read_from_any_offset(ada):
    content = bytes(range(256)) * 1000
    key = default_storage.save("a/b.bin", ContentFile(content))

    with default_storage.open(key) as file:
        assert file.size == len(content)
        assert file.read(10) == content[:10]
        file.seek(100_000)
        assert (file.read(5), file.tell()) == (content[100_000:100_005], 100_005)
        file.seek(-3, io.SEEK_END)
        assert file.read() == content[-3:]
        assert file.read(1) == b""
    with pytest.raises(FileNotFoundError):
        default_storage.open("a/none.bin")


def test_a_post_is_published_from_the_bucket(ada, simulator):
    token = simulator.connect("x", "77", username="acme")
    x = make_account(ada.workspace, "x", token=token, platform_account_id="77", username="acme")
    content = png(300, 300)
    place = announce(ada, content, "image/png")
    send(place, content)
    complete(ada, place)
    body = {"content": "Look", "account_ids": [x.pk], "media_ids": [place["media_id"]]}
    assert ada.post("/posts", body).status_code == 201
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    worker.publish(claims.claim(10))

    assert Destination.objects.get().status == "published"
    assert len(simulator.posts()[0]["media"]) == 1


def test_a_fetched_video_is_stored_in_the_bucket(ada, stranger, bucket):
    media_id = bring(ada, stranger.gives("/a.mp4", videos.make())).json()["data"]["media_id"]

    jobs.work()

    media = Media.objects.get(pk=media_id)
    assert media.status == "ready"
    assert keys(bucket) == sorted([media.storage_key, media.thumbnail_key])


def test_a_fetch_into_an_unavailable_bucket_is_reported_as_such(ada, stranger, settings):
    media_id = bring(ada, stranger.gives("/a.mp4", videos.make())).json()["data"]["media_id"]
    Fetch.objects.update(tries=len(jobs.PAUSES_SECONDS))
    default = settings.STORAGES["default"]
    away = {**default["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": away}}

    jobs.work()

    failed = ada.get(f"/media/{media_id}").json()["data"]
    assert "does not answer" in failed["error_message"]


def test_deleting_a_file_deletes_its_objects(ada, bucket):
    place = announce(ada, png(), "image/png")
    send(place, png())
    complete(ada, place)

    assert ada.delete(f"/media/{place['media_id']}").status_code == 200

    assert keys(bucket) == []


def test_an_unavailable_storage_names_who_must_act(ada, settings):
    place = announce(ada, png(), "image/png")
    default = settings.STORAGES["default"]
    away = {**default["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": away}}

    error = refused(complete(ada, place), 503, "service_unavailable")

    assert "ask its operator" in error["message"]
    with pytest.raises(Away):
        default_storage.save("a", ContentFile(b"a"))


def test_everything_of_a_workspace_is_deleted_and_nothing_of_another(bucket):
    mine, other = Workspace(), Workspace()
    for key in (f"{mine.pk.hex}/a/1.png", f"{mine.pk.hex}/b/sent", f"{other.pk.hex}/a/1.png"):
        bucket.put_object(Key=key, Body=b"x")

    for _ in range(2):
        storage.delete_of_workspace(mine.pk)

    assert [each.key for each in bucket.objects.all()] == [f"{other.pk.hex}/a/1.png"]
