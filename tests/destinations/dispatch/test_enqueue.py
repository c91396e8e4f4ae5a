import threading
import uuid
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from config.queue import celery_overrides
from destinations.dispatch import claims, enqueue
from destinations.dispatch.claims import Claimed
from destinations.dispatch.restoring import restore_detector
from destinations.models import Account, Destination
from destinations.publishing.commands import Start
from destinations.runtime import redis_client
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.destinations.run_command import execute
from tests.factories import make_account, make_post, make_workspace
from tests.posts.at_once import at_once
from tests.psql import plan_of, psql

pytestmark = pytest.mark.django_db


def make_due(account, count, *, seconds_ago=0, **fields):
    """`count` destinations of one account, one second apart, the last one `seconds_ago`."""
    now = timezone.now()
    made = []
    for number in range(count, 0, -1):
        at = now - timedelta(seconds=seconds_ago + number)
        post = make_post(account.workspace, [account], scheduled_for=at, **fields)
        made.append(post.destinations.get().pk)
    return made


@pytest.fixture
def account():
    return make_account(make_workspace())


def queued(queue):
    """The messages waiting in a queue: the ids each one names."""
    with current_app.connection_for_read() as broker:
        simple = broker.SimpleQueue(queue)
        found = []
        while True:
            try:
                message = simple.get_nowait()
            except simple.Empty:
                return found
            message.ack()
            found.append([uuid.UUID(pk) for pk, *_ in message.payload[0][0]])


def a_claim(queue, account):
    return Claimed(uuid.uuid4(), uuid.uuid4(), queue, account)


@pytest.fixture(autouse=True)
def empty_queues():
    for queue in ("publish.x", "publish.youtube.upload"):
        queued(queue)


def test_a_claim_takes_the_oldest_first_and_starts_their_lease(account):
    first, second = make_due(account, 2)

    claimed = claims.claim(1)

    assert [row.id for row in claimed] == [first]
    row = Destination.objects.get(pk=first)
    assert row.claim == claimed[0].claim
    lease = (row.due_at - timezone.now()).total_seconds()
    assert settings.LEASE_SECONDS - 5 < lease <= settings.LEASE_SECONDS
    assert Destination.objects.get(pk=second).claim is None


def test_nothing_is_claimed_before_its_time(account):
    make_post(account.workspace, [account], scheduled_for=timezone.now() + timedelta(seconds=30))

    assert claims.claim(10) == []


def test_a_row_whose_lease_ended_is_claimed_again_with_a_new_token(account):
    make_due(account, 1)
    (first,) = claims.claim(10)
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    (second,) = claims.claim(10)

    assert second.id == first.id
    assert second.claim != first.claim


def test_an_account_with_many_due_rows_does_not_delay_the_others(account):
    make_due(account, 30, seconds_ago=100)
    small = make_account(account.workspace)
    (wanted,) = make_due(small, 1)

    claimed = claims.claim(500)

    assert len(claimed) == settings.CLAIM_PER_ACCOUNT + 1
    assert wanted in [row.id for row in claimed]


def test_an_account_with_rows_in_flight_is_not_claimed_again(account):
    make_due(account, 30)
    claims.claim(5)

    assert claims.claim(500) == []


def test_a_held_account_is_not_claimed_until_the_hold_ends(account):
    make_due(account, 1)
    Account.objects.update(held_until=timezone.now() + timedelta(minutes=1))
    assert claims.claim(10) == []

    Account.objects.update(held_until=timezone.now() - timedelta(seconds=1))

    assert len(claims.claim(10)) == 1


def test_a_destination_whose_account_is_gone_is_claimed_too(account):
    make_due(account, 1)
    account.delete()

    assert [row.account_id for row in claims.claim(10)] == [None]


def test_released_rows_are_due_at_once_and_renewed_ones_are_not(account):
    make_due(account, 2)
    first, second = claims.claim(10)
    Destination.objects.update(due_at=timezone.now() + timedelta(seconds=1))

    claims.release([(first.id, first.claim)])
    claims.renew([(second.id, second.claim), (first.id, first.claim)])

    released = Destination.objects.get(pk=first.id)
    renewed = Destination.objects.get(pk=second.id)
    assert released.claim is None
    assert released.due_at <= timezone.now()
    assert renewed.claim == second.claim
    assert (renewed.due_at - timezone.now()).total_seconds() > settings.LEASE_SECONDS - 5


def test_due_rows_travel_in_one_message_per_queue(account):
    other = make_account(account.workspace)
    ids = make_due(account, 2) + make_due(other, 1)

    assert enqueue.enqueue() == 3

    (message,) = queued("publish.x")
    assert set(message) == set(ids)


def test_a_row_already_claimed_is_not_sent_twice(account):
    make_due(account, 1)
    claims.claim(1)

    assert enqueue.enqueue() == 0


def test_a_broker_that_is_away_leaves_the_rows_due(account, settings):
    (pk,) = make_due(account, 1)
    url = current_app.conf.broker_write_url
    current_app.conf.broker_write_url = "redis://127.0.0.1:9/0"
    current_app.amqp._producer_pool = None
    try:
        assert enqueue.enqueue() == 0
    finally:
        current_app.conf.broker_write_url = url
        current_app.amqp._producer_pool = None

    row = Destination.objects.get(pk=pk)
    assert row.claim is None
    assert row.due_at <= timezone.now()


def test_a_tick_is_recorded():
    before = timezone.now()

    enqueue.tick()

    assert before <= restore_detector.last_tick() <= timezone.now()


