"""Beats and workers: two, three, none; and messages that come twice, late and in any order."""

import base64
import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from platforms.registry import QUEUES
from tests.chaos.ground import TEXT_ALONE, WORKERS, Ground
from tests.chaos.scenario import Scenario

#: Longer than any tick: a destination that still waits has waited for beat alone.
AWAY_SECONDS = 60
#: As deploy/compose.yaml: a process that has not ended by then is killed.
GRACE_SECONDS = 40
#: Held back at every call, so that a worker is told to stop in the middle of its work.
HELD_SECONDS = 4
#: Accounts of each network that the posts share, so that those of one wait for each other.
SHARED = 2
#: So late is each answer of the networks while messages are repeated.
LATE_SECONDS = 0.5
#: How long workers are killed again and again.
KILLED_SECONDS = 30

#: A worker's name has the host before its process id, and chance behind it.
BEGUN = "SELECT count(*) FROM destinations_attempt WHERE worker LIKE '%%:' || %s || ':%%'"
IN_FLIGHT = f"{BEGUN} AND finished_at IS NULL"
#: A program of its own that enqueues as often as it can, and prints how many it has sent.
ENQUEUE = """
import sys, time, django
django.setup()
from destinations.dispatch import enqueue
sent, until = 0, float(sys.argv[1])
while time.time() < until:
    sent += enqueue.enqueue()
print(sent)
"""
#: The claims of a message that came later than this one.
CLAIMS = "SELECT id::text, claim::text FROM destinations_destination WHERE claim IS NOT NULL"
#: What waits in a lane of which nothing is claimed.
WITHOUT_A_CLAIM = """
SELECT FROM destinations_destination
WHERE due_at <= now() AND (queue, account_number) NOT IN (
    SELECT queue, account_number FROM destinations_destination WHERE claim IS NOT NULL)
"""

Messages = list[tuple[str, bytes]]


# Beats


def two_beats(ground: Ground) -> None:
    ground.stack.start("second beat", "beat")
    for name in WORKERS:
        ground.stack.stop(name)
    soon = datetime.now(UTC) + timedelta(seconds=5)
    ground.ask(at=soon)
    both = {ground.stack.pid("beat"), ground.stack.pid("second beat")}
    ground.until("both beats tick", lambda: _who_ticked(ground) == both)
    ground.start_workers()
    ground.ask()
    ground.until("their time has come", lambda: datetime.now(UTC) > soon)
    ground.broken()


def _who_ticked(ground: Ground) -> set[int]:
    """The processes whose ticks wait for a worker: Celery's messages say where they come from."""
    waiting = ground.stack.broker.lrange("dispatch", 0, -1)
    every = [json.loads(raw)["headers"] for raw in waiting]
    origins = [each["origin"] for each in every if each["task"] == "destinations.enqueue_due"]
    return {int(origin.partition("@")[0].removeprefix("gen")) for origin in origins}


def no_beat(ground: Ground) -> None:
    ground.stack.stop("beat")
    away_until = time.monotonic() + AWAY_SECONDS
    ground.ask(in_seconds=5)
    late = ground.own().keys()
    ground.ask(networks=TEXT_ALONE)

    def at_once_is_begun() -> bool:
        at_once = [row for key, row in ground.own().items() if key not in late]
        return all(row.status != "queued" for row in at_once)

    ground.until("what is posted at once is begun without beat", at_once_is_begun)
    ground.pause(max(0.0, away_until - time.monotonic()))
    own = ground.own()
    assert all(own[key].status == "queued" for key in late), "A tick ran although beat is down."
    ground.stack.start("beat")
    ground.broken()
    ground.ask()


# Workers


def three_workers(ground: Ground) -> None:
    """Three workers, two beats and three programs more want the same rows at the same second."""
    ground.start_worker("worker three")
    ground.stack.start("second beat", "beat")
    together = datetime.now(UTC) + timedelta(seconds=12 + 3 * ground.n)
    ground.ask(2 * ground.n, at=together)
    until = str(together.timestamp() + 10)
    with ThreadPoolExecutor(3) as programs:
        racing = [programs.submit(ground.stack.command, "-c", ENQUEUE, until) for _ in range(3)]
        ground.until("the first is begun", lambda: ground.count("publishing", "published"))
        ground.ask()
        sent = [int(each.result().stdout) for each in racing]
    assert sum(count > 0 for count in sent) > 1, f"No race: {sent}"
    workers = ground.stack.rows("SELECT DISTINCT worker FROM destinations_attempt")
    assert len(workers) == len(WORKERS) + 1, f"Not every worker took part: {workers}"


def killed_again_and_again(ground: Ground) -> None:
    ground.ask()
    over_at, struck = time.monotonic() + KILLED_SECONDS, 0
    while time.monotonic() < over_at or not struck:
        ground.start_workers()
        with suppress(AssertionError):
            ground.until("a worker is at work", lambda: _is_at_work(ground), 15)
        ground.pause(ground.rng.uniform(0, 1.5))
        struck += ground.count("publishing")
        for name in WORKERS:
            ground.stack.kill(name)
        ground.broken()
        ground.ask(1)
    ground.start_workers()
    ground.back()


def _is_at_work(ground: Ground) -> bool:
    """Whether a worker that runs has begun a post; what the dead have left says nothing of it."""
    pids = [str(ground.stack.pid(name)) for name in WORKERS]
    return any(ground.stack.rows(BEGUN, pid)[0][0] for pid in pids)


def told_to_stop(ground: Ground) -> None:
    _ask_slowly(ground)
    ground.broken()
    begun = time.monotonic()
    ground.stack.stop(WORKERS[0])
    took = time.monotonic() - begun
    assert took < GRACE_SECONDS, f"It took {took:.0f} s to stop."
    ground.mend()
    ground.ask()
    ground.start_workers()


