"""What it costs the database that no post is made twice and none is lost.

A round trip is a statement that a worker waits for. The bare path takes five of them, and without
it nothing could be published at all:

    turn      one claims at a time, so that none takes a lane that another one has just taken
    claim     the row is claimed
    read      it is read, with its account
    succeed   its final move, which writes the event, and closes the attempt while it is at it
    roll up   the post's status

The protection takes two more, and each is a promise that a crash cannot break:

    start     the move to publishing, which opens the attempt, and says so on the post
    send      what is about to be sent is saved, and that it leaves

BEGIN and COMMIT are no statements of ours, and are trips all the same: four transactions (claim,
begin, send, finish) where the bare path has two. Each but the last is durable before the next step.
A checkpoint between two steps is a transaction with one statement more: it is progress that is
worth it. A process says that it is alive when it begins to work, every two seconds of it, and when
it has ended, however much it publishes.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext

from destinations.dispatch import claims as dispatch_claims
from destinations.models import Attempt, Destination
from destinations.publishing import worker
from destinations.runtime import clock
from destinations.state import takeover, transitions
from platforms.drafts import Draft
from tests.destinations.connected import connect
from tests.factories import make_post
from tests.platforms.meta.containers import photo

pytestmark = pytest.mark.django_db(transaction=True)

BARE = ["turn", "claim", "read", "succeed", "roll up"]
PROTECTION = ["start", "send"]
WORDS = {
    "BEGIN": "begin",
    "COMMIT": "commit",
    "SELECT pg_try_advisory_xact_lock": "turn",
    "UPDATE destinations_destination d\n    SET claim = gen_random_uuid()": "claim",
    "FROM unnest": "read",
    '"sending": true': "send",
    '"sending": false': "save",
    "UPDATE posts_post SET status = counted": "roll up",
    "FROM destinations_busyworker WHERE name": "idle",
    "INTO destinations_busyworker": "busy",
}


def word(sql: str) -> str:
    """What a statement does; the statement itself if it is not expected."""
    found = [name for sign, name in WORDS.items() if sign in sql]
    found += [name for name in transitions.MOVES if f", '{name}', status," in sql]
    return found[0] if len(found) == 1 else sql


@contextmanager
def watched(said: list[str]) -> Iterator[None]:
    """All statements, of any thread, while the block runs."""

    def refuse(**_: object) -> None:
        said.append("another connection")

    def listen(execute: Callable, sql: str, values: object, *context: object) -> object:
        # Prepared statements are logged without their values.
        said.extend(word(each) for each in transaction_ends())
        said.append(word(f"{sql} {values}"))
        return execute(sql, values, *context)

    def transaction_ends() -> Iterator[str]:
        """Those since the last statement."""
        every = [query["sql"] for query in connection.queries_log]
        yield from (sql for sql in every[seen[0] :] if sql in ("BEGIN", "COMMIT", "ROLLBACK"))
        seen[0] = len(every)

    seen = [len(connection.queries_log)]
    connection_created.connect(refuse)
    try:
        with CaptureQueriesContext(connection), connection.execute_wrapper(listen):
            yield
            said.extend(word(each) for each in transaction_ends())
    finally:
        connection_created.disconnect(refuse)


def publish(count: int = 1) -> list[list[str]]:
    """Claim what is due and publish it; returns the statements of each transaction."""
    # Asked once a minute, however much is published meanwhile.
    clock.now()
    said: list[str] = []
    began = time.monotonic()
    with watched(said):
        claims = dispatch_claims.claim(100)
        worker.publish(claims)
    assert len(claims) == count
    assert set(Destination.objects.values_list("status", flat=True)) == {"published"}
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"published"}
    beats = said.count("busy")
    assert 1 <= beats <= 1 + (time.monotonic() - began) // takeover.BEAT_SECONDS
    assert said.pop() == "idle"
    said = [each for each in said if each != "busy"]
    spoken = re.findall(r"begin\n(.*?)commit\n", "".join(f"{each}\n" for each in said), re.DOTALL)
    assert sum(len(each.splitlines()) + 2 for each in spoken) == len(said), said
    return [each.splitlines() for each in spoken]


def test_protection_costs_two_round_trips(simulator):
    account = connect(simulator, "x", "77")
    make_post(account.workspace, [account])

    spoken = publish()

    assert spoken == [["turn", "claim"], ["read", "start"], ["send"], ["succeed", "roll up"]]
    whole = Counter(each for words in spoken for each in words)
    assert whole - Counter(BARE) == Counter(PROTECTION)
    assert len(PROTECTION) <= 2


def test_fifty_posts_cost_fewer_statements_than_fifty_single_ones(simulator):
    accounts = [connect(simulator, "x", str(number)) for number in range(100, 150)]
    for account in accounts:
        make_post(account.workspace, [account])

    claimed, *groups = publish(50)

    assert claimed == ["turn", "claim"]
    # Commands that arrive together are executed together, with each statement made once.
    assert all(not Counter(words) - Counter(BARE + PROTECTION) for words in groups), groups
    assert len(groups) < 50
    assert sum(len(words) for words in groups) < 50 * len(PROTECTION)


def test_each_checkpoint_costs_one_more_round_trip(simulator, settings):
    picture = photo(width=640, height=640)
    server = picture.url.removesuffix(picture.key)
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": {"base_url": server}},
    }
    simulator.set("instagram", "processing_seconds", 0)
    account = connect(simulator, "instagram", "178")
    make_post(account.workspace, [account], draft=Draft("Hello", (picture,)))

    spoken = publish()

    assert spoken == [
        ["turn", "claim"],
        ["read", "start"],
        ["save"],  # the container
        ["send"],
        ["save"],  # the post's id, before anything else is asked of it
        ["succeed", "roll up"],
    ]


def test_the_clock_is_asked_once_for_many_posts(simulator):
    account = connect(simulator, "x", "77")
    clock.reset()

    with CaptureQueriesContext(connection) as queries:
        for text in ("One", "Two", "Three"):
            make_post(account.workspace, [account], content=text)
            worker.publish(dispatch_claims.claim(10))

    assert sum("clock_timestamp" in query["sql"] for query in queries) == 1
    assert len(simulator.posts("x")) == 3
