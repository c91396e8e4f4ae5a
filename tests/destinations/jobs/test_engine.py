"""An engine outlives what its work raises, and says when it cannot work."""

import threading
import time

import pytest
from django.db import OperationalError

from destinations.deleting.deletion_worker import DeletionEngine
from destinations.dispatch import claims, dispatcher, enqueue
from destinations.jobs import engine as engines
from destinations.jobs.engine import Engine, OnePerProcess
from destinations.models import Destination
from destinations.publishing.worker import Publisher, PublishingEngine
from posts.features.webhooks.delivery.engine import DeliveryEngine
from tests.destinations.connected import connect
from tests.factories import make_post
from tests.until import until


class Working(Engine):
    """Does one piece of work after the other, each a function."""

    name = "working"

    def __init__(self, threads: int = 1) -> None:
        self.todo: list = []
        self.flying = 0
        super().__init__(threads)

    @property
    def running(self) -> int:
        return self.flying

    def step(self) -> bool:
        if not self.todo:
            time.sleep(0.01)
            return False
        self.todo.pop(0)()
        return True


@pytest.fixture
def make(monkeypatch, db):
    monkeypatch.setattr(engines, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(engines, "close_old_connections", lambda: None)
    made = []

    def _make(kind=Working, *arguments):
        made.append(kind(*arguments))
        return made[-1]

    yield _make
    for each in made:
        each.flying = 0
        each.stop(10)


def fail(error: BaseException):
    def work():
        raise error

    return work


@pytest.mark.parametrize("error", [TypeError("a bug"), OperationalError("away"), KeyError(1)])
def test_it_goes_on_after_any_exception_of_its_work(make, error):
    done = threading.Event()
    working = make()

    working.todo += [fail(error), done.set]

    assert done.wait(20)
    assert working.is_alive()
    assert engines.broken() == []


def test_one_that_only_fails_is_broken_until_it_works_again(make, monkeypatch):
    monkeypatch.setattr(engines, "BROKEN_AFTER_SECONDS", 0.05)
    working = make()
    monkeypatch.setattr(working, "step", fail(TypeError("a bug")))

    until(lambda: engines.broken() == ["working"])

    monkeypatch.undo()
    until(lambda: engines.broken() == [])


def test_a_database_that_is_away_breaks_none(make, monkeypatch):
    monkeypatch.setattr(engines, "BROKEN_AFTER_SECONDS", 0)
    working, failures = make(), []

    def away() -> bool:
        failures.append(1)
        raise OperationalError("away")

    monkeypatch.setattr(working, "step", away)

    until(lambda: len(failures) > 3)
    assert engines.broken() == []


def test_a_thread_that_has_ended_is_broken_and_started_again_by_who_brings_work(make, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    kept = OnePerProcess(lambda: make(Working, 2))
    working, done = kept.current(), threading.Event()
    working.todo.append(fail(SystemExit()))
    until(lambda: engines.broken() == ["working"])

    assert kept.current() is working
    working.todo.append(done.set)

    assert done.wait(20)
    assert working.is_alive()


def test_stopping_waits_for_what_is_in_flight(make):
    working = make(Working, 2)
    working.flying = 1
    working.stop(0.05)
    assert working.is_alive()

    working.flying = 0
    working.stop()

    assert not working.is_alive()
    assert engines.broken() == []


def test_one_that_has_failed_for_long_does_not_keep_its_worker_from_stopping(make, monkeypatch):
    monkeypatch.setattr(engines, "BROKEN_AFTER_SECONDS", 0)
    working = make()
    working.flying = 1
    monkeypatch.setattr(working, "step", fail(TypeError("a bug")))
    until(lambda: not working.is_alive())

    working.stop(20)

    assert not any(thread.is_alive() for thread in working._threads)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "arguments", "where", "name"),
    [
        (PublishingEngine, (1,), Publisher, "_execute_next"),
        (DeletionEngine, (), DeletionEngine, "step"),
        (DeliveryEngine, (), DeliveryEngine, "step"),
        (dispatcher.Dispatcher, (), enqueue, "claim_and_send"),
    ],
)
def test_a_bug_ends_no_engine_of_a_worker(monkeypatch, kind, arguments, where, name):
    monkeypatch.setattr(engines, "PAUSE_SECONDS", 0.01)
    failed = threading.Event()

    def bug(*_: object, **__: object) -> bool:
        failed.set()
        raise TypeError("a bug")

    running = kind(*arguments)
    try:
        with monkeypatch.context() as broken:
            broken.setattr(where, name, bug)
            if hasattr(running, "wake"):
                running.wake()
            assert failed.wait(20)
        assert running.is_alive()
    finally:
        running.stop(20)


@pytest.mark.django_db(transaction=True)
def test_posts_go_out_after_a_bug_in_the_engine(simulator, monkeypatch):
    monkeypatch.setattr(engines, "PAUSE_SECONDS", 0.01)
    account = connect(simulator, "x")
    post = make_post(account.workspace, [account])
    kept, failures = Publisher._execute_next, [TypeError("a bug")]

    def once(publisher, pass_on):
        if failures:
            raise failures.pop()
        return kept(publisher, pass_on)

    running = PublishingEngine(threads=1)
    monkeypatch.setattr(Publisher, "_execute_next", once)

    running.submit(claims.claim(10))

    until(lambda: post.destinations.get().status == Destination.Status.PUBLISHED)
    assert not failures
    running.stop()
