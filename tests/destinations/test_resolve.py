"""A person resolves a destination that may be live, and late answers are refused."""

import threading
import uuid
from datetime import UTC, datetime
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from destinations import manual_retry as destination_retry
from destinations import resolve
from destinations.dispatch import claims
from destinations.models import Destination, Event
from platforms.registry import ADAPTERS
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.posts.at_once import at_once as begun_at_once

pytestmark = pytest.mark.django_db
S = Destination.Status
LINK = "https://x.com/acme/status/1876"


def make(account=None, **fields) -> Destination:
    """A destination that may be live."""
    values = {
        "due_at": None,
        "status": "failed",
        "attempts": 1,
        "error": "It may be live.",
        "error_code": "outcome_unknown",
        "checkpoint": "sealed",
        **fields,
    }
    account = account or make_account(make_workspace())
    return make_post(account.workspace, [account], **values).destinations.get()


def confirm_published(row, link=LINK, **fields):
    return resolve.confirm_published(row.pk, by="operator:ada", link=link, **fields)


def confirm_not_published(row, **fields):
    return resolve.confirm_not_published(row.pk, by="operator:bo", **fields)


def late(answer, row, **fields):
    """The answer is refused as too late, and nothing changes."""
    before = Destination.objects.values().get(pk=row.pk)
    events = Event.objects.count()
    with pytest.raises(resolve.TooLate):
        answer(row, **fields)
    assert Destination.objects.values().get(pk=row.pk) == before
    assert Event.objects.count() == events


def test_a_found_post_is_published_with_its_link_and_the_person():
    row = make()

    found = confirm_published(row, request_id="req_1")

    assert (found.status, found.error, found.error_code) == (S.PUBLISHED, "", "")
    assert (found.platform_post_url, found.platform_post_id) == (LINK, "1876")
    assert (found.checkpoint, found.due_at, found.attempts) == ("", None, 1)
    assert found.published_at is not None
    event = Event.objects.get()
    assert (event.move, event.from_status, event.to_status) == (
        "confirm_published",
        "failed",
        "published",
    )
    assert (event.by, event.reason) == ("operator:ada", f"found by a person: {LINK}")
    assert event.request_id == "req_1"
    assert Post.objects.get().status == Post.Status.PUBLISHED
    assert claims.claim(10) == []


def test_a_given_id_and_time_are_stored():
    then = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    row = make()
    Destination.objects.update(created_at=then)

    found = confirm_published(row, post_id="42", published_at=then)

    assert (found.platform_post_id, found.published_at) == ("42", then)


def test_a_post_that_was_not_found_has_failed_and_can_be_retried_normally():
    row = make()

    said = confirm_not_published(row)

    assert (said.status, said.error_code, said.next_retry_at) == (S.FAILED, "not_published", None)
    assert said.error == resolve.NOT_PUBLISHED
    event = Event.objects.get()
    assert (event.move, event.by) == ("confirm_not_published", "operator:bo")
    assert event.reason == "a person has looked: it is not public"
    assert Post.objects.get().status == Post.Status.FAILED
    assert claims.claim(10) == []
    assert destination_retry.requeue([row.pk], by="operator:bo").moved == [row]


@pytest.mark.parametrize("answer", [confirm_published, confirm_not_published])
def test_only_unclaimed_destinations_that_may_be_live_can_be_resolved(answer):
    for fields in (
        {"status": "queued"},
        {"status": "publishing"},
        {"status": "unconfirmed"},
        {"status": "published"},
        {"error_code": "content_rejected"},
        {"error_code": "platform_unavailable"},
        {"claim": uuid.uuid4()},
    ):
        late(answer, make(**fields))


@pytest.mark.parametrize("first", [confirm_published, confirm_not_published])
@pytest.mark.parametrize("second", [confirm_published, confirm_not_published])
def test_a_destination_is_resolved_once(first, second):
    row = make()
    first(row)

    late(second, row)


@pytest.mark.parametrize("answer", [confirm_published, confirm_not_published])
def test_an_answer_about_an_earlier_try_is_refused(answer):
    row = make(attempts=2)

    late(answer, row, seen_attempts=1)

    answer(row, seen_attempts=2)
    assert Event.objects.count() == 1


def test_a_link_that_is_not_a_web_url_is_refused():
    row = make()
    too_long = f"https://x.com/{'a' * 987}"

    for link in ("", "x.com/acme/1", "ftp://x.com/1", "javascript:alert(1)", too_long):
        with pytest.raises(ValidationError):
            confirm_published(row, link)

    assert Event.objects.count() == 0


