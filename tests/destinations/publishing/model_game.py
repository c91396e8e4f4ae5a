"""What workers, people, networks and time can do in a game: one method each.

An act that finds nothing to act on does nothing. So the acts drawn for a game need not depend on
what has happened in it, which differs from run to run when two act at once.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.utils import timezone

from destinations import manual_retry as destination_retry
from destinations import pauses, resolve
from destinations.accounts import encryption
from destinations.dispatch import enqueue
from destinations.models import Account, BusyWorker, Destination, Pause
from destinations.publishing.job import Job
from destinations.runtime.worker import batch
from destinations.state import restore, takeover
from posts.composing import compose as composing_compose
from posts.composing.changes import deletion
from posts.composing.changes.lock import Guard
from posts.composing.compose import Author, NewPost
from posts.errors import RequestRefused
from posts.models import Post
from tests.destinations.publishing import model_network
from tests.destinations.publishing.model_network import Fate, Glance, Network, link
from tests.destinations.publishing.model_time import Clock
from tests.destinations.publishing.model_worker import HELD_UP, Message, Process, Worker
from tests.factories import make_account, make_workspace

S = Destination.Status
Value = TypeVar("Value")
#: The accounts of each workspace. Bluesky's live on many servers.
NETWORKS = (("x", "linkedin", "x"), ("x", "linkedin"), ("linkedin", "x", "bluesky"))
#: How long time may pass: a step, quick tries, a lease, a lookup's pause, a long one, an hour.
PASSES = (1, 3, 16, 61, 301, 901, 3700, 20)
#: At most so many accounts, and so many posts, are bad at once.
MOST_BAD = 2
REFUSALS = (RequestRefused, resolve.TooLate, resolve.Taken, pauses.AlreadyPaused)


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
        self.clock = Clock()
        self.network = Network(self.clock)
        self.workers = workers
        for worker in workers:
            worker.restart(self.network, self.clock)
        self.frozen: list[Process] = []
        self.mailbox: list[Message] = []
        self.delivered = 0
        #: Whether no other act runs beside the present one.
        self.is_alone = True
        #: How often a person said of a destination that it is not public, and was wrong.
        self.wrong_words: Counter[uuid.UUID] = Counter()
        #: The place of each destination in its account's order, in moments of model time.
        self.places: dict[uuid.UUID, datetime] = {}
        self._texts = 0
        self._people = [self._workspace(networks) for networks in NETWORKS]

    def _workspace(self, networks: Sequence[str]) -> tuple[Author, list[Account]]:
        workspace = make_workspace()
        accounts = [make_account(workspace, name) for name in networks]
        return Author(workspace.pk, "key:ada"), accounts

    def receive(self, task: str, args=(), **__) -> None:
        """Take a message in Celery's place. Wake-ups are left out: a lost one does no harm."""
        if task == "destinations.publish":
            self.mailbox.append([(uuid.UUID(pk), uuid.UUID(claim)) for pk, claim, *_ in args[0]])

    def start(self, who: int, act: Act) -> "Future[None]":
        """Do it on the connection of this worker, for the worker or for a person."""

        def do() -> None:
            # A person may be told that it cannot be.
            with suppress(*REFUSALS):
                getattr(self, act.name)(act)

        return self.workers[who].start(do)

    # People

    def compose(self, act: Act) -> None:
        author, accounts = self._people[act.pick % 3]
        chosen = [account.pk for account in accounts[: 1 + act.pick % 2 * 2]]
        when = timezone.now() + timedelta(minutes=act.pick) if act.pick >= 5 else None
        new = NewPost(self._text(act.pick), chosen, when=when)
        self._note_places(post=composing_compose.create(author, new).post.pk)

    def compose_bad(self, act: Act) -> None:
        """A post to which its networks answer with a 5xx."""
        self.compose(act)
        self.spoil_post(replace(act, pick=0))

    def edit(self, act: Act) -> None:
        if post := self._post(act.pick):
            composing_compose.edit(
                self._author_of(post), post.pk, {"content": self._text(act.pick)}
            )
            self._note_places(post=post.pk)

    def cancel(self, act: Act) -> None:
        if post := self._post(act.pick):
            guard = Guard(or_waiting=act.pick % 2 == 0)
            composing_compose.cancel(self._author_of(post), post.pk, guard)

    def delete_published(self, act: Act) -> None:
        """A person deletes a post, and what is public of it on some of its networks."""
        done = (Post.Status.PUBLISHED, Post.Status.PARTIAL, Post.Status.FAILED)
        if post := self._post(act.pick, status__in=done):
            platforms = [row.platform for row in post.destinations.all()][: 1 + act.pick % 3]
            options = deletion.DeletionRequest(platforms, leaves_public=act.pick % 2 == 0)
            deletion.delete(self._author_of(post), post.pk, options)

    def retry(self, act: Act) -> None:
        """A person retries without having looked."""
        if row := self._row(act.pick, status=S.FAILED):
            destination_retry.requeue([row.pk], by="key:ada")
            self._note_places(pk=row.pk)

    def insist(self, act: Act) -> None:
        """A person retries what may be public, without having looked."""
        row = self._row(act.pick, status=S.FAILED, error_code=destination_retry.MAY_BE_PUBLIC)
        if row is None:
            return
        with self._saying_not_public(row):
            word = {"confirmed_not_published": True, "seen_attempts": {row.pk: row.attempts}}
            if not destination_retry.requeue([row.pk], by="key:ada", **word).moved:
                raise resolve.TooLate
        self._note_places(pk=row.pk)

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

    def pause(self, act: Act) -> None:
        account = self._account(act.pick)
        targets = {
            "account": account.pk,
            "workspace": account.workspace_id,
            "network": account.platform,
            "installation": "",
        }
        scope = ["account", "account", "workspace", "network", "installation"][act.pick % 5]
        pauses.pause(scope, targets[scope], by="operator:bo", reason="A game")

    def resume(self, act: Act) -> None:
        if pause := _chosen(Pause.objects.filter(resumed_at=None), act.pick):
            pauses.resume(pause.pk, by="operator:bo")

    def reconnect(self, _: Act | None = None) -> None:
        """The owners of accounts that lost their authorization connect them again."""
        Account.objects.order_by("pk").update(needs_reconnection_since=None)

    # Workers

    def deliver(self, act: Act) -> None:
        """A message is repeated, mostly the last one."""
        if self.mailbox:
            message = self.mailbox[-1 - act.pick // 3 % len(self.mailbox)]
            self.workers[act.who].process.begin(message)

    def lose(self, _: Act) -> None:
        """The next message is lost, or taken by a process that dies with it."""
        self.delivered += self.delivered < len(self.mailbox)

    def work(self, act: Act) -> None:
        """The worker's next step; without a job it takes a new message, if there is one."""
        process = self.workers[act.who].process
        if process.journeys:
            process.go_on(act.pick, act.fate, act.glance)
        elif message := self.next_message():
            process.begin(message)
        elif not enqueue.enqueue() and self.is_alone:
            self._wait(act)

    def next_message(self) -> Message | None:
        if self.delivered == len(self.mailbox):
            return None
        self.delivered += 1
        return self.mailbox[self.delivered - 1]

    def _wait(self, act: Act) -> None:
        if Destination.objects.exclude(due_at=None).exists():
            self.clock.until_next()
            self.network.decide(is_public=act.pick != 0)
        else:
            self.compose(act)

    def work_on(self, act: Act) -> None:
        for _ in range(8):
            self.work(act)

    def record(self, act: Act) -> None:
        self.workers[act.who].process.record()

    def renew(self, act: Act) -> None:
        self.workers[act.who].process.renew()

    def delete(self, act: Act) -> None:
        """A worker deletes what is to go from its network, or dies before it has done so."""
        self.workers[act.who].process.delete(act.fate, dies=act.pick == 7)

    def die(self, act: Act) -> None:
        self.workers[act.who].restart(self.network, self.clock)

    def freeze(self, act: Act) -> None:
        """The process stops with all that it has begun; another one does its work."""
        process = self.workers[act.who].process
        if process.journeys:
            # Best of all right before a call leaves.
            process.go_on(HELD_UP, act.fate, act.glance)
            self.frozen.append(process)
            self.workers[act.who].restart(self.network, self.clock)

    def thaw(self, act: Act) -> None:
        """A frozen process takes a step, and believes what it believed before."""
        self.frozen = [process for process in self.frozen if process.journeys]
        if self.frozen:
            self.frozen[act.pick % len(self.frozen)].go_on(0, act.fate, act.glance)

    def sleep_through(self, act: Act) -> None:
        """A process freezes, is taken for gone, and goes on after others have done its work."""
        before = len(self.frozen)
        if not self.workers[act.who].process.journeys and enqueue.enqueue():
            self.work(act)
        self.freeze(act)
        if len(self.frozen) > before:
            takeover.take_over([self.frozen[-1].name])
            for _ in range(2 + act.pick):
                self.live_a_second()
            self.thaw(replace(act, pick=len(self.frozen) - 1))

    def take_over(self, act: Act) -> None:
        """A process is taken for gone, rightly or not."""
        if worker := _chosen(BusyWorker.objects.order_by("-at"), act.pick):
            batch.retry_on_db_loss(partial(takeover.take_over, [worker.name]))

    def probe(self, _: Act) -> None:
        """The next probe, retry or lookup is due, and what waits for nothing else."""
        self.clock.until_next()
        enqueue.enqueue()

    # What else may happen

    def let_time_pass(self, act: Act) -> None:
        self.clock.later(PASSES[act.pick])

    def let_days_pass(self, _: Act) -> None:
        self.clock.later(49 * 3600)

    def mark_possibly_published(self, _: Act) -> None:
        """The database is taken for a restored one while workers publish."""
        # As the next tick would.
        batch.retry_on_db_loss(partial(restore.mark_possibly_published, by="beat"))

    def decide(self, act: Act) -> None:
        self.network.decide(is_public=act.pick != 0)

    def go_down(self, act: Act) -> None:
        downs, platform = model_network.DOWN, self._account(act.pick).platform
        self.network.trouble.networks[platform] = downs[act.pick % len(downs)]

    def come_back(self, _: Act | None = None) -> None:
        self.network.trouble.networks.clear()

    def spoil_account(self, act: Act) -> None:
        """An account is dead, limited or faulty from now on."""
        fates, account = model_network.BAD_ACCOUNT, self._account(act.pick).pk
        _add(self.network.trouble.accounts, account, fates[act.pick % len(fates)])

    def spoil_post(self, act: Act) -> None:
        """A post has something to which its network answers with a 5xx from now on."""
        if row := self._row(act.pick, status__in=(S.QUEUED, S.PUBLISHING)):
            fates = model_network.BAD_POST
            _add(self.network.trouble.texts, row.draft["text"], fates[act.who % len(fates)])

    def repair(self, _: Act) -> None:
        self.network.trouble.repair()

    # A world that is well

    def live(self, act: Act) -> None:
        for _ in range(1 + 2 * act.pick):
            self.live_a_second()

    def live_a_second(self, on_begin: Callable[[Job], None] = lambda job: None) -> None:
        """Healthy workers do all that they can, a second later."""
        self.clock.later(1)
        for worker in self.workers:
            worker.process.renew()
        while self.network.decide(is_public=True):
            pass
        is_idle = False
        for _ in range(3):
            if not is_idle:
                is_idle = not enqueue.enqueue()
                self._finish(on_begin)
        while self.workers[0].process.delete(Fate.PUBLISHED):
            pass

    def _finish(self, on_begin: Callable[[Job], None]) -> None:
        """Each account's claims one after the other, as `publishing.worker` does."""
        for worker in self.workers:
            worker.process.finish()
        process = self.workers[0].process
        while message := self.next_message():
            for claim in message:
                for job in process.begin([claim]):
                    on_begin(job)
                process.finish()

    # What acts choose from

    def _text(self, number: int) -> str:
        self._texts += 1
        return f"Post {self._texts}" + (" in two parts" if number % 3 == 0 else "")

    def _note_places(self, **which) -> None:
        for row in Destination.objects.filter(**which):
            self.places[row.pk] = self.clock.date(row.wanted_at)

    def _author_of(self, post: Post) -> Author:
        return next(a for a, _ in self._people if a.workspace_id == post.workspace_id)

    def _account(self, pick: int) -> Account:
        return _chosen(Account.objects.order_by("pk"), pick)

    def _post(self, pick: int, **which) -> Post | None:
        return _chosen(Post.objects.filter(**which).order_by("-created_at"), pick)

    def _row(self, pick: int, **which) -> Destination | None:
        rows = Destination.objects.filter(**which)
        return _chosen(rows.order_by("-created_at", "position"), pick)


def _chosen(found, pick: int):
    rows = list(found)
    return rows[pick % len(rows)] if rows else None


def _add(bad: dict[Value, Fate], key: Value, fate: Fate) -> None:
    """Of too many, the first is repaired."""
    bad[key] = fate
    if len(bad) > MOST_BAD:
        del bad[next(iter(bad))]
