"""From a composed post to the network: forms are asked for, made, waited for, sent and told."""

import threading
from datetime import timedelta

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations import due, publishing
from destinations.models import Destination
from platforms.drafts import Draft
from platforms.rules import ImageRule, Limits, VideoRule
from platforms.x.adapter import X
from posts import sandbox, tasks
from posts.models import Media, Variant
from posts.probing.facts import Facts
from posts.variants import asking, making
from tests.factories import make_account
from tests.posts import films, full_disk
from tests.posts.conftest import refused

LIMITS = Limits(
    280,
    media_items=4,
    image=ImageRule(("image/jpeg",), 10**7, max_ratio=1.0, max_width=320, alt_text_chars=100),
    video=VideoRule(("video/mp4",), 10**8, video_codecs=("h264",), audio_codecs=("aac",)),
)


@pytest.fixture(autouse=True)
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


def stored(ada, content: bytes, kind: str, filename: str, **facts) -> Media:
    known = {name: value for name, value in facts.items() if name in Facts.__dataclass_fields__}
    media = Media.objects.create(
        workspace=ada.workspace,
        kind=kind.partition("/")[0],
        content_type=kind,
        filename=filename,
        status="ready",
        size_bytes=len(content),
        has_metadata=False,
        **known,
    )
    media.storage_key = default_storage.save(f"{media.pk.hex}/file", ContentFile(content))
    media.save()
    return media


@pytest.fixture
def wide(ada) -> Media:
    return stored(
        ada, films.picture(640, 320, "PNG"), "image/png", "wide.png", width=640, height=320
    )


def compose(ada, x, *media: Media, **fields):
    body = {
        "content": "Look",
        "account_ids": [x.pk],
        "media_ids": [str(item.pk) for item in media],
        **fields,
    }
    response = ada.post("/posts", body)
    assert response.status_code == 201, response.json()
    return response.json()["data"]["post_id"]


def run() -> None:
    """Claim what is due and publish it, as beat and a worker would."""
    publishing.publish(due.claim(10))


def come_due() -> None:
    Destination.objects.update(due_at=timezone.now())


def files(settings) -> list[str]:
    return [path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_composing_asks_for_what_the_network_needs(ada, x, wide, settings):
    other = make_account(ada.workspace, "x")

    compose(ada, x, wide, account_ids=[x.pk, other.pk], scheduled_at="2099-01-01T00:00:00Z")

    variant = Variant.objects.get()
    assert (variant.media, variant.status) == (wide, "waiting")
    assert variant.form["content_type"] == "image/jpeg"
    assert len({str(row.draft) for row in Destination.objects.all()}) == 1
    (item,) = Draft.from_json(Destination.objects.first().draft).media
    assert (item.key, item.content_type) == (wide.storage_key, "image/png")
    assert asking.digest(item.form) == variant.digest


def test_what_is_asked_for_wakes_a_worker_up_after_commit(
    ada, x, wide, django_capture_on_commit_callbacks, celery_messages
):
    with django_capture_on_commit_callbacks(execute=True):
        compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")

    assert celery_messages("media") == [["image"]]


def test_a_made_picture_is_what_becomes_public_and_the_customer_is_told(ada, x, wide, simulator):
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


def test_without_notes_the_answer_says_no_more_than_before(ada, x):
    post = compose(ada, x)

    assert set(ada.get(f"/posts/{post}/results").json()["meta"]) == {"request_id", "timestamp"}


def test_a_destination_waits_for_its_file_and_spends_no_try(ada, x, wide, simulator):
    compose(ada, x, wide)
    begun = timezone.now()

    run()

    row = Destination.objects.get()
    assert (row.status, row.attempts, row.failures, row.claim) == ("queued", 0, 0, None)
    assert begun < row.due_at < begun + timedelta(seconds=10)
    assert row.attempt_rows.count() == 0
    assert simulator.posts("x") == []
    making.work("image")
    come_due()
    run()
    assert len(simulator.posts("x")) == 1


def test_what_cannot_be_made_is_refused_and_says_why(ada, x, simulator):
    broken = stored(ada, b"not a picture", "image/png", "no.png", width=640, height=320)
    post = compose(ada, x, broken)

    making.work("image")
    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code, row.next_retry_at) == ("failed", "media_rejected", None)
    assert "no.png" in row.error
    assert "cannot be read" in row.error
    [event] = row.events.exclude(move="compose")
    assert event.move == "refuse"
    assert simulator.posts("x") == []
    assert ada.get(f"/posts/{post}").json()["data"]["status"] == "failed"


def test_what_was_made_is_checked_once_more(ada, x, wide, simulator, monkeypatch):
    compose(ada, x, wide)
    making.work("image")
    stricter = Limits(280, media_items=4, image=ImageRule(("image/jpeg",), 10**7, min_width=400))
    monkeypatch.setattr(X, "limits_for", lambda self, draft: stricter)

    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code) == ("failed", "media_rejected")
    assert "at least 400" in row.error
    assert simulator.posts("x") == []


