"""Claimed rows against the simulated networks, over real HTTP and real PostgreSQL."""

import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from destinations.accounts import encryption
from destinations.dispatch import claims as dispatch_claims
from destinations.models import Account, Attempt, Destination, Event, Outage
from destinations.publishing import worker as publishing_worker
from destinations.publishing.commands import Start
from destinations.publishing.complete import Complete
from platforms.errors import RateLimited, Rejected
from platforms.outcomes import RefusedLater
from platforms.registry import ADAPTERS
from posts.models import Post
from tests.destinations.connected import connect
from tests.destinations.run_command import execute
from tests.factories import make_post

pytestmark = pytest.mark.django_db
S = Destination.Status


@pytest.fixture
def account(simulator):
    return connect(simulator)


@pytest.fixture
def post(account):
    return make_post(account.workspace, [account])


def run(limit=100):
    """Claim what is due and publish it, as beat and a worker would."""
    publishing_worker.publish(dispatch_claims.claim(limit))


def come_due(destination):
    Destination.objects.filter(pk=destination.pk).update(due_at=timezone.now())


def only(post):
    return post.destinations.get()


def test_a_post_is_published_once_and_recorded(simulator, account):
    post = make_post(account.workspace, [account], content="Hello")

    run()

    destination = only(post)
    (public,) = simulator.posts("x")
    assert public["text"] == "Hello"
    assert destination.status == S.PUBLISHED
    assert (destination.platform_post_id, destination.attempts) == (public["id"], 1)
    assert destination.platform_post_url == f"https://x.com/acme/status/{public['id']}"
    assert (destination.due_at, destination.claim, destination.error) == (None, None, "")
    attempt = Attempt.objects.get()
    assert attempt.outcome == "published"
    assert attempt.sent_at <= attempt.answered_at == attempt.finished_at
    assert [event.move for event in Event.objects.order_by("id")] == ["start", "succeed"]
    post.refresh_from_db()
    assert post.status == Post.Status.PUBLISHED


def test_a_truncated_token_in_an_answer_is_redacted(simulator, account):
    token = encryption.credentials(account).token
    said = "." * 290 + token
    body = json.dumps({"title": "Invalid", "detail": said, "errors": [{"message": said}]})
    simulator.fault("x", call="create_post", status=400, body=body)
    make_post(account.workspace, [account], content="Hello")

    run()

    attempt = Attempt.objects.get()
    assert "[redacted]" in attempt.response
    for text in (Destination.objects.get().error, attempt.error, attempt.response):
        assert not any(token[at : at + 12] in text for at in range(len(token) - 11))


def test_a_token_in_what_a_lookup_says_is_redacted(simulator, account, monkeypatch):
    token = encryption.credentials(account).token

    async def refused(*_):
        return RefusedLater(Rejected(f"It said: {token}", body=token))

    monkeypatch.setattr(ADAPTERS["x"], "find", refused)
    simulator.fault("x", drop="after", times=1)
    post = make_post(account.workspace, [account])

    run()
    come_due(only(post))
    run()

    assert only(post).error == "It said: [redacted]"
    assert token not in str(list(Attempt.objects.values_list()))


def test_an_adapter_crash_logs_no_token(simulator, account, monkeypatch, caplog):
    token = encryption.credentials(account).token

    async def broken(*_):
        raise KeyError(f"its answer {token[3:]}")

    monkeypatch.setattr(ADAPTERS["x"], "publish", broken, raising=True)
    make_post(account.workspace, [account], content="Hello")

    run()

    assert "adapter_crashed" in caplog.text
    assert "its answer [redacted]" in caplog.text
    assert token[3:15] not in caplog.text


def test_a_stale_claim_does_nothing(simulator, post):
    (claimed,) = dispatch_claims.claim(10)

    publishing_worker.publish([claimed._replace(claim=uuid.uuid4())])

    assert simulator.posts() == []
    assert only(post).attempts == 0


