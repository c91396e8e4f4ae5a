"""Posts of one account begin in the order of their due times, one after the other."""

import threading
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from unittest.mock import Mock

import pytest
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from destinations.dispatch import claimed_rows, claims, enqueue
from destinations.models import Account, Attempt, Destination
from destinations.publishing import commands, complete, plan, worker
from destinations.publishing.worker import PublishingEngine
from destinations.runtime import clock
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.destinations.dispatch.test_enqueue import make_due, queued
from tests.destinations.run_command import execute
from tests.factories import make_account, make_post, make_workspace
from tests.posts.at_once import at_once
from tests.psql import plan_of, psql
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)
UPLOAD = "publish.youtube.upload"


class Lanes:
    """What claimers hold and have begun, lane by lane; keeps what must not happen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[object] = set()
        self.begun: dict[object, list[object]] = defaultdict(list)
        self.shared: list[object] = []

    def take(self, claimed: list[claims.Claimed]) -> dict[object, list[claims.Claimed]]:
        """The claims of each lane; about half of them begin."""
        lanes: dict[object, list[claims.Claimed]] = defaultdict(list)
        for row in claimed:
            lanes[row.queue, row.account_id].append(row)
        with self._lock:
            self.shared += lanes.keys() & self._held
            self._held |= lanes.keys()
            for lane, rows in lanes.items():
                self.begun[lane] += [row.id for row in _beginning(rows)]
        return lanes

    def leave(self, lanes: dict[object, list[claims.Claimed]]) -> None:
        """What began ends; the rest is given back, as by a worker that stops."""
        with self._lock:
            self._held -= lanes.keys()
        ended = {row.id for rows in lanes.values() for row in _beginning(rows)}
        left = [row.key for rows in lanes.values() for row in rows if row.id not in ended]
        Destination.objects.filter(pk__in=ended).update(due_at=None, claim=None)
        claims.release(left)

    def out_of_order(self) -> list[object]:
        due = dict(Destination.objects.values_list("pk", "wanted_at"))
        return [lane for lane, ids in self.begun.items() if ids != sorted(ids, key=due.get)]


def _beginning(rows: list[claims.Claimed]) -> list[claims.Claimed]:
    return rows[: 1 + len(rows) // 2]


@pytest.mark.parametrize("look_ahead", [5000, 60])
def test_four_claimers_begin_every_lane_in_order_and_never_share_one(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    accounts = make_accounts(20)
    make_rows(accounts, 12)
    make_rows(accounts[:10], 8, queue=UPLOAD)
    lanes = Lanes()

    def work() -> None:
        sweep = claims.Sweep()
        while Destination.objects.exclude(due_at=None).exists():
            lanes.leave(lanes.take(claims.claim(40, sweep)))

    at_once([work] * 4)

    assert sum(map(len, lanes.begun.values())) == 20 * 12 + 10 * 8
    assert (lanes.shared, lanes.out_of_order()) == ([], [])


def test_two_workers_publish_bursts_of_an_account_one_after_the_other(simulator):
    workspace = make_workspace()
    accounts = [connect(simulator, workspace, platform) for platform in ("x", "threads") * 3]
    for number in range(4):
        make_post(workspace, accounts, content=f"Number {number}")
    # Some are tried again within seconds.
    simulator.fault("threads", call="create_container", status=503, times=3)

    def work() -> None:
        while Destination.objects.exclude(due_at=None).exists():
            worker.publish(claims.claim(5))

    at_once([work] * 2)

    assert set(Destination.objects.values_list("status", flat=True)) == {"published"}
    assert Attempt.objects.count() > 6 * 4
    assert overlaps() == []


def test_a_limit_that_ends_between_two_starts_changes_no_order(simulator, monkeypatch):
    """The claim goes by the database's clock, a start by the process's own."""
    workspace = make_workspace()
    account = connect(simulator, workspace, "x")
    for number in range(2):
        make_post(workspace, [account], content=f"Number {number}")
    claimed = claims.claim(5)
    ends = clock.now()
    Account.objects.update(held_until=ends)
    times = iter([ends - timedelta(milliseconds=5)])
    monkeypatch.setattr(plan.clock, "now", lambda: next(times, ends + timedelta(seconds=1)))

    worker.publish(claimed)
    assert not Attempt.objects.exists()
    worker.publish(claims.claim(5))

    assert [post["text"] for post in simulator.posts()] == ["Number 1", "Number 0"]
    assert overlaps() == []


def connect(simulator, workspace, platform: str) -> Account:
    number = str(70 + Account.objects.count())
    token = simulator.connect(platform, number, username="acme")
    return make_account(
        workspace, platform, token=token, platform_account_id=number, username="acme"
    )


def overlaps() -> list[tuple]:
    """Posts of one account that began before the one before had ended, or out of order."""
    posts = Destination.objects.annotate(
        began=Min("attempt_rows__started_at"), ended=Max("attempt_rows__finished_at")
    )
    rows = posts.order_by("account", "created_at").values_list("account", "began", "ended")
    return [
        (before, after)
        for before, after in pairwise(rows)
        if before[0] == after[0] and before[2] > after[1]
    ]


def test_one_long_file_of_an_account_is_in_flight_beside_its_texts(settings):
    (account,) = make_accounts(1)
    make_rows([account], 3, queue=UPLOAD)
    make_rows([account], 3)

    claimed = claims.claim(100)

    assert sorted(row.queue for row in claimed) == ["publish.x"] * 3 + [UPLOAD]
    assert claims.claim(100) == []
    claims.release([row.key for row in claimed])
    assert {row.id for row in claims.claim(100)} == {row.id for row in claimed}


def test_a_post_to_publish_now_begins_after_older_ones_that_are_due(ada):
    queued("publish.x")  # what other tests left there
    account = make_account(ada.workspace)
    older = make_due(account, 4)

    ada.post("/posts", {"content": "Now", "account_ids": [account.pk]})
    enqueue.enqueue()

    new = Destination.objects.exclude(pk__in=older).get()
    assert [pk for message in queued("publish.x") for pk in message] == [*older, new.pk]


def test_a_quick_retry_keeps_its_accounts_turn(simulator, settings):
    account = connect(simulator, make_workspace(), "x")
    first, second = make_due(account, 2)
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    worker.publish(claims.claim(1))
    row = Destination.objects.get(pk=first)
    assert (row.status, row.next_retry_at is None) == ("publishing", False)

    assert claims.claim(10) == []
    Destination.objects.filter(pk=first).update(due_at=timezone.now())

    assert [row.id for row in claims.claim(10)] == [first, second]


def test_a_retry_that_waits_for_minutes_lets_younger_posts_pass():
    (account,) = make_accounts(1)
    first, second = make_due(account, 2)
    later = timezone.now() + timedelta(minutes=15)
    Destination.objects.filter(pk=first).update(
        status="failed", due_at=later, wanted_at=later, next_retry_at=later
    )

    assert [row.id for row in claims.claim(10)] == [second]


def test_released_posts_keep_their_places():
    (account,) = make_accounts(1)
    ids = make_due(account, 4)
    first = claims.claim(2)

    claims.release([row.key for row in reversed(first)])

    assert [row.id for row in claims.claim(10)] == ids


@pytest.mark.parametrize("look_ahead", [5000, 3])
def test_posts_of_a_dead_worker_keep_their_places(settings, look_ahead):
    settings.CLAIM_LOOK_AHEAD = look_ahead
    (account,) = make_accounts(1)
    ids = make_due(account, 6)
    claims.claim(2)
    Destination.objects.exclude(claim=None).update(due_at=timezone.now())

    assert [row.id for row in claims.claim(4)] == ids[:4]


def test_a_post_that_is_being_edited_keeps_those_behind_it_waiting():
    (account,) = make_accounts(1)
    ids = make_due(account, 3)

    with transaction.atomic():
        Destination.objects.select_for_update().get(pk=ids[1])
        [found] = at_once([lambda: claims.claim(10)])

    assert [row.id for row in found] == ids[:1]


def lane_of(simulator, count: int):
    """Posts of one account that are due, in order."""
    account = connect(simulator, make_workspace(), "x")
    posts = [make_post(account.workspace, [account], content=f"Number {n}") for n in range(count)]
    return [post.destinations.get() for post in posts]


@pytest.fixture
def process():
    """Makes worker processes: each an engine that knows nothing of the others."""
    running: list[PublishingEngine] = []

    def make() -> PublishingEngine:
        running.append(PublishingEngine(threads=1))
        return running[-1]

    yield make
    for each in running:
        each.stop()


def begun(rows) -> list[str]:
    return [Destination.objects.get(pk=row.pk).status for row in rows]


def test_a_message_that_comes_twice_puts_no_two_posts_of_an_account_in_flight(simulator, process):
    rows = lane_of(simulator, 3)
    simulator.fault("x", call="create_post", delay_seconds=1)
    message = claims.claim(10)
    one, two = process(), process()

    one.submit(message)
    until(lambda: begun(rows)[0] == "publishing")
    two.submit(message)
    two.stop()
    assert Attempt.objects.count() == 1

    one.stop()
    assert begun(rows) == ["published", "queued", "queued"]
    one_more = process()
    one_more.submit(claims.claim(10))
    one_more.stop()
    assert begun(rows) == ["published"] * 3
    assert overlaps() == []


def test_a_start_whose_commit_was_not_acknowledged_goes_on_in_its_accounts_turn(
    simulator, process, monkeypatch
):
    rows = lane_of(simulator, 3)
    started = plan.start

    def twice(*asked, **options):
        started(*asked, **options)
        return started(*asked, **options)

    monkeypatch.setattr(plan, "start", twice)
    engine = process()

    engine.submit(claims.claim(10))
    engine.stop()

    assert begun(rows) == ["published"] * 3
    assert [row.attempts for row in Destination.objects.all()] == [1, 1, 1]
    assert overlaps() == []


def test_an_outcome_that_was_recorded_already_lets_nothing_pass_a_quick_retry(
    simulator, process, monkeypatch, settings
):
    rows = lane_of(simulator, 2)
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    recorded = complete.complete

    def twice(asked, by):
        recorded(asked, by)
        return recorded(asked, by)

    monkeypatch.setattr(complete, "complete", twice)
    engine = process()

    engine.submit(claims.claim(10))
    engine.stop()

    first, second = rows
    assert Destination.objects.get(pk=first.pk).next_retry_at
    assert begun([second]) == ["queued"]


def test_a_command_that_crashed_lets_no_later_post_of_the_account_pass(
    simulator, process, monkeypatch
):
    rows = lane_of(simulator, 3)
    monkeypatch.setattr(complete, "complete", Mock(side_effect=TypeError))
    engine = process()

    engine.submit(claims.claim(10))
    engine.stop()

    assert begun(rows) == ["publishing", "queued", "queued"]
    assert Destination.objects.exclude(claim=None).count() == 1


def test_a_start_waits_for_an_earlier_post_of_its_account_that_is_in_flight():
    (account,) = make_accounts(1)
    first, second = make_due(account, 2)
    claimed = {row.id: row for row in claims.claim(10)}

    with pytest.raises(commands.ClaimLost):
        execute(commands.Start(*claimed[second].key))

    row = Destination.objects.get(pk=second)
    assert (row.status, row.claim) == ("queued", None)
    assert execute(commands.Start(*claimed[first].key))


def test_a_start_refuses_a_claim_whose_lease_has_ended():
    (account,) = make_accounts(1)
    make_due(account, 1)
    (claimed,) = claims.claim(10)
    Destination.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(commands.ClaimLost):
        execute(commands.Start(*claimed.key))

    assert Attempt.objects.count() == 0


def test_asking_whose_turn_it_is_reads_nothing_of_other_lanes(monkeypatch):
    """With anything in flight, and with statistics of an empty table or of this one."""
    psql("ANALYZE destinations_destination")
    make_rows(make_accounts(50), 10)
    keys = [row.key for row in claims.claim(500)]
    plans = []

    def explain(sql, values):
        plans.append(plan_of(sql, values))
        return []

    monkeypatch.setattr(claimed_rows.database, "execute_prepared", explain)
    claimed_rows.read(keys[:50])
    psql("ANALYZE destinations_destination")
    claimed_rows.read(keys[:50])

    for found in plans:
        (line,) = (line for line in found.splitlines() if " on destinations_destination e " in line)
        assert "Index Scan using destination_lane" in line