def test_a_failed_form_is_tried_again_for_the_next_post(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.update(status="failed", error="it takes too long", tries=3)

    compose(ada, x, wide)

    variant = Variant.objects.get()
    assert (variant.status, variant.error, variant.tries) == ("waiting", "", 0)
    making.work("image")
    variant.refresh_from_db()
    assert variant.status == "ready"


def test_a_film_is_made_and_sent_with_what_it_became(ada, x):
    film = stored(
        ada,
        films.film(codec="mpeg4", sound=True),
        "video/mp4",
        "film.mp4",
        width=64,
        height=48,
        video_codec="mpeg4",
        audio_codec="aac",
    )
    compose(ada, x, film)

    making.work("image")
    assert Variant.objects.get().status == "waiting"
    making.work("video")

    states = asking.states({(film.storage_key, Draft.from_json(row().draft).media[0].form)})
    (state,) = states.values()
    assert state.changes["video_codec"] == "h264"
    assert state.changes["key"] != film.storage_key
    assert state.note == "film.mp4 was sent as MP4, 64 × 48."  # noqa: RUF001


def row() -> Destination:
    return Destination.objects.get()


# Lost, late, broken


def test_a_lost_message_is_sent_again_by_whoever_waits(
    ada, x, wide, django_capture_on_commit_callbacks, celery_messages
):
    compose(ada, x, wide)
    with django_capture_on_commit_callbacks(execute=True):
        run()
    assert celery_messages("media") == []

    Variant.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    for _ in range(2):
        come_due()
        with django_capture_on_commit_callbacks(execute=True):
            run()

    assert celery_messages("media") == [["image"]]
    assert Variant.objects.get().lease_until > timezone.now()


def test_a_person_who_retries_later_has_it_made_again(ada, x, wide, simulator):
    post = compose(ada, x, wide)
    before = timezone.now() - timedelta(seconds=1)
    Variant.objects.update(status="failed", error="it takes too long", lease_until=before)

    run()
    assert (row().status, Variant.objects.get().status) == ("queued", "waiting")
    making.work("image")
    come_due()
    run()

    assert row().status == "published"
    assert ada.post(f"/posts/{post}/retry").json()["data"]["retried_count"] == 0


def test_a_fresh_failure_is_the_answer_to_every_destination(ada, x, wide):
    compose(ada, x, wide)
    monday = timezone.now() + timedelta(seconds=60)
    Variant.objects.update(status="failed", error="it takes too long", lease_until=monday)

    run()

    assert row().status == "failed"
    assert Variant.objects.get().status == "failed"


def test_a_form_that_nobody_asked_for_is_asked_for_when_it_is_needed(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.all().delete()

    run()

    assert Variant.objects.get().status == "waiting"
    assert row().status == "queued"


def test_a_file_that_is_gone_is_refused(ada, x, wide):
    compose(ada, x, wide)
    Variant.objects.all().delete()
    Media.objects.update(storage_key="elsewhere")

    run()

    assert (row().status, row().error) == ("failed", "The file was deleted.")


def test_a_worker_that_died_is_noticed_when_its_lease_is_over(ada, x, wide):
    compose(ada, x, wide)
    lost = making.claim("image")
    assert making.claim("image") is None
    Variant.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    again = making.claim("image")

    assert (again.pk, again.tries) == (lost.pk, 2)
    with pytest.raises(making.LeaseLost):
        making._end(lost, status="ready")
    assert Variant.objects.get().status == "making"


def test_a_file_that_breaks_the_sandbox_is_given_up(ada, x, wide, monkeypatch):
    compose(ada, x, wide)
    monkeypatch.setattr(sandbox, "ROOT", sandbox.ROOT / "posts")  # where there is no such module

    making.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("failed", "it broke whoever made it")
    assert variant.tries == making.TRIES + 1


def test_a_form_without_end_is_given_up_at_once(ada, x, wide, monkeypatch):
    compose(ada, x, wide)
    monkeypatch.setitem(making.LIMITS, Media.Kind.IMAGE, sandbox.Limits(0, 10, 10**9))

    making.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error, variant.tries) == ("failed", "it takes too long", 1)


def test_a_storage_that_is_away_is_tried_again_later(ada, x, wide, settings):
    compose(ada, x, wide)
    folder = settings.MEDIA_ROOT / wide.workspace_id.hex
    folder.write_text("in the way")

    making.work("image")

    assert (Variant.objects.get().status, Variant.objects.get().tries) == ("waiting", 0)
    folder.unlink()
    making.work("image")
    assert Variant.objects.get().status == "ready"


def test_a_file_whose_bytes_are_gone_cannot_be_made(ada, x, wide):
    compose(ada, x, wide)
    default_storage.delete(wide.storage_key)

    making.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("failed", "the file is gone")


def test_what_was_made_too_late_is_dropped(ada, x, wide, settings):
    compose(ada, x, wide)
    variant = making.claim("image")
    Variant.objects.update(claim=None)
    key = default_storage.save("late.jpg", ContentFile(b"made"))
    answer = {"facts": {"content_type": "image/jpeg", "width": 1, "height": 1}, "bars": False}

    with pytest.raises(making.LeaseLost):
        making._keep(variant, key, answer)

    assert files(settings) == ["file"]


def test_a_broker_that_is_away_does_not_stop_a_post(
    ada, x, wide, django_capture_on_commit_callbacks, celery_messages
):
    url = current_app.conf.broker_write_url
    current_app.conf.broker_write_url = "redis://127.0.0.1:9/0"
    current_app.amqp._producer_pool = None
    try:
        with django_capture_on_commit_callbacks(execute=True):
            compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")
    finally:
        current_app.conf.broker_write_url = url
        current_app.amqp._producer_pool = None

    assert celery_messages("media") == []
    assert Variant.objects.get().status == "waiting"


def test_files_elsewhere_are_brought_here_to_be_made(ada, x, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    far = stored(ada, films.picture(640, 320, "PNG"), "image/png", "far.png", width=640, height=320)
    compose(ada, x, far)

    making.work("image")

    variant = Variant.objects.get()
    assert (variant.status, variant.error) == ("ready", "")
    assert default_storage.size(variant.storage_key) == variant.facts["media"]["size_bytes"]


def test_a_file_deleted_while_it_is_made_leaves_nothing(
    ada, x, wide, settings, django_capture_on_commit_callbacks
):
    compose(ada, x, wide)
    variant = making.claim("image")
    Variant.objects.all().delete()

    making._make(variant)

    assert files(settings) == ["file"]


def test_one_process_makes_only_a_few_at_once(ada, x, wide):
    compose(ada, x, wide)
    place = making._places[Media.Kind.IMAGE]
    for _ in range(making.AT_ONCE[Media.Kind.IMAGE]):
        assert place.acquire(blocking=False)
    try:
        making.work("image")
        assert Variant.objects.get().status == "waiting"
    finally:
        for _ in range(making.AT_ONCE[Media.Kind.IMAGE]):
            place.release()


# Files


def test_deleting_a_file_deletes_its_forms(
    ada, x, wide, settings, django_capture_on_commit_callbacks
):
    post = compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")
    making.work("image")
    assert len(files(settings)) == 2
    refused(ada.delete(f"/media/{wide.pk}"), 409, "media_in_use")
    assert len(files(settings)) == 2
    ada.delete(f"/posts/{post}")

    with django_capture_on_commit_callbacks(execute=True):
        assert ada.delete(f"/media/{wide.pk}").status_code == 200

    assert files(settings) == []
    assert Variant.objects.count() == 0


def test_networks_fetch_a_form_as_they_fetch_any_file(ada, x, wide, client):
    compose(ada, x, wide, scheduled_at="2099-01-01T00:00:00Z")
    making.work("image")
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


def test_no_form_costs_no_query(ada, x):
    compose(ada, x)
    (claimed,) = due.claim(10)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        publishing.publish([claimed])

    assert not any("posts_variant" in query["sql"] for query in queries)
    assert row().status == "published"


def test_a_whole_group_asks_for_its_files_once(ada, x, wide):
    compose(ada, x, wide)
    compose(ada, x, wide)

    with CaptureQueriesContext(connection) as queries:
        asking.states(
            {
                (wide.storage_key, Draft.from_json(d.draft).media[0].form)
                for d in Destination.objects.all()
            }
        )

    assert sum("posts_variant" in query["sql"] for query in queries) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_make_the_same_form(ada, x, wide):
    compose(ada, x, wide)
    barrier, claimed = threading.Barrier(2), []

    def claim() -> None:
        barrier.wait()
        try:
            claimed.append(making.claim("image"))
        finally:
            connection.close()

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(variant is None for variant in claimed) == [False, True]


def test_a_full_disk_is_not_the_files_fault_however_often_it_is_tried(
    ada, x, wide, settings, simulator
):
    post = compose(ada, x, wide)
    before, with_room = files(settings), settings.STORAGES
    full_disk.fill(settings)
    for _ in range(making.TRIES + 2):
        making.work("image")
        come_due()
        run()

    assert files(settings) == before
    assert Variant.objects.get().status == "waiting"
    settings.STORAGES = with_room
    making.work("image")
    come_due()
    run()
    (result,) = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["attempts"]) == ("published", 1)