def test_a_repeated_message_does_nothing(simulator, account):
    make_post(account.workspace, [account])
    claims = dispatch_claims.claim(10)

    publishing_worker.publish(claims)
    publishing_worker.publish(claims)

    assert len(simulator.posts()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_longer_than_its_lease_is_not_started_by_another_worker(simulator, account, settings):
    simulator.fault("x", delay_seconds=3, times=1)
    post = make_post(account.workspace, [account])
    claims = dispatch_claims.claim(10)
    # From its start, which a busy machine delays.
    settings.LEASE_SECONDS = 2
    worker = threading.Thread(
        target=lambda: (publishing_worker.publish(claims), connection.close())
    )
    worker.start()
    while not Attempt.objects.filter(sent_at__isnull=False).exists():
        assert worker.is_alive()

    while worker.is_alive():
        assert dispatch_claims.claim(10) == []
        publishing_worker.publish(claims)

    assert only(post).status == S.PUBLISHED
    assert len(simulator.posts()) == Attempt.objects.count() == 1


def test_an_account_publishes_in_the_order_of_its_times(simulator, account):
    now = timezone.now()
    for minutes in (1, 3, 2):
        at = now - timedelta(minutes=minutes)
        make_post(account.workspace, [account], content=f"{minutes} ago", scheduled_for=at)

    run()

    assert [p["text"] for p in reversed(simulator.posts())] == ["3 ago", "2 ago", "1 ago"]


def test_a_refusal_is_final_and_shows_the_networks_reason(simulator, account):
    simulator.fault("x", status=400)
    post = make_post(account.workspace, [account])

    run()

    destination = only(post)
    assert (destination.status, destination.next_retry_at) == (S.FAILED, None)
    assert destination.error_code == "content_rejected"
    assert Attempt.objects.get().http_status == 400
    post.refresh_from_db()
    assert post.status == Post.Status.FAILED


def test_an_expired_authorization_marks_the_account_and_later_posts_are_not_sent(
    simulator, account
):
    simulator.fault("x", status=401, times=1)
    first = make_post(account.workspace, [account])
    run()
    second = make_post(account.workspace, [account])

    run()

    account.refresh_from_db()
    assert account.needs_reconnection_since is not None
    assert only(first).error_code == only(second).error_code == "account_needs_reconnection"
    assert (only(first).attempts, only(second).attempts) == (1, 0)
    assert simulator.posts() == []


def test_a_rate_limit_holds_the_whole_account_until_the_networks_reset(simulator, account):
    simulator.fault("x", rate_limit_reset_seconds=600, times=1)
    posts = [make_post(account.workspace, [account]) for _ in range(2)]

    run()

    account.refresh_from_db()
    first, second = (only(post) for post in posts)
    wait = (first.next_retry_at - timezone.now()).total_seconds()
    assert 590 < wait < 670
    assert account.held_until == first.next_retry_at
    assert (first.status, first.failures, first.attempts) == (S.FAILED, 0, 1)
    assert (second.status, second.attempts, second.claim) == (S.QUEUED, 0, None)
    assert dispatch_claims.claim(10) == []


def test_a_short_rate_limit_does_not_end_a_longer_one(simulator, account):
    make_post(account.workspace, [account])
    (claimed,) = dispatch_claims.claim(1)
    longer = timezone.now() + timedelta(hours=20)
    job = execute(Start(*claimed.key))
    Account.objects.update(held_until=longer)

    limited = RateLimited("Too many.", retry_after_seconds=60)
    execute(Complete(job, limited, {}, answered=True))

    account.refresh_from_db()
    assert account.held_until == longer
    assert only(Post.objects.get()).next_retry_at < longer


def test_a_lost_answer_is_never_retried_blindly(simulator, account):
    simulator.fault("x", drop="after", times=1)
    post = make_post(account.workspace, [account])

    run()

    destination = only(post)
    assert destination.status == S.UNCONFIRMED
    assert 10 < (destination.due_at - timezone.now()).total_seconds() <= 15
    post.refresh_from_db()
    assert post.status == Post.Status.PUBLISHING
    come_due(destination)
    run()
    assert len(simulator.posts()) == 1


def test_a_network_that_cannot_be_reached_is_tried_again(simulator, account, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    post = make_post(account.workspace, [account])

    run()

    destination = only(post)
    assert (destination.status, destination.error_code) == (S.PUBLISHING, "platform_unavailable")
    assert 0 < (destination.next_retry_at - timezone.now()).total_seconds() < 2
    assert destination.due_at == destination.next_retry_at
    settings.SIMULATOR_URL = simulator.url
    come_due(destination)
    run()
    assert (only(post).status, only(post).attempts, only(post).next_retry_at) == (
        S.PUBLISHED,
        2,
        None,
    )


def test_a_crash_before_sending_is_followed_by_another_try(simulator, post):
    destination = only(post)
    Destination.objects.update(status=S.PUBLISHING, claim=uuid.uuid4(), attempts=1)
    now = timezone.now()
    Attempt.objects.create(destination=destination, number=1, wanted_at=now, started_at=now)

    run()

    assert only(post).status == S.PUBLISHED
    assert len(simulator.posts()) == 1


def test_a_crash_after_sending_leads_to_a_lookup_and_no_second_post(simulator, post):
    destination = only(post)
    Destination.objects.update(status=S.PUBLISHING, claim=uuid.uuid4(), attempts=1)
    now = timezone.now()
    Attempt.objects.create(
        destination=destination, number=1, wanted_at=now, started_at=now, sent_at=now
    )

    run()

    assert simulator.posts() == []
    moves = list(Event.objects.order_by("id").values_list("move", flat=True))
    assert moves[0] == "mark_unconfirmed"


def test_an_accepted_post_that_cannot_be_looked_up_is_not_failed(simulator, post, monkeypatch):
    Destination.objects.update(status=S.PUBLISHING, claim=uuid.uuid4(), attempts=1)
    now = timezone.now()
    known = {"started_at": now, "sent_at": now, "answered_at": now}
    Attempt.objects.create(destination=only(post), number=1, wanted_at=now, **known)
    monkeypatch.setattr(ADAPTERS["x"], "publish", None)

    run()

    assert only(post).status == S.UNCONFIRMED


def test_two_posts_with_similar_text_each_get_their_own(simulator, account):
    first = make_post(account.workspace, [account], content="New: https://example.com/1")
    run()
    simulator.fault("x", drop="after", times=1)
    second = make_post(account.workspace, [account], content="New: https://example.com/2")
    run()
    come_due(only(second))

    run()

    ids = {p["text"]: p["id"] for p in simulator.posts("x")}
    for post in (first, second):
        assert only(post).platform_post_id == ids[only(post).draft["text"]]


def test_a_lookup_passes_over_posts_of_other_destinations(simulator, account, monkeypatch):
    """X accepts the same post again after a while, and shows both alike."""
    monkeypatch.setattr("deploy.simulator.x.api.DUPLICATE_SECONDS", 0)
    first = make_post(account.workspace, [account], content="Good morning")
    run()
    simulator.fault("x", drop="after", times=1)
    second = make_post(account.workspace, [account], content="Good morning")
    run()
    come_due(only(second))

    run()

    ids = [only(post).platform_post_id for post in (first, second)]
    assert ids == [post["id"] for post in reversed(simulator.posts("x"))]


def test_a_failing_destination_does_not_stop_the_others_of_its_list(simulator, account):
    other = connect(simulator, "x", "78", account.workspace)
    simulator.fault("x", account="77", status=400)
    post = make_post(account.workspace, [account, other])

    run()

    assert [d.status for d in post.destinations.all()] == [S.FAILED, S.PUBLISHED]
    post.refresh_from_db()
    assert post.status == Post.Status.PARTIAL


def test_a_text_that_linkedin_has_already_is_refused_and_never_called_maybe_live(simulator):
    account = connect(simulator, "linkedin", "80077")
    posts = [make_post(account.workspace, [account], content="Again") for _ in range(9)]

    for _ in posts:
        run()

    (public,) = simulator.posts("linkedin")
    first, *others = map(only, posts)
    assert (first.status, first.platform_post_id) == (S.PUBLISHED, public["id"])
    assert {(each.status, each.error_code) for each in others} == {(S.FAILED, "duplicate_content")}
    assert all(public["url"] in each.error for each in others)
    assert not Outage.objects.exists()
