"""Games in any order of what workers, people, networks and time do, and what must hold in each.

`PROPERTY_SECONDS=600 python -m pytest -q` with a test that plays plays other games, and others each
time, for so long. The suite always plays the same few.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import replace
from unittest import mock

from celery import current_app
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from destinations import manual_retry
from destinations.models import Deletion, Destination, Pause
from destinations.models.deletion import OPEN
from destinations.state import consistency
from posts.composing.consistency import CHECKS as POST_CHECKS
from posts.models import Post
from tests.destinations.publishing.model_game import Act, Game
from tests.destinations.publishing.model_network import Fate, Glance, parts
from tests.destinations.publishing.model_worker import Worker
from tests.psql import psql

SECONDS = float(os.environ.get("PROPERTY_SECONDS", "0"))
#: A failure shows its game, which is not made shorter: two that race do not race so again.
LONG = settings(
    max_examples=10,
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=[Phase.generate],
)
SHORT = settings(LONG, max_examples=8, stateful_step_count=30, derandomize=True)
#: No post begins while a pause holds it.
BEGUN_IN_PAUSE = """
    SELECT d.id FROM destinations_event e JOIN destinations_destination d ON d.id = e.destination_id
    JOIN destinations_pause p ON e.at > p.paused_at AND (e.at < p.resumed_at) IS NOT FALSE
    WHERE e.move = 'start' AND p.scope || ':' || p.target IN ('installation:',
        'network:' || d.platform, 'workspace:' || d.workspace_id, 'account:' || d.account_number)
"""
#: In a game time passes while no tick runs.
UNTIMED = [each for each in consistency.CHECKS if each.name != "not_claimed"]
CHECKED = {each.name: each.sql for each in (*UNTIMED, *POST_CHECKS)}
CHECKED["begun_in_a_pause"] = BEGUN_IN_PAUSE
#: What every check of the database finds, in one statement and so of one moment.
CONTRADICTIONS = " UNION ALL ".join(
    f"SELECT '{name} ' || id FROM ({sql}) wrong" for name, sql in CHECKED.items()
)
EMPTY = """
    TRUNCATE posts_workspace, destinations_outage, destinations_unansweredtry, destinations_pause,
        destinations_busyworker
    CASCADE
"""
S = Destination.Status
FINAL = (S.PUBLISHED, S.FAILED)
#: So often is everything due at the end: more often than all retries and lookups together.
ROUNDS = 40


def acts(names: str) -> st.SearchStrategy[Act]:
    """Acts of these names; `name*3` is three times as likely."""
    weighed = [word.partition("*") for word in names.split()]
    # Most calls go well, or no game would go far. One worker is slow, and so comes back late.
    fates = [*Fate, *[Fate.PUBLISHED] * 6, Fate.ANSWER_LOST, Fate.HELD, Fate.PROCESSING]
    glances = [*Glance, *[Glance.CLEAR] * 3, Glance.CANNOT_TELL]
    return st.builds(
        Act,
        name=st.sampled_from([name for name, _, times in weighed for _ in range(int(times or 1))]),
        who=st.sampled_from([0, 0, 0, 0, 1]),
        pick=st.integers(0, 7),
        fate=st.sampled_from(fates),
        glance=st.sampled_from(glances),
    )


ALONE = """
    work*8 work_on*16 deliver lose record renew die freeze*4 thaw*4 sleep_through*3 take_over*3
    probe delete compose*4 edit cancel retry insist*3 answer delete_published*2 pause resume*3
    reconnect*2 let_time_pass*6 let_days_pass decide live*10
    go_down*2 come_back spoil_account spoil_post repair
"""
FIRST = "work*6 work_on*6 deliver freeze thaw*2"
SECOND = """
    work*6 work_on*6 deliver take_over*3 edit cancel retry insist*2 answer delete_published delete
    pause resume mark_possibly_published
"""
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


class Playing(RuleBasedStateMachine):
    def __init__(self, workers: list[Worker]) -> None:
        super().__init__()
        psql(EMPTY)
        self.game = Game(workers)
        self.history: list[Act | tuple[Act, Act] | str] = []
        self.is_broken = False
        self.broker = mock.patch.object(current_app, "send_task", self.game.receive)
        self.broker.start()
        for number in range(3):
            self.game.compose(replace(HEALTHY, pick=number))

    def _do(self, act: Act) -> None:
        self.history.append(act)
        self.game.start(act.who, act).result()

    # What must hold

    @invariant()
    def nothing_is_public_twice(self):
        network, allowed = self.game.network, self.game.wrong_words
        deleted = network.deletions()
        for (pk, part), count in network.publications().items():
            is_allowed = count <= 1 + allowed[pk] + deleted[pk, part]
            self._check(is_allowed, f"{pk}, part {part}: {count} times")

    @invariant()
    def nothing_is_deleted_for_another(self):
        wrong = self.game.network.wrongly_deleted
        self._check(not wrong, wrong)

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
        """All is repaired, workers are well, time passes: then everything is final and true."""
        game = self.game
        game.network.trouble.repair()
        for pause in Pause.objects.filter(resumed_at=None):
            game.resume(replace(HEALTHY, pick=pause.pk))
        endless = Deletion.objects.filter(status__in=OPEN)
        for _ in range(ROUNDS):
            if not (Destination.objects.exclude(due_at=None).exists() or endless.exists()):
                break
            game.reconnect()
            game.clock.until_last()
            game.live_a_second()
        for row in Destination.objects.all():
            self._check(row.due_at is None, f"{row}: {row.status} {row.error} never ends")
            self._check_true(row)
        self._check(not endless.all(), [each.error for each in endless.all()])
        self.nothing_is_public_twice()
        self.nothing_is_deleted_for_another()
        self.the_database_does_not_contradict_itself()

    def _check_true(self, row: Destination) -> None:
        public = self.game.network.publications()
        is_public = all(public[row.pk, part] for part in range(parts(row.draft["text"])))
        if self.game.wrong_words[row.pk] or row.error_code == manual_retry.MAY_BE_PUBLIC:
            return
        is_settled = row.events.filter(move="confirm_published").exists()
        said = f"{row}: {row.status} {row.error_code}, and public: {is_public}"
        self._check((row.status == S.PUBLISHED) == is_public or is_settled, said)


class AnyOrder(Playing):
    @rule(act=acts(ALONE))
    def one_thing_happens(self, act):
        self._do(act)

    @rule(one=acts(FIRST), other=acts(SECOND))
    def two_things_happen_at_once(self, one, other):
        self.history.append((one, other))
        self.game.is_alone = False
        both = [self.game.start(0, replace(one, who=0)), self.game.start(1, replace(other, who=1))]
        wait(both)
        self.game.is_alone = True
        for each in both:
            each.result()


def play(
    machine: Callable[[], RuleBasedStateMachine], short: settings = SHORT, long: settings = LONG
) -> None:
    """Play the games of the suite, or others for as long as PROPERTY_SECONDS says.

    Time is looked at after each batch of games.
    """
    end_at = time.monotonic() + SECONDS
    run_state_machine_as_test(machine, settings=long if SECONDS else short)
    while time.monotonic() < end_at:
        run_state_machine_as_test(machine, settings=long)
