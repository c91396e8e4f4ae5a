"""Never twice, never lost, never reported wrongly, in any order of what workers and people do.

Two workers and a person, each with a database connection of their own, do what the product's own
functions let them do, now and then at the same moment, with a network that never lies. After every
step nothing may be public twice unless a person who was wrong asked for it, and the database must
not contradict itself. At the end a healthy worker brings everything to a final, true state.

The suite always plays the same few games. `PROPERTY_SECONDS=600 python -m pytest -q` with this file
plays others, and others each time, for so long.
"""

import os
import time
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace
from unittest import mock

import pytest
from celery import current_app
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from destinations import manual_retry
from destinations.models import Destination
from destinations.state import consistency
from posts.composing.consistency import CHECKS as POST_CHECKS
from posts.models import Post
from tests.destinations.publishing.model_game import Act, Game
from tests.destinations.publishing.model_network import Fate, Glance, parts
from tests.destinations.publishing.model_worker import Worker
from tests.psql import psql

SECONDS = float(os.environ.get("PROPERTY_SECONDS", "0"))
LONG = settings(max_examples=20, stateful_step_count=50, deadline=None, database=None)
SHORT = settings(LONG, max_examples=10, stateful_step_count=30, derandomize=True)
#: What every check of the database finds, in one statement and so of one moment.
CONTRADICTIONS = " UNION ALL ".join(
    f"SELECT '{check.name} ' || id FROM ({check.sql}) wrong"
    for check in (*consistency.CHECKS, *POST_CHECKS)
)
S = Destination.Status
FINAL = (S.PUBLISHED, S.FAILED)
#: So often is everything due at the end: more often than all retries and lookups together.
ROUNDS = 40


def acts(**weights: int) -> st.SearchStrategy[Act]:
    """Acts of these names, each as often as its weight says."""
    names = [name for name, weight in weights.items() for _ in range(weight)]
    # Most calls go well, or no game would go far. One worker is slow, and so comes back late.
    fates = [*Fate, *[Fate.PUBLISHED] * 3, Fate.ANSWER_LOST, Fate.HELD, Fate.PROCESSING]
    glances = [*Glance, *[Glance.CLEAR] * 3, Glance.CANNOT_TELL]
    return st.builds(
        Act,
        name=st.sampled_from(names),
        who=st.sampled_from([0, 0, 0, 0, 1]),
        pick=st.integers(0, 7),
        fate=st.sampled_from(fates),
        glance=st.sampled_from(glances),
    )


WORKERS = {"work": 6, "work_on": 5, "deliver": 1, "record": 1, "renew": 1, "die": 1}
PEOPLE = {"compose": 1, "edit": 1, "cancel": 1, "retry": 1, "insist": 3, "answer": 1}
WORLD = {"let_time_pass": 6, "let_days_pass": 1, "decide": 1, "mark_possibly_published": 1}
#: What a worker does that is well, with a network that is.
HEALTHY = Act("work", 0, 0, Fate.PUBLISHED, Glance.CLEAR)


def says(statuses: set[str]) -> set[str]:
    """What a post may say whose destinations are in these statuses, before or after its time."""
    if statuses & {S.PUBLISHING, S.UNCONFIRMED}:
        return {"publishing"}
    if S.QUEUED in statuses:
        return {"publishing", "scheduled"} if statuses == {S.QUEUED} else {"publishing"}
    if statuses == {S.PUBLISHED, S.FAILED}:
        return {"partial"}
    return {"failed"} if S.FAILED in statuses else {"published"}


class AnyOrder(RuleBasedStateMachine):
    def __init__(self, workers: list[Worker]) -> None:
        super().__init__()
        for worker in workers:
            worker.die()
        psql("TRUNCATE posts_workspace CASCADE")
        self.game = Game(workers)
        self.history: list[Act | tuple[Act, Act]] = []
        self.is_broken = False
        self.broker = mock.patch.object(current_app, "send_task", self.game.receive)
        self.broker.start()
        self.game.compose(HEALTHY)

    @rule(act=acts(**WORKERS, **PEOPLE, **WORLD))
    def one_thing_happens(self, act):
        self.history.append(act)
        self.game.start(act.who, act).result()

    @rule(
        one=acts(work=3, deliver=1),
        other=acts(
            work=2,
            deliver=1,
            edit=1,
            cancel=1,
            retry=1,
            insist=2,
            answer=1,
            mark_possibly_published=1,
        ),
    )
    def two_things_happen_at_once(self, one, other):
        self.history.append((one, other))
        both = [self.game.start(0, replace(one, who=0)), self.game.start(1, replace(other, who=1))]
        wait(both)
        for each in both:
            each.result()

    # What must hold

    @invariant()
    def nothing_is_public_twice(self):
        for (pk, part), count in self.game.network.publications().items():
            self._check(count <= 1 + self.game.wrong_words[pk], f"{pk}, part {part}: {count} times")

    @invariant()
    def the_database_does_not_contradict_itself(self):
        found = consistency.ids(CONTRADICTIONS)
        self._check(not found, found)

    @invariant()
    def every_post_says_what_its_destinations_say(self):
        for post in Post.objects.prefetch_related("destinations"):
            statuses = {row.status for row in post.destinations.all()}
            self._check(post.status in says(statuses), f"{post}: {post.status} with {statuses}")

    @invariant()
    def what_is_not_final_has_a_clock(self):
        without = Destination.objects.filter(due_at=None)
        lost = without.exclude(status__in=FINAL) | without.exclude(next_retry_at=None)
        self._check(not lost, list(lost))

    def _check(self, holds: bool, otherwise: object) -> None:
        """With the whole game, because what depends on who was faster is not played again."""
        if not holds:
            self.is_broken = True
            raise AssertionError(f"{otherwise} after {self.history}")

    # The end

    def teardown(self):
        try:
            if not self.is_broken:
                self._run_off()
        finally:
            self.broker.stop()

    def _run_off(self) -> None:
        """Workers are well, networks decide, time passes: then everything is final and true."""
        for _ in range(ROUNDS):
            if not Destination.objects.exclude(due_at=None).exists():
                break
            self.game.let_time_pass()
            self.game.network.decide(is_public=True)
            self.game.start(0, HEALTHY).result()
            while self.game.workers[0].journeys or self.game.delivered < len(self.game.mailbox):
                self.game.start(0, HEALTHY).result()
        for row in Destination.objects.all():
            self._check(row.due_at is None, f"{row}: {row.status} {row.error} never ends")
            self._check_true(row)
        self.nothing_is_public_twice()
        self.the_database_does_not_contradict_itself()

    def _check_true(self, row: Destination) -> None:
        public = self.game.network.publications()
        is_public = all(public[row.pk, part] for part in range(parts(row.draft["text"])))
        if self.game.wrong_words[row.pk] or row.error_code == manual_retry.MAY_BE_PUBLIC:
            return
        is_settled = row.events.filter(move="confirm_published").exists()
        said = f"{row}: {row.status} {row.error_code}, and public: {is_public}"
        self._check((row.status == S.PUBLISHED) == is_public or is_settled, said)


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    two = [Worker("a"), Worker("b")]
    yield two
    for worker in two:
        worker.close()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_published_twice_or_lost_or_reported_wrongly(workers):
    end_at = time.monotonic() + SECONDS
    run_state_machine_as_test(lambda: AnyOrder(workers), settings=LONG if SECONDS else SHORT)
    while time.monotonic() < end_at:
        run_state_machine_as_test(lambda: AnyOrder(workers), settings=LONG)
