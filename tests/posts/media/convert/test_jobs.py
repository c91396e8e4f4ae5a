"""Variants from a composed post to the network: requested, made, awaited, sent and reported."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from platforms.drafts import Draft
from platforms.limits import ImageRule, Limits
from platforms.x.adapter import X
from posts import tasks
from posts.media.convert import jobs, request
from posts.models import Variant
from tests.destinations.run_command import run
from tests.factories import make_account
from tests.posts.conftest import refused
from tests.posts.media import videos
from tests.posts.media.file_posts import come_due, compose, files, row, stored

pytestmark = pytest.mark.usefixtures("only_jpeg")


def test_composing_requests_the_variants_that_networks_need(ada, x, wide, settings):
    other = make_account(ada.workspace, "x")

    compose(ada, x, wide, account_ids=[x.pk, other.pk], scheduled_at="2099-01-01T00:00:00Z")

    variant = Variant.objects.get()
    assert (variant.media, variant.status) == (wide, "waiting")
    assert variant.form["content_type"] == "image/jpeg"
    assert len({str(row.draft) for row in Destination.objects.all()}) == 1
    (item,) = Draft.from_json(Destination.objects.first().draft).media
    assert (item.key, item.content_type) == (wide.storage_key, "image/png")
    assert request.digest(item.form) == variant.digest


def test_a_request_wakes_a_worker_up_after_commit(
    ada, x, wide, django_capture_on_commit_callbacks, celery_messages
):
    with django_capture_on_commit_callbacks(execute=True):
        compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")

    assert celery_messages("media") == [["image"]]


def test_the_variant_is_published_and_the_customer_is_told(ada, x, wide, simulator):
    post = compose(ada, x, wide, alt_texts={str(wide.pk): "Noise"})

    tasks.make_variants("image")
    run()

    row = Destination.objects.get()
    assert (row.status, row.error) == ("published", "")
    note = "wide.png was sent as JPEG, 320 × 320, with bars."  # noqa: RUF001
    assert row.notes == [note]
    answer = ada.get(f"/posts/{post}/results").json()
    assert answer["meta"]["notes"] == [{"destination_id": row.public_id, "note": note}]
    assert set(answer["meta"]) == {"request_id", "timestamp", "notes"}
    assert len(simulator.posts("x")) == 1
    variant = Variant.objects.get()
    assert (variant.status, variant.tries, variant.claim) == ("ready", 1, None)
    made = variant.facts["media"]
    assert (made["width"], made["height"], made["content_type"]) == (320, 320, "image/jpeg")


def test_an_answer_without_notes_has_no_notes_field(ada, x):
    post = compose(ada, x)

    assert set(ada.get(f"/posts/{post}/results").json()["meta"]) == {"request_id", "timestamp"}


def test_a_destination_waits_for_its_file_without_spending_an_attempt(ada, x, wide, simulator):
    compose(ada, x, wide)
    begun = timezone.now()

    run()

    row = Destination.objects.get()
    assert (row.status, row.attempts, row.failures, row.claim) == ("queued", 0, 0, None)
    assert begun < row.due_at < begun + timedelta(seconds=10)
    assert row.attempt_rows.count() == 0
    assert simulator.posts("x") == []
    jobs.work("image")
    come_due()
    run()
    assert len(simulator.posts("x")) == 1


def test_a_failed_variant_fails_the_destination_with_its_reason(ada, x, simulator):
    broken = stored(ada, b"not a picture", "image/png", "no.png", width=640, height=320)
    post = compose(ada, x, broken)

    jobs.work("image")
    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code, row.next_retry_at) == ("failed", "media_rejected", None)
    assert "no.png" in row.error
    assert "cannot be read" in row.error
    [event] = row.events.exclude(move="compose")
    assert event.move == "refuse"
    assert simulator.posts("x") == []
    assert ada.get(f"/posts/{post}").json()["data"]["status"] == "failed"


def test_a_variant_is_checked_again_before_it_is_sent(ada, x, wide, simulator, monkeypatch):
    compose(ada, x, wide)
    jobs.work("image")
    stricter = Limits(280, media_items=4, image=ImageRule(("image/jpeg",), 10**7, min_width=400))
    monkeypatch.setattr(X, "limits_for", lambda self, draft: stricter)

    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code) == ("failed", "media_rejected")
    assert "at least 400" in row.error
    assert simulator.posts("x") == []


def test_a_failed_variant_is_tried_again_for_the_next_post(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.update(status="failed", error="it takes too long", tries=3)

    compose(ada, x, wide)

    variant = Variant.objects.get()
    assert (variant.status, variant.error, variant.tries) == ("waiting", "", 0)
    jobs.work("image")
    variant.refresh_from_db()
    assert variant.status == "ready"


def test_a_video_is_sent_with_the_facts_of_its_variant(ada, x):
    video = stored(
        ada,
        videos.make(codec="mpeg4", sound=True),
        "video/mp4",
        "video.mp4",
        width=64,
        height=48,
        video_codec="mpeg4",
        audio_codec="aac",
    )
    compose(ada, x, video)

    jobs.work("image")
    assert Variant.objects.get().status == "waiting"
    jobs.work("video")

    states = request.states({(video.storage_key, Draft.from_json(row().draft).media[0].form)})
    (state,) = states.values()
    assert state.changes["video_codec"] == "h264"
    assert state.changes["key"] != video.storage_key
    assert state.note == "video.mp4 was sent as MP4, 64 × 48."  # noqa: RUF001


# Files


def test_deleting_a_file_deletes_its_variants(
    ada, x, wide, settings, django_capture_on_commit_callbacks
):
    post = compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")
    jobs.work("image")
    assert len(files(settings)) == 2
    refused(ada.delete(f"/media/{wide.pk}"), 409, "media_in_use")
    assert len(files(settings)) == 2
    ada.delete(f"/posts/{post}")

    with django_capture_on_commit_callbacks(execute=True):
        assert ada.delete(f"/media/{wide.pk}").status_code == 200

    assert files(settings) == []
    assert Variant.objects.count() == 0


def test_networks_fetch_a_variant_like_any_file(ada, x, wide, client):
    compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")
    jobs.work("image")
    key = Variant.objects.get().storage_key
    url = default_storage.url(key).removeprefix("http://127.0.0.1:8000")

    whole = client.get(url)
    content = b"".join(whole.streaming_content)
    head = client.head(url)
    head.close()
    part = client.get(url, headers={"Range": "bytes=2-5"})

    assert (whole.status_code, whole["Content-Type"]) == (200, "image/jpeg")
    assert (head.status_code, head["Content-Type"]) == (200, "image/jpeg")
    assert head["Content-Length"] == whole["Content-Length"] == str(len(content))
    assert head["Accept-Ranges"] == "bytes"
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == content[2:6]
    assert client.get(url.partition("?")[0]).status_code == 404


def test_posts_without_variants_cost_no_query(ada, x):
    compose(ada, x)
    (claimed,) = claims.claim(10)

    with CaptureQueriesContext(connection) as queries:
        worker.publish([claimed])

    assert not any("posts_variant" in query["sql"] for query in queries)
    assert row().status == "published"


def test_a_group_of_destinations_requests_its_files_once(ada, x, wide):
    compose(ada, x, wide)
    compose(ada, x, wide)

    with CaptureQueriesContext(connection) as queries:
        request.states(
            {
                (wide.storage_key, Draft.from_json(d.draft).media[0].form)
                for d in Destination.objects.all()
            }
        )

    assert sum("posts_variant" in query["sql"] for query in queries) == 1
