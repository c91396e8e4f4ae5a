"""A promoted database lacks the last commits: networks are asked before a person is."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import changes
from destinations.dispatch.restoring import lost_history, restore_detector
from destinations.models import Attempt, Destination, Event, Heartbeat
from destinations.publishing.complete import Complete
from destinations.runtime import clock
from destinations.state import consistency
from platforms.checkpoint import Lookalike
from platforms.drafts import Draft
from platforms.errors import Rejected
from platforms.outcomes import Absent, Published
from platforms.registry import ADAPTERS
from tests.destinations.run_command import begin, execute, send, work
from tests.factories import make_account, make_post, make_workspace
from tests.platforms import facts
from tests.platforms.samples import PHOTO
from tests.psql import psql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_tick_so_far")]
S = Destination.Status
MINUTE = timedelta(minutes=1)
THREAD = Draft("Hello", settings={"thread": ["And more"]})
#: The columns of a destination that has not begun.
NOT_BEGUN = {
    "status": S.QUEUED,
    "attempts": 0,
    "checkpoint": "",
    "begun_at": None,
    "published_at": None,
    "platform_post_id": "",
    "platform_post_url": "",
}


@pytest.fixture
def post(simulator, settings):
    """Makes a due destination of an account that the network knows."""
    settings.SIMULATOR_URL = simulator.url

    def make(key: str = "x", draft: Draft | None = None) -> Destination:
        known = facts.connect(simulator, key, str(uuid.uuid4().int)[:12]).account
        account = make_account(
            make_workspace(),
            key,
            token=known.token,
            platform_account_id=known.platform_account_id,
            username=known.username,
            extra=dict(known.extra),
        )
        return make_post(account.workspace, [account], draft=draft).destinations.get()

    return make


def lose(row: Destination, *, is_claimed: bool = False, ago: timedelta = timedelta()) -> None:
    """Set the database back to before the row began, and let a tick notice it."""
    restore_detector.check()
    now, found = clock.now(), Destination.objects.filter(pk=row.pk)
    claim = uuid.uuid4() if is_claimed else None
    values = found.values().get() | NOT_BEGUN | {"claim": claim, "due_at": now}
    # With its attempts and events, which may go in no other way.
    found.delete()
    psql("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    Destination.objects.create(**values)
    if is_claimed:
        Heartbeat.objects.update(database="7/00000001/5/16400", at=now - ago)
    else:
        for _ in range(3):
            restore_detector.check()
        Heartbeat.objects.update(count=1, at=now - ago)
    restore_detector.check()
    row.refresh_from_db()


def age() -> None:
    """Let the last possible call be long ago, and its lookup due."""
    Attempt.objects.update(sent_at=timezone.now() - 6 * MINUTE)
    work()


def moves() -> list[str]:
    return list(Event.objects.order_by("id").values_list("move", flat=True))


@pytest.mark.parametrize("is_claimed", [True, False])
@pytest.mark.parametrize("key", ["x", "linkedin", "threads"])
def test_a_post_that_went_out_in_the_lost_time_is_found(simulator, post, key, is_claimed):
    row = post(key)
    while row.status != S.PUBLISHED:
        work()
        row.refresh_from_db()
    [public] = simulator.posts(key)

    before = clock.now()
    lose(row, is_claimed=is_claimed)
    assert (row.status, row.claim, moves()) == (S.UNCONFIRMED, None, ["look_up_doubtful"])
    assert row.due_at > before + MINUTE, "not before the last call has left"
    work()

    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, public["id"])
    assert len(simulator.posts(key)) == 1
    assert consistency.find(consistency.CHECKS) == []


@pytest.mark.parametrize("key", ["x", "linkedin"])
def test_a_post_that_did_not_go_out_is_sent_once_that_is_proven(simulator, post, key):
    row = post(key)
    lose(row)
    for _ in range(2):
        work()
    assert simulator.posts(key) == [], "a worker of before may still send it"

    age()
    work()

    row.refresh_from_db()
    assert (row.status, row.attempts) == (S.PUBLISHED, 2)
    assert len(simulator.posts(key)) == 1
    assert Attempt.objects.get(number=1).outcome == "not_published"


def test_a_post_that_only_its_container_would_prove_absent_waits_for_a_person(simulator, post):
    row = post("threads")
    lose(row)

    for _ in range(3):
        age()

    row.refresh_from_db()
    assert (row.status, row.error_code, row.due_at) == (S.FAILED, "outcome_unknown", None)
    assert simulator.posts("threads") == []


@pytest.mark.parametrize(
    ("key", "draft"),
    [
        ("x", THREAD),
        ("x", Draft("", (PHOTO,))),
        ("linkedin", Draft("Look", (PHOTO,))),
        ("threads", THREAD),
        ("instagram", Draft("", (PHOTO,))),
        ("instagram", Draft("Look", (PHOTO,), post_type="Story")),
        *((key, Draft("Look", (PHOTO,))) for key in ("facebook", "tiktok", "bluesky", "mastodon")),
    ],
)
def test_what_no_text_and_time_tell_apart_is_not_recalled(key, draft):
    assert ADAPTERS[key].recall(draft, {}, clock.now()) is None


def test_a_post_on_instagram_is_found_without_its_container(simulator):
    drive, draft = facts.connect(simulator, "instagram", "88"), Draft("Look", (PHOTO,))
    published = drive.finish(draft)
    assert isinstance(published, Published)
    drive.checkpoint = dict(drive.adapter.recall(draft, {}, clock.now() - MINUTE))

    found = drive.find(draft, clock.now())
    assert isinstance(found, Published)
    assert found.id == published.id
    other = Draft("Another", (PHOTO,))
    drive.checkpoint = dict(drive.adapter.recall(other, {}, clock.now() - MINUTE))
    assert drive.find(other, clock.now() - timedelta(hours=1)) == Absent(proven=False)


def test_a_post_on_threads_that_two_calls_may_have_made_is_given_to_neither(simulator):
    drive, draft = facts.connect(simulator, "threads", "89"), Draft("Hello")
    drive.fault(call="publish", drop="after", times=1)
    drive.fails(draft)
    other = drive.adapter.recall(draft, {}, clock.now() - MINUTE)
    assert isinstance(drive.find(draft), Published)
    drive.lookalikes = [Lookalike(draft, other, clock.now())]
    drive.checkpoint = dict(other)

    assert not isinstance(drive.find(draft, clock.now()), Published)


def is_withdrawn(row: Destination) -> None:
    """It was changed in the lost time: another text may be public."""
    changes.note({row.post_id: row.wanted_at})
    Destination.objects.update(updated_at=clock.now() - 2 * MINUTE)


def is_thread(row: Destination) -> None:
    Destination.objects.update(draft=THREAD.as_json())


@pytest.mark.parametrize("is_claimed", [True, False])
@pytest.mark.parametrize("stands", [is_withdrawn, is_thread])
def test_what_cannot_be_looked_up_is_for_a_person(simulator, post, stands, is_claimed):
    row = post()
    stands(row)

    lose(row, is_claimed=is_claimed)

    assert (row.status, row.error_code, row.due_at) == (S.FAILED, "outcome_unknown", None)
    work()
    assert simulator.posts("x") == []


@pytest.mark.parametrize("is_claimed", [True, False])
def test_after_a_longer_time_a_person_looks(post, is_claimed):
    row = post()

    lose(row, is_claimed=is_claimed, ago=timedelta(minutes=61))

    assert (row.status, row.error_code) == (S.FAILED, "outcome_unknown")


def test_where_redis_does_not_know_what_was_changed_a_person_looks(post, monkeypatch):
    row = post()
    monkeypatch.setattr(changes, "since", lambda moment: None)

    lose(row, is_claimed=True)

    assert (row.status, row.error_code) == (S.FAILED, "outcome_unknown")


def test_a_restore_that_a_person_declares_is_for_a_person(post):
    """Ticks may have counted since, so the last one does not say what is missing."""
    row = post()
    heartbeat = Heartbeat(pk=1, at=clock.now(), count=1)

    lost_history.doubt(heartbeat, by="operator:ada", redis_knows=True)

    row.refresh_from_db()
    assert (row.status, row.error_code) == (S.FAILED, "outcome_unknown")


@pytest.mark.parametrize("step", [begin, send])
def test_what_had_begun_is_looked_up_by_its_own_attempt(post, step):
    row = post()
    job = step(row)
    restore_detector.check()
    Heartbeat.objects.update(database="7/00000001/5/16400")
    restore_detector.check()

    row.refresh_from_db()
    assert (row.status, row.attempts) == (S.UNCONFIRMED, 1)
    assert Attempt.objects.get().sent_at > clock.now()

    # A worker of before that has the network's answer is believed; nothing else of it is.
    execute(Complete(job, Rejected("No."), {}, answered=True))
    row.refresh_from_db()
    assert row.status == S.UNCONFIRMED
    execute(Complete(job, Published("1876"), {}, answered=True))
    row.refresh_from_db()
    assert (row.status, row.platform_post_id) == (S.PUBLISHED, "1876")
    assert consistency.find(consistency.CHECKS) == []