def told_and_killed(ground: Ground) -> None:
    _ask_slowly(ground)
    ground.stack.signal(WORKERS[0], signal.SIGTERM)
    ground.pause(2)
    assert ground.stack.is_running(WORKERS[0]), "It has stopped already: nothing is proven."
    ground.stack.kill(WORKERS[0])
    ground.broken()
    ground.mend()
    ground.ask()
    ground.start_workers()


def _ask_slowly(ground: Ground) -> None:
    """Posts whose every call takes its time; returns when worker one has some of them."""
    for network in ground.networks:
        ground.fault(network, delay_seconds=HELD_SECONDS)
    ground.ask()
    pid = str(ground.stack.pid(WORKERS[0]))
    ground.until("worker one is at work", lambda: ground.stack.rows(IN_FLIGHT, pid)[0][0])


# Messages


def repeated(ground: Ground) -> None:
    """Every message four times before it is taken, again while it is worked off, and afterwards."""
    ground.share(SHARED)
    for name in WORKERS:
        ground.stack.stop(name)
    ground.start_worker("dispatcher", ["dispatch"])
    # Together, so that a message has several posts of an account.
    together = datetime.now(UTC) + timedelta(seconds=8 + 2 * ground.n)
    ground.ask(max(1, ground.n // 2), at=together - timedelta(seconds=0.1))
    ground.ask(at=together)
    messages = _all_messages(ground)
    for network in ground.networks:
        ground.fault(network, delay_seconds=LATE_SECONDS)
    _push(ground, messages * 3)
    ground.broken()
    ground.start_workers()
    ground.until("the first is public", ground.public)
    _push(ground, messages * 2)
    ground.settle()
    _push(ground, messages * 2)
    ground.until("the repeats are taken", lambda: not _read(ground))


def late(ground: Ground) -> None:
    """Messages arrive when their leases are over and others have the claims."""
    ground.share(SHARED)
    for name in WORKERS:
        ground.stack.stop(name)
    ground.start_worker("dispatcher", ["dispatch"])
    together = datetime.now(UTC) + timedelta(seconds=8 + ground.n)
    ground.ask(at=together)
    held = _all_messages(ground)
    for queue in QUEUES:
        ground.stack.broker.delete(queue)
    old = dict(claim for _, message in held for claim in _claims(message))
    claimed = ground.stack.rows(CLAIMS)
    assert len(old) == len(claimed), "Some messages were not held back."

    def all_claimed_again() -> bool:
        new: dict[str, str] = dict(ground.stack.rows(CLAIMS))
        return all(new.get(row, claim) != claim for row, claim in old.items())

    ground.until("all are claimed again", all_claimed_again, 300)
    ground.broken()
    _push(ground, held, first=True)
    ground.start_workers()
    ground.until("the first is public", ground.public)
    _push(ground, held)
    ground.ask()


def _all_messages(ground: Ground) -> Messages:
    """Every message, once each lane of what is due has a claim, and each claim a message."""
    ground.until("posts are due", lambda: ground.stack.rows(CLAIMS))
    ground.until("each lane has a claim", lambda: not ground.stack.rows(WITHOUT_A_CLAIM))

    def have_messages() -> Messages | None:
        found = _read(ground)
        sent = {claim for _, message in found for claim in _claims(message)}
        return found if sent == set(ground.stack.rows(CLAIMS)) else None

    found: Messages = ground.until("each claim has a message", have_messages)
    return found


def _read(ground: Ground) -> Messages:
    """Every message that waits for a worker, with its queue; they stay there."""
    broker = ground.stack.broker
    return [(queue, raw) for queue in QUEUES for raw in broker.lrange(queue, 0, -1)]


def _push(ground: Ground, messages: Messages, *, first: bool = False) -> None:
    """Send them in random order, behind or before what waits."""
    shuffled = ground.rng.sample(messages, len(messages))
    for queue, raw in shuffled:
        # Workers take from the right.
        (ground.stack.broker.rpush if first else ground.stack.broker.lpush)(queue, raw)


def _claims(message: bytes) -> list[tuple[str, str]]:
    """The (id, claim) pairs of one message, as Celery wraps its arguments."""
    body = json.loads(base64.b64decode(json.loads(message)["body"]))
    return [(row, claim) for row, claim, *_ in body[0][0]]


SCENARIOS = [
    Scenario("two-beats", "Two beats may run at the same time.", two_beats),
    Scenario(
        "no-beat",
        "Without beat what is posted at once goes out; what is scheduled is late, and goes out "
        "once beat is back.",
        no_beat,
    ),
    Scenario(
        "three-workers",
        "Many workers, beats and programs may want the same rows at the same moment.",
        three_workers,
        # Small bites, so that many claims are made at the same moment.
        env={"CLAIM_LIMIT": "5", "MESSAGE_DESTINATIONS": "2"},
    ),
    Scenario(
        "killed-again-and-again",
        "Every worker may die again and again while posts keep coming.",
        killed_again_and_again,
    ),
    Scenario(
        "told-to-stop", "A worker may be told to stop in the middle of its work.", told_to_stop
    ),
    Scenario(
        "told-and-killed",
        "A worker that is told to stop may be killed before it has ended.",
        told_and_killed,
    ),
    Scenario(
        "repeated-messages",
        "Messages may be delivered many times, in any order, even after their work is done.",
        repeated,
        keeps_order=True,
    ),
    Scenario(
        "late-messages",
        "A message may be delivered after its lease, when others have the claims.",
        late,
        keeps_order=True,
    ),
]
