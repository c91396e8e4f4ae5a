"""What workers, people, networks and time can do in a game: one method each.

An act that finds nothing to act on does nothing. So the acts drawn for a game need not depend on
what has happened in it, which differs from run to run when two act at once.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.utils import timezone

from destinations import manual_retry as destination_retry
from destinations import resolve
from destinations.accounts import encryption
from destinations.dispatch import enqueue
from destinations.models import Destination
from destinations.runtime.worker import batch
from destinations.state import restore
from posts.composing import compose as composing_compose
from posts.composing.compose import Author, NewPost
from posts.errors import RequestRefused
from posts.models import Post
from tests.destinations.publishing.model_network import Fate, Glance, Network, link
from tests.destinations.publishing.model_worker import Message, Worker
from tests.factories import make_account, make_workspace
from tests.psql import psql

S = Destination.Status
# Rows in one order, as all others lock them.
TIME_PASSES = (
    """
    UPDATE destinations_destination SET due_at = now() - interval '1 second' WHERE id IN (
        SELECT id FROM destinations_destination WHERE due_at IS NOT NULL ORDER BY id FOR UPDATE)
    """,
    """
    UPDATE destinations_attempt SET sent_at = sent_at - interval '1 minute'
    WHERE sent_at IS NOT NULL AND finished_at IS NULL AND destination_id IN (
        SELECT id FROM destinations_destination WHERE due_at IS NOT NULL ORDER BY id FOR UPDATE)
    """,
    "UPDATE posts_post SET scheduled_for = now() - interval '1 second' WHERE scheduled_for > now()",
    """
    UPDATE destinations_account
    SET held_until = NULL, doubt_until = NULL, needs_reconnection_since = NULL
    WHERE id IN (SELECT id FROM destinations_account ORDER BY id FOR UPDATE)
    """,
)


@dataclass(frozen=True)
class Act:
    """One act. `pick` chooses its object, the newest being 0."""

    name: str
    who: int
    pick: int
    fate: Fate
    glance: Glance


class Game:
    def __init__(self, workers: list[Worker]) -> None:
        self.workers = workers
        self.network = Network()
        self.mailbox: list[Message] = []
        self.delivered = 0
        #: How often a person said of a destination that it is not public, and was wrong.
        self.wrong_words: Counter[uuid.UUID] = Counter()
        workspace = make_workspace()
        self._author = Author(workspace.pk, "key:ada")
        self._accounts = [make_account(workspace, name) for name in ("x", "linkedin")]
        self._texts = 0

    def receive(self, *_, args, **__) -> None:
        """Take a message in Celery's place."""
        self.mailbox.append([(uuid.UUID(pk), uuid.UUID(claim)) for pk, claim, *_ in args[0]])

    def start(self, who: int, act: Act) -> "Future[None]":
        """Do it on the connection of this worker, for the worker or for a person."""

        def do() -> None:
            # A person may be told that it cannot be.
            with suppress(RequestRefused, resolve.TooLate, resolve.Taken):
                getattr(self, act.name)(act)

        return self.workers[who].start(do)

    # People

    def compose(self, act: Act) -> None:
        chosen = [account.pk for account in self._accounts[: 1 + act.pick % 2]]
        when = timezone.now() + timedelta(hours=1) if act.pick >= 4 else None
        composing_compose.create(self._author, NewPost(self._text(act.pick), chosen, when=when))

    def edit(self, act: Act) -> None:
        if post := self._post(act.pick):
            composing_compose.edit(self._author, post.pk, {"content": self._text(act.pick)})

    def cancel(self, act: Act) -> None:
        if post := self._post(act.pick):
            composing_compose.cancel(self._author, post.pk)

    def retry(self, act: Act) -> None:
        """A person retries without having looked."""
        if row := self._row(act.pick, status=S.FAILED):
            destination_retry.requeue([row.pk], by="key:ada")

    def insist(self, act: Act) -> None:
        """A person retries what may be public, without having looked."""
        row = self._row(act.pick, status=S.FAILED, error_code=destination_retry.MAY_BE_PUBLIC)
        if row is None:
            return
        with self._saying_not_public(row):
            word = {"confirmed_not_published": True, "seen_attempts": {row.pk: row.attempts}}
            if not destination_retry.requeue([row.pk], by="key:ada", **word).moved:
                raise resolve.TooLate

    def answer(self, act: Act) -> None:
        """A person looks at the network and says what is there."""
        row = self._row(act.pick, status=S.FAILED, error_code=destination_retry.MAY_BE_PUBLIC)
        if row is None:
            return
        known = encryption.unseal(row.checkpoint).get("parts", [])
        seen = self.network.seen(row.account_id, row.draft["text"], len(known))
        if seen and seen[0].stand == "public":
            first = (*known, seen[0].id)[0]
            at = {"link": link(first), "post_id": first, "seen_attempts": row.attempts}
            resolve.confirm_published(row.pk, by="operator:bo", **at)
        else:
            with self._saying_not_public(row):
                resolve.confirm_not_published(row.pk, by="operator:bo", seen_attempts=row.attempts)

    @contextmanager
    def _saying_not_public(self, row: Destination) -> Iterator[None]:
        """Count a wrong word, unless it came too late."""
        is_wrong = self.network.has_taken_in(row.pk)
        # Before the word is given, because a worker may be faster.
        self.wrong_words[row.pk] += is_wrong
        try:
            yield
        except resolve.TooLate:
            self.wrong_words[row.pk] -= is_wrong
            raise

    # Workers

    def deliver(self, act: Act) -> None:
        """A message is repeated, mostly the last one."""
        if self.mailbox:
            message = self.mailbox[-1 - act.pick // 3 % len(self.mailbox)]
            self.workers[act.who].begin(message, self.network)

    def work(self, act: Act) -> None:
        """The worker's next step; without a job it takes a new message, if there is one."""
        worker = self.workers[act.who]
        if worker.journeys:
            worker.go_on(act.pick, act.fate, act.glance)
        elif self.delivered < len(self.mailbox):
            self.delivered += 1
            worker.begin(self.mailbox[self.delivered - 1], self.network)
        elif not enqueue.enqueue():
            self._wait(act)

    def _wait(self, act: Act) -> None:
        if Destination.objects.exclude(due_at=None).exists():
            self.let_time_pass()
            self.network.decide(is_public=act.pick != 0)
        else:
            self.compose(act)

    def work_on(self, act: Act) -> None:
        for _ in range(4):
            self.work(act)

    def record(self, act: Act) -> None:
        self.workers[act.who].record()

    def renew(self, act: Act) -> None:
        self.workers[act.who].renew()

    def die(self, act: Act) -> None:
        self.workers[act.who].die()

    # What else may happen

    def let_time_pass(self, _: Act | None = None) -> None:
        """Everything that waits for a time is due: schedules, retries, leases, lookups, holds."""
        for statement in TIME_PASSES:
            # Starts of several rows may lock them in another order; then one is sent back.
            batch.retry_on_db_loss(partial(psql, statement))

    def let_days_pass(self, _: Act) -> None:
        self.let_time_pass()
        Destination.objects.update(begun_at=timezone.now() - timedelta(hours=49))

    def mark_possibly_published(self, _: Act) -> None:
        """The database is taken for a restored one while workers publish."""
        # As the next tick would.
        batch.retry_on_db_loss(partial(restore.mark_possibly_published, by="beat"))

    def decide(self, act: Act) -> None:
        self.network.decide(is_public=act.pick != 0)

    def _text(self, number: int) -> str:
        self._texts += 1
        return f"Post {self._texts}" + (" in two parts" if number % 3 == 0 else "")

    def _post(self, pick: int) -> Post | None:
        found = list(Post.objects.order_by("-created_at"))
        return found[pick % len(found)] if found else None

    def _row(self, pick: int, **which) -> Destination | None:
        found = list(Destination.objects.filter(**which).order_by("-created_at", "position"))
        return found[pick % len(found)] if found else None
