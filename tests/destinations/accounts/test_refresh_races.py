"""Refreshes that are concurrent, lost, superseded or killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from destinations.accounts import encryption, refresh, store
from destinations.models import Account, Attempt, Destination
from platforms.oauth import App
from tests.destinations.accounts.refreshed import REAL_COMMITS, S, run, soon, stored
from tests.destinations.accounts.token_server import token_server
from tests.factories import make_account, make_post, make_workspace


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


@REAL_COMMITS
def test_concurrent_refreshes_ask_the_network_once(old, settings):
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()

        def tick():
            try:
                refresh.tick()
            finally:
                connections.close_all()

        # Both have looked at what is due before either has stored an answer.
        threads = [threading.Thread(target=tick) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait(lambda: network.asked)
        time.sleep(0.5)
        network.may_answer.set()
        for thread in threads:
            thread.join(20)

        assert network.asked == ["refresh-0"]
        assert stored(old)["token"] == "access-1"
        assert old.needs_reconnection_since is None


@REAL_COMMITS
def test_a_lost_refresh_is_repeated_once_and_a_refusal_then_counts(old, settings):
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.losing = 1

        refresh.tick()

        assert network.asked == ["refresh-0", "refresh-0"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None


@REAL_COMMITS
def test_lost_answers_do_not_mark_the_account(old, settings):
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.losing = 2

        refresh.tick()

        assert len(network.asked) == 2
        old.refresh_from_db()
        assert old.needs_reconnection_since is None


@REAL_COMMITS
def test_the_previous_pair_is_tried_if_the_newer_one_is_refused(old, settings):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    before = {"token": "access-0", "refresh_token": "refresh-0"}
    Account.objects.update(credentials=encryption.seal({**pair, "previous": before}))
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url

        refresh.tick()

        assert network.asked == ["refresh-9", "refresh-0"]
        assert stored(old)["refresh_token"] == "refresh-2"
        assert old.needs_reconnection_since is None


@REAL_COMMITS
def test_a_refresh_token_that_was_not_rotated_is_not_tried_a_second_time(old, settings):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    sealed = encryption.seal({**pair, "previous": {**pair, "token": "access-8"}})
    Account.objects.update(credentials=sealed)
    with token_server("another") as network:
        settings.SIMULATOR_URL = network.url

        refresh.tick()

        assert network.asked == ["refresh-9"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None


@REAL_COMMITS
def test_a_reconnection_during_a_refresh_wins(old, settings):
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()

        def tick():
            try:
                refresh.tick()
            finally:
                connections.close_all()

        thread = threading.Thread(target=tick)
        thread.start()
        wait(lambda: network.asked)
        sealed = encryption.seal({"token": "mine", "refresh_token": "own"})
        Account.objects.update(credentials=sealed)
        network.may_answer.set()
        thread.join(20)

        assert stored(old) == {"token": "mine", "refresh_token": "own"}


@REAL_COMMITS
def test_a_refused_call_is_committed_before_the_refresh(old, settings):
    Account.objects.update(token_expires_at=None)
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()
        post = make_post(old.workspace, [old])

        def publish():
            try:
                run()
            finally:
                connections.close_all()

        thread = threading.Thread(target=publish)
        thread.start()
        wait(lambda: network.asked)
        attempt = Attempt.objects.get()
        assert attempt.sent_at is not None
        assert attempt.answered_at is not None
        assert attempt.finished_at is None
        network.may_answer.set()
        thread.join(20)

        assert network.posts == ["Hello"]
        assert (post.destinations.get().status, Attempt.objects.count()) == (S.PUBLISHED, 1)


@REAL_COMMITS
def test_a_crash_during_a_refresh_neither_loses_nor_repeats_the_post(old, settings):
    """The answer was lost with the worker, so the owner reconnects; then the post continues."""
    Account.objects.update(token_expires_at=None)
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()
        post = make_post(old.workspace, [old])
        with child(network.url, "worker.publish(claims.claim(9))") as it:
            wait(lambda: network.asked)
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


@REAL_COMMITS
def test_a_crash_before_new_tokens_are_stored_ends_in_a_refusal(old, settings):
    with token_server("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()
        with child(network.url, "refresh.tick()") as it:
            wait(lambda: network.asked)
            with transaction.atomic():
                # The row is ours now, so what the child is about to store has to wait.
                Account.objects.select_for_update().get()
                network.may_answer.set()
                wait(_a_session_waits_for_a_lock)
                it.send_signal(signal.SIGKILL)
                it.wait(20)
        assert stored(old)["refresh_token"] == "refresh-0"
        assert refresh.tick() == 0, "the dead worker's lease still runs"
        end_the_refresh()

        refresh.tick()

        assert network.asked == ["refresh-0", "refresh-0"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None
        assert refresh.tick() == 0


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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def wait(condition, within_seconds=20):
    give_up_at = time.monotonic() + within_seconds
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