def test_a_post_is_not_given_to_two_destinations():
    account = make_account(make_workspace(), "instagram")
    link = "https://www.instagram.com/p/Cabc/"
    confirm_published(make(account), link, post_id="17")
    other = make(account)

    for again, post_id in [
        ("https://www.instagram.com/p/Cabc", ""),
        ("https://www.instagram.com/p/Cabc/?igsh=1#top", ""),
        ("https://www.instagram.com/p/Other/", "17"),
    ]:
        with pytest.raises(resolve.Taken):
            confirm_published(other, again, post_id=post_id)

    other.refresh_from_db()
    assert (other.status, Event.objects.count()) == (S.FAILED, 1)


def test_the_same_id_at_another_network_is_another_post():
    workspace = make_workspace()
    confirm_published(
        make(make_account(workspace, "tiktok")), "https://www.tiktok.com/@a/video/1876"
    )

    assert confirm_published(make(make_account(workspace))).platform_post_id == "1876"


def test_a_destination_of_a_removed_account_can_be_resolved():
    row = make()
    row.account.delete()

    assert confirm_published(row).status == S.PUBLISHED


@pytest.mark.parametrize(
    ("platform", "link", "post_id"),
    [
        ("x", "https://x.com/acme/status/1876/photo/1", "1876"),
        ("x", "https://x.com/acme", ""),
        ("linkedin", "https://www.linkedin.com/feed/update/urn:li:share:71/", "urn:li:share:71"),
        ("linkedin", "https://www.linkedin.com/posts/acme_hello-71-abcd", ""),
        ("facebook", "https://www.facebook.com/12_34", "12_34"),
        ("facebook", "https://www.facebook.com/reel/567/", "567"),
        ("facebook", "https://www.facebook.com/acme/posts/pfbid02", ""),
        ("tiktok", "https://www.tiktok.com/@acme/video/733?lang=en", "733"),
        ("tiktok", "https://www.tiktok.com/@acme/photo/734", "734"),
        ("youtube", "https://www.youtube.com/watch?app=m&v=dQw4w9WgXcQ&t=1", "dQw4w9WgXcQ"),
        ("youtube", "https://www.youtube.com/shorts/dQw4w9WgXcQ", "dQw4w9WgXcQ"),
        ("youtube", "https://youtu.be/dQw4w9WgXcQ?si=1", "dQw4w9WgXcQ"),
        ("instagram", "https://www.instagram.com/p/Cabc/", ""),
        ("threads", "https://www.threads.com/@acme/post/Cabc", ""),
    ],
)
def test_an_id_is_read_only_from_links_of_its_network(platform, link, post_id):
    assert ADAPTERS[platform].post_id(link) == post_id


def at_once(*answers) -> list[object]:
    """The results or exceptions of these, run in parallel on separate connections."""

    def give(answer):
        try:
            return answer()
        except (resolve.TooLate, resolve.Taken) as refusal:
            return type(refusal)

    return begun_at_once([partial(give, answer) for answer in answers])


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_answer_at_once_one_succeeds():
    for _ in range(5):
        row = make()

        said = at_once(
            lambda row=row: confirm_published(row), lambda row=row: confirm_not_published(row)
        )

        assert said.count(resolve.TooLate) == 1
        (event,) = row.events.all()
        row.refresh_from_db()
        heard = "confirm_published" if said[1] is resolve.TooLate else "confirm_not_published"
        assert (event.move, event.to_status) == (heard, row.status)
        Destination.objects.all().update(platform_post_id="", platform_post_url="")


@pytest.mark.django_db(transaction=True)
def test_of_two_destinations_given_the_same_post_at_once_one_gets_it():
    account = make_account(make_workspace())
    one, other = make(account), make(account)

    said = at_once(lambda: confirm_published(one), lambda: confirm_published(other))

    assert said.count(resolve.Taken) == 1
    assert Destination.objects.filter(platform_post_id="1876").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [confirm_published, confirm_not_published])
def test_a_retry_does_not_send_a_destination_that_is_being_resolved(answer):
    row = make()
    retried: list[destination_retry.Requeued] = []

    def retry():
        word = {"confirmed_not_published": True}
        retried.append(destination_retry.requeue([row.pk], by="operator:cy", **word))
        connection.close()

    with transaction.atomic():
        said = answer(row)
        thread = threading.Thread(target=retry)
        thread.start()
        thread.join(5)
        assert [(each.moved, each.count("in_progress")) for each in retried] == [([], 1)]

    row.refresh_from_db()
    assert (row.status, row.due_at) == (said.status, None)
    assert claims.claim(10) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", [confirm_published, confirm_not_published])
def test_an_answer_during_a_retry_waits_and_is_too_late(answer):
    row = make()
    with transaction.atomic():
        destination_retry.requeue([row.pk], by="operator:cy", confirmed_not_published=True)
        thread_said: list[object] = []
        thread = threading.Thread(target=lambda: thread_said.extend(at_once(lambda: answer(row))))
        thread.start()
        thread.join(0.2)
        assert thread_said == []
    thread.join(5)

    assert thread_said == [resolve.TooLate]
    assert [event.move for event in row.events.all()] == ["requeue"]