def test_messages_keep_an_accounts_rows_together_and_uploads_alone(settings):
    settings.MESSAGE_DESTINATIONS = 30
    a1, a2, b1, b2, c1 = (a_claim("publish.x", n) for n in (1, 1, 2, 2, 3))
    u1, u2 = (a_claim("publish.youtube.upload", n) for n in (4, 5))

    sent = list(enqueue.messages([a1, b1, a2, b2, c1, u1, u2]))

    assert sent == [
        ("publish.x", [a1, a2]),
        ("publish.x", [b1, b2, c1]),
        ("publish.youtube.upload", [u1]),
        ("publish.youtube.upload", [u2]),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_never_claim_the_same_row():
    workspace = make_workspace()
    for _ in range(60):
        make_due(make_account(workspace), 1)
    claimed = []

    def claim():
        while rows := claims.claim(7):
            claimed.extend(row.id for row in rows)

    at_once([claim] * 4)

    assert len(claimed) == len(set(claimed)) == 60


@pytest.mark.django_db(transaction=True)
def test_a_row_locked_by_an_edit_is_skipped():
    account = make_account(make_workspace())
    (pk,) = make_due(account, 1)
    found = []

    def claim():
        found.append(claims.claim(10))
        connection.close()

    with transaction.atomic():
        Destination.objects.select_for_update().get(pk=pk)
        thread = threading.Thread(target=claim)
        thread.start()
        thread.join(5)
        assert found == [[]]


@pytest.mark.django_db(transaction=True)
def test_claiming_by_id_uses_the_primary_key_with_many_due_rows():
    account = make_account(make_workspace())
    make_due(account, 300)
    psql("ANALYZE destinations_destination")
    plan = plan_of(
        "SELECT id FROM destinations_destination"
        " WHERE id = ANY(%s) AND claim = %s AND status = 'queued'",
        [[uuid.uuid4()], uuid.uuid4()],
    )

    assert "destinations_destination_pkey" in plan


def test_a_queue_that_no_worker_serves_holds_a_bounded_number_of_messages(account, monkeypatch):
    """However often leases end. Its rows wait in the database, and hold up no other queue."""
    monkeypatch.setattr(enqueue, "FULL_MESSAGES", 4)
    restore_detector.check()
    videos = make_accounts(3, "youtube")
    make_rows(videos, 1, queue="publish.youtube.upload")

    for _ in range(25):
        enqueue.enqueue()
        Destination.objects.exclude(due_at=None).update(due_at=timezone.now())
    text = make_due(account, 1)
    enqueue.enqueue()

    assert len(queued("publish.youtube.upload")) <= 4 + 3
    assert queued("publish.x") == [text]
    enqueue.enqueue()
    assert len(queued("publish.youtube.upload")) == 3, "it has room again"


def test_calls_to_look_are_dropped_once_a_thousand_wait(monkeypatch):
    monkeypatch.setattr(celery_overrides, "MOST_MESSAGES", 5)
    broker = redis_client.client(settings.REDIS_URL)
    broker.delete("dispatch")

    for _ in range(30):
        enqueue.WAKE._send()

    assert broker.llen("dispatch") == 5
    broker.delete("dispatch")


def claimed_seconds_ago(seconds: float) -> None:
    lease = timedelta(seconds=settings.LEASE_SECONDS - seconds)
    Destination.objects.exclude(claim=None).update(due_at=timezone.now() + lease)


@pytest.mark.parametrize("seconds", [2, 9, 17, 49])
def test_a_claim_whose_message_was_taken_and_never_begun_is_sent_again(account, seconds):
    make_due(account, 1)
    enqueue.enqueue()
    claimed_seconds_ago(seconds)
    enqueue.send_lost()
    [taken] = queued("publish.x")

    enqueue.send_lost()

    assert queued("publish.x") == [taken]


@pytest.mark.parametrize("seconds", [0, 5, 14])
def test_what_was_claimed_just_now_or_sent_again_lately_is_not_sent_again(account, seconds):
    make_due(account, 1)
    claims.claim(1)
    claimed_seconds_ago(seconds)

    enqueue.send_lost()

    assert queued("publish.x") == []


def test_what_has_begun_is_not_sent_again(account):
    make_due(account, 1)
    (claimed,) = claims.claim(1)
    execute(Start(*claimed.key))
    claimed_seconds_ago(2)

    enqueue.send_lost()

    assert queued("publish.x") == []


def test_a_few_claims_of_each_workspace_are_sent_again():
    small, big = make_account(make_workspace()), make_account(make_workspace())
    make_due(big, 8)
    make_due(small, 1)
    claims.claim(10)
    claimed_seconds_ago(2)

    enqueue.send_lost()

    assert sum(map(len, queued("publish.x"))) == enqueue.AGAIN + 1


def test_claims_whose_messages_wait_hide_none_that_is_lost_in_another_queue(account):
    make_due(account, 4 * enqueue.AGAIN)
    other = make_account(account.workspace, "mastodon")
    make_due(other, 1)
    enqueue.enqueue()
    [lost] = queued("publish.mastodon")
    claimed_seconds_ago(2)
    later = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS - 1.5)
    Destination.objects.filter(account_number=other.pk).update(due_at=later)
    waiting = redis_client.client(settings.REDIS_URL)
    waiting.rpush("publish.x", "one that waits")

    enqueue.send_lost()

    assert queued("publish.mastodon") == [lost]
    waiting.delete("publish.x")
