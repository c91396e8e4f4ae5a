"""Refreshes that are concurrent, lost, superseded or killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from destinations.accounts import encryption, refresh, store
from destinations.models import Account, Attempt, Destination
from platforms.oauth import App
from tests.destinations.accounts.refreshed import S, soon, stored
from tests.destinations.accounts.token_server import TokenServer, token_server
from tests.destinations.run_command import run
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql
from tests.until import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old(settings) -> Account:
    """An account whose refresh token is `refresh-0`, due to be refreshed."""
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    account = make_account(
        make_workspace(), "x", login="x", is_refreshable=True, token_expires_at=soon()
    )
    account.credentials = encryption.seal({"token": "access-0", "refresh_token": "refresh-0"})
    account.save()
    return account


@pytest.fixture
def network(old, settings) -> Iterator[TokenServer]:
    """It takes the account's refresh token."""
    with token_server("refresh-0") as server:
        settings.SIMULATOR_URL = server.url
        yield server


@contextmanager
def until_asked(network: TokenServer, *works: Callable[[], object]) -> Iterator[None]:
    """Begin this, each on a connection of its own; the network answers after the block."""

    def run_apart(work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connections.close_all()

    network.may_answer.clear()
    threads = [threading.Thread(target=run_apart, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    until(lambda: network.asked)
    try:
        yield
    finally:
        network.may_answer.set()
        for thread in threads:
            thread.join(20)


def must_be_reconnected(account: Account) -> bool:
    account.refresh_from_db()
    return account.needs_reconnection_since is not None


def test_concurrent_refreshes_ask_the_network_once(old, network):
    # Both have looked at what is due before either has stored an answer.
    with until_asked(network, refresh.tick, refresh.tick):
        time.sleep(0.5)

    assert network.asked == ["refresh-0"]
    assert stored(old)["token"] == "access-1"
    assert old.needs_reconnection_since is None


@pytest.mark.parametrize(("losing", "refused"), [(1, True), (2, False)])
def test_a_lost_refresh_is_repeated_once_and_only_a_refusal_then_counts(
    old, network, losing, refused
):
    network.losing = losing

    refresh.tick()

    assert network.asked == ["refresh-0", "refresh-0"]
    assert must_be_reconnected(old) is refused


def test_the_previous_pair_is_tried_if_the_newer_one_is_refused(old, network):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    before = {"token": "access-0", "refresh_token": "refresh-0"}
    Account.objects.update(credentials=encryption.seal({**pair, "previous": before}))

    refresh.tick()

    assert network.asked == ["refresh-9", "refresh-0"]
    assert stored(old)["refresh_token"] == "refresh-2"
    assert old.needs_reconnection_since is None


def test_a_refresh_token_that_was_not_rotated_is_not_tried_a_second_time(old, network):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    sealed = encryption.seal({**pair, "previous": {**pair, "token": "access-8"}})
    Account.objects.update(credentials=sealed)

    refresh.tick()

    assert network.asked == ["refresh-9"]
    assert must_be_reconnected(old)


def test_a_reconnection_during_a_refresh_wins(old, network):
    with until_asked(network, refresh.tick):
        sealed = encryption.seal({"token": "mine", "refresh_token": "own"})
        Account.objects.update(credentials=sealed)

    assert stored(old) == {"token": "mine", "refresh_token": "own"}


def test_a_refused_call_is_committed_before_the_refresh(old, network):
    Account.objects.update(token_expires_at=None)
    post = make_post(old.workspace, [old])
    with until_asked(network, run):
        attempt = Attempt.objects.get()
        assert attempt.sent_at is not None
        assert attempt.answered_at is not None
        assert attempt.finished_at is None

    assert network.posts == ["Hello"]
    assert (post.destinations.get().status, Attempt.objects.count()) == (S.PUBLISHED, 1)


def test_a_crash_during_a_refresh_neither_loses_nor_repeats_the_post(old, network):
    """The answer was lost with the worker, so the owner reconnects; then the post continues."""
    Account.objects.update(token_expires_at=None)
    network.may_answer.clear()
    post = make_post(old.workspace, [old])
    with child(network.url, "worker.publish(claims.claim(9))") as it:
        until(lambda: network.asked)
        it.send_signal(signal.SIGKILL)
        it.wait(20)
    network.may_answer.set()
    Destination.objects.update(due_at=timezone.now())
    end_the_refresh()

    run()

    destination = post.destinations.get()
    assert destination.error_code == "account_needs_reconnection"
    assert (network.posts, network.asked) == ([], ["refresh-0", "refresh-0"])
    sealed = encryption.seal({"token": "access-1", "refresh_token": "refresh-1"})
    Account.objects.update(credentials=sealed, needs_reconnection_since=None)
    store.retry_missed([old], by="operator:ada")
    # No worker reads its queue here.
    Destination.objects.update(due_at=timezone.now())
    run()
    assert network.posts == ["Hello"]


def test_a_crash_before_new_tokens_are_stored_loses_none(old, network):
    network.may_answer.clear()
    with child(network.url, "refresh.tick()") as it:
        until(lambda: network.asked)
        with transaction.atomic():
            # The row is ours now, so what the child is about to store has to wait.
            Account.objects.select_for_update().get()
            network.may_answer.set()
            until(_a_session_waits_for_a_lock)
            it.send_signal(signal.SIGKILL)
            it.wait(20)
    assert stored(old)["refresh_token"] == "refresh-0"
    assert refresh.tick() == 0, "the dead worker's lease still runs"
    end_the_refresh()

    refresh.tick()

    assert network.asked == ["refresh-0"]
    assert stored(old)["refresh_token"] == "refresh-1"
    assert not must_be_reconnected(old)


def end_the_refresh() -> None:
    """End the lease of a refresh. Well past, because a process's time of the database may be late
    by as long as the database took to answer."""
    Account.objects.update(refresh_until=timezone.now() - timedelta(seconds=10))


@contextmanager
def child(network_url: str, does: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process on the same database, which ends with the test."""
    imports = (
        "import django; django.setup(); from destinations.accounts import refresh;"
        "from destinations.dispatch import claims; from destinations.publishing import worker"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", f"{imports}; {does}"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": _same_database(),
            "SIMULATOR_URL": network_url,
            "X_CLIENT_ID": "app",
            "X_CLIENT_SECRET": "secret",
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def _same_database() -> str:
    address, _, options = os.environ["DATABASE_URL"].partition("?")
    name = connection.settings_dict["NAME"]
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")


def _a_session_waits_for_a_lock() -> bool:
    return bool(
        psql(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )[0][0]
    )
