"""Tokens end; accounts do not."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from destinations import accounts, due, logins, publishing, refreshing, vault
from destinations.models import Account, Attempt, Destination, Event
from platforms.drafts import Draft, Media
from platforms.oauth import App
from platforms.x.oauth import XOAuth
from tests.config.closed import closed_port
from tests.destinations.clerk import clerk
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.driver import video

S = Destination.Status
ANY_DATABASE = pytest.mark.django_db
REAL_COMMITS = pytest.mark.django_db(transaction=True)


def run():
    publishing.publish(due.claim(100))


def stored(account):
    account.refresh_from_db()
    return vault.unseal(account.credentials)


def soon():
    return timezone.now() + timedelta(minutes=1)


@pytest.fixture
def app(simulator, settings) -> App:
    """X is set up on this installation."""
    back = f"{settings.PUBLIC_URL}/connect/x/return"
    app = App(*simulator.app("x", back))
    settings.PLATFORM_APPS = {"x": app}
    return app


@pytest.fixture
def account(simulator, app, db) -> Account:
    """An X account that was connected by its owner, with tokens that end."""
    simulator.connect("x", "77", username="acme")
    login = logins.usable("x")
    address = login.oauth.authorize_url(app, login.redirect_uri, "s", "v" * 64)
    location = simulator.consent(logins.resolve(address), "77")
    [code] = parse_qs(urlsplit(location).query)["code"]
    given = logins.ask(
        login, lambda http: login.oauth.exchange(app, code, login.redirect_uri, "v" * 64, http)
    )
    account = make_account(
        make_workspace(),
        "x",
        platform_account_id="77",
        username="acme",
        login="x",
        token_expires_at=given.expires_at,
        is_refreshable=True,
    )
    account.credentials = vault.seal({"token": given.access, "refresh_token": given.refresh})
    account.save()
    return account


@pytest.fixture
def old(settings) -> Account:
    """An account whose refresh token is `refresh-0`, due to be refreshed."""
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    account = make_account(
        make_workspace(), "x", login="x", is_refreshable=True, token_expires_at=soon()
    )
    account.credentials = vault.seal({"token": "access-0", "refresh_token": "refresh-0"})
    account.save()
    return account


@ANY_DATABASE
def test_the_clock_refreshes_what_ends_soon_and_nothing_else(simulator, account):
    before = stored(account)
    assert refreshing.tick() == 0

    Account.objects.update(token_expires_at=soon())
    assert refreshing.tick() == 1

    after = stored(account)
    assert after["token"] != before["token"]
    assert after["previous"] == before
    assert account.token_expires_at > timezone.now() + timedelta(minutes=100)
    assert account.token_refreshed_at is not None
    assert (account.refresh_claim, account.refresh_until) == (None, None)
    assert refreshing.tick() == 0
    make_post(account.workspace, [account])
    run()
    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"needs_reconnection_since": timezone.now()}, {"is_refreshable": False}],
)
def test_the_clock_leaves_accounts_alone_that_it_cannot_help(account, fields):
    Account.objects.update(token_expires_at=soon(), **fields)

    assert refreshing.tick() == 0


@ANY_DATABASE
def test_a_token_that_ends_soon_is_refreshed_before_it_is_used(simulator, account):
    before = stored(account)
    Account.objects.update(token_expires_at=soon())
    make_post(account.workspace, [account])

    run()

    assert stored(account)["token"] != before["token"]
    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
def test_a_token_that_ended_in_the_middle_of_a_publish_is_refreshed_and_the_publish_goes_on(
    simulator, account
):
    simulator.fault("x", call="create_post", status=401, times=1)
    before = stored(account)
    post = make_post(account.workspace, [account])

    run()

    destination = post.destinations.get()
    [public] = simulator.posts("x")
    assert (destination.status, destination.attempts) == (S.PUBLISHED, 1)
    assert destination.platform_post_id == public["id"]
    assert stored(account)["previous"] == before
    assert account.needs_reconnection_since is None
    assert [event.move for event in Event.objects.order_by("id")] == ["start", "succeed"]
    attempt = Attempt.objects.get()
    assert attempt.sent_at <= attempt.answered_at


@ANY_DATABASE
def test_a_publish_is_repeated_once_and_no_more(simulator, account):
    simulator.fault("x", call="create_post", status=401)
    post = make_post(account.workspace, [account])

    run()

    account.refresh_from_db()
    assert post.destinations.get().error_code == "account_needs_reconnection"
    assert account.needs_reconnection_since is not None
    assert simulator.posts("x") == []


@ANY_DATABASE
def test_a_lost_answer_is_not_repeated_with_new_tokens(simulator, account):
    simulator.fault("x", call="create_post", drop="after", times=1)
    simulator.fault("x", call="get_post", status=401)
    post = make_post(account.workspace, [account])

    run()

    assert post.destinations.get().status == S.UNCONFIRMED
    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
def test_a_look_up_with_a_dead_token_is_made_again_with_a_new_one(simulator, account):
    simulator.fault("x", call="create_post", drop="after", times=1)
    post = make_post(account.workspace, [account])
    run()
    simulator.advance(7201)
    Destination.objects.update(due_at=timezone.now())

    run()

    destination = post.destinations.get()
    assert (destination.status, len(simulator.posts("x"))) == (S.PUBLISHED, 1)


@ANY_DATABASE
def test_a_refused_refresh_fails_what_is_due_at_once_and_is_not_asked_again(simulator, account):
    account.credentials = vault.seal({"token": "dead", "refresh_token": "dead"})
    account.save()
    first, second = (make_post(account.workspace, [account]) for _ in range(2))

    run()

    account.refresh_from_db()
    assert account.needs_reconnection_since is not None
    for post in (first, second):
        destination = post.destinations.get()
        assert (destination.status, destination.next_retry_at) == (S.FAILED, None)
        assert destination.error_code == "account_needs_reconnection"
    assert second.destinations.get().attempts == 0
    assert refreshing.tick() == 0


@ANY_DATABASE
def test_a_network_that_is_away_says_nothing_about_the_account(account, settings):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{closed_port()}"
    Account.objects.update(token_expires_at=soon())
    before = stored(account)

    assert refreshing.tick() == 1

    assert stored(account) == before
    assert account.needs_reconnection_since is None
    assert account.refresh_claim is None
    assert account.refresh_until > timezone.now() + timedelta(seconds=60)
    assert refreshing.tick() == 0


@ANY_DATABASE
def test_a_pause_of_the_clock_does_not_keep_a_publish_from_refreshing(simulator, account):
    Account.objects.update(refresh_until=soon())
    simulator.fault("x", call="create_post", status=401, times=1)
    make_post(account.workspace, [account])

    run()

    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
def test_an_app_that_is_refused_is_the_operators_business(simulator, account, app, settings):
    settings.PLATFORM_APPS = {"x": App(app.client_id, "wrong")}
    simulator.advance(7201)
    post = make_post(account.workspace, [account])

    run()

    account.refresh_from_db()
    destination = post.destinations.get()
    assert account.needs_reconnection_since is None
    assert (destination.status, destination.error_code) == (S.PUBLISHING, "app_refused")
    assert destination.next_retry_at is not None


@ANY_DATABASE
def test_an_installation_without_the_app_says_what_is_missing(simulator, account, settings):
    settings.PLATFORM_APPS = {}
    simulator.advance(7201)
    post = make_post(account.workspace, [account])

    run()

    destination = post.destinations.get()
    assert destination.error_code == "app_refused"
    assert "X_CLIENT_ID" in destination.error
    account.refresh_from_db()
    assert account.needs_reconnection_since is None


@ANY_DATABASE
def test_no_token_is_told_to_anybody(simulator, account, caplog, capsys):
    Account.objects.update(token_expires_at=soon())
    before = stored(account)

    refreshing.tick()

    said = caplog.text + capsys.readouterr().out
    for secrets in (before, stored(account)):
        assert secrets["token"] not in said
        assert secrets["refresh_token"] not in said


@REAL_COMMITS
def test_two_who_refresh_at_once_ask_the_network_once(old, settings):
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()

        def tick():
            try:
                refreshing.tick()
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
def test_whoever_waited_for_anothers_refresh_publishes_with_its_tokens(simulator, account):
    simulator.advance(7201)
    posts = [make_post(account.workspace, [account], content=text) for text in ("One", "Two")]
    claims = due.claim(100)

    def publish(claim):
        try:
            publishing.publish([claim])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=(claim,)) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert {post.destinations.get().status for post in posts} == {S.PUBLISHED}
    assert len(simulator.posts("x")) == 2
    account.refresh_from_db()
    assert account.needs_reconnection_since is None


@REAL_COMMITS
def test_a_lost_refresh_answer_is_asked_for_once_more_and_a_refusal_then_is_proven(old, settings):
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.losing = 1

        refreshing.tick()

        assert network.asked == ["refresh-0", "refresh-0"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None


@REAL_COMMITS
def test_answers_that_stay_lost_prove_nothing(old, settings):
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.losing = 2

        refreshing.tick()

        assert len(network.asked) == 2
        old.refresh_from_db()
        assert old.needs_reconnection_since is None


@REAL_COMMITS
def test_the_pair_before_is_tried_when_the_newer_one_turns_out_to_be_worthless(old, settings):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    before = {"token": "access-0", "refresh_token": "refresh-0"}
    Account.objects.update(credentials=vault.seal({**pair, "previous": before}))
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url

        refreshing.tick()

        assert network.asked == ["refresh-9", "refresh-0"]
        assert stored(old)["refresh_token"] == "refresh-2"
        assert old.needs_reconnection_since is None


@REAL_COMMITS
def test_a_refresh_token_that_was_not_rotated_is_not_tried_a_second_time(old, settings):
    pair = {"token": "access-9", "refresh_token": "refresh-9"}
    sealed = vault.seal({**pair, "previous": {**pair, "token": "access-8"}})
    Account.objects.update(credentials=sealed)
    with clerk("another") as network:
        settings.SIMULATOR_URL = network.url

        refreshing.tick()

        assert network.asked == ["refresh-9"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None


@REAL_COMMITS
def test_a_reconnection_during_a_refresh_wins(old, settings):
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()

        def tick():
            try:
                refreshing.tick()
            finally:
                connections.close_all()

        thread = threading.Thread(target=tick)
        thread.start()
        wait(lambda: network.asked)
        sealed = vault.seal({"token": "mine", "refresh_token": "own"})
        Account.objects.update(credentials=sealed)
        network.may_answer.set()
        thread.join(20)

        assert stored(old) == {"token": "mine", "refresh_token": "own"}


@REAL_COMMITS
def test_the_refusal_of_a_call_is_committed_before_the_refresh_so_that_a_crash_needs_no_look_up(
    old, settings
):
    Account.objects.update(token_expires_at=None)
    with clerk("refresh-0") as network:
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
def test_a_worker_killed_in_the_middle_of_a_refresh_loses_no_post_and_makes_no_second(
    old, settings
):
    """The answer was lost with the worker, so its owner has to reconnect; then the post goes on."""
    Account.objects.update(token_expires_at=None)
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()
        post = make_post(old.workspace, [old])
        with child(network.url, "publishing.publish(due.claim(9))") as it:
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
        sealed = vault.seal({"token": "access-1", "refresh_token": "refresh-1"})
        Account.objects.update(credentials=sealed, needs_reconnection_since=None)
        accounts.retry_missed([old], by="operator:ada")
        # It went to a queue nobody listens to here.
        Destination.objects.update(due_at=timezone.now())
        run()
        assert network.posts == ["Hello"]


@REAL_COMMITS
def test_a_worker_killed_between_the_answer_and_its_storing_leaves_a_refusal_and_no_loop(
    old, settings
):
    with clerk("refresh-0") as network:
        settings.SIMULATOR_URL = network.url
        network.may_answer.clear()
        with child(network.url, "refreshing.tick()") as it:
            wait(lambda: network.asked)
            with transaction.atomic():
                # The row is ours now, so what the child is about to store has to wait.
                Account.objects.select_for_update().get()
                network.may_answer.set()
                wait(_somebody_waits_for_a_lock)
                it.send_signal(signal.SIGKILL)
                it.wait(20)
        assert stored(old)["refresh_token"] == "refresh-0"
        assert refreshing.tick() == 0, "the dead worker's lease still runs"
        end_the_refresh()

        refreshing.tick()

        assert network.asked == ["refresh-0", "refresh-0"]
        old.refresh_from_db()
        assert old.needs_reconnection_since is not None
        assert refreshing.tick() == 0


def end_the_refresh() -> None:
    """As if whoever refreshes had its time. Well past: what a process takes for the database's time
    may be behind by as much as its answer took."""
    Account.objects.update(refresh_until=timezone.now() - timedelta(seconds=10))


@contextmanager
def child(network_url: str, does: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process on the same database, which ends with the test."""
    imports = "import django; django.setup(); from destinations import due, publishing, refreshing"
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


def _somebody_waits_for_a_lock() -> bool:
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


def test_the_margin_of_x_is_shorter_than_its_tokens_life():
    assert XOAuth.refresh_margin < timedelta(hours=2)


@ANY_DATABASE
def test_a_refused_refresh_does_not_fail_a_post_that_the_network_is_working_on(simulator, settings):
    settings.PLATFORM_APPS = {"tiktok": App(*simulator.app("tiktok", "https://a.example/"))}
    token = simulator.connect("tiktok", "open-1", username="acme")
    account = make_account(make_workspace(), "tiktok", token=token, platform_account_id="open-1")
    film = video()
    key = default_storage.save("film.mp4", ContentFile(film))
    file = Media(key, "video", "video/mp4", "film.mp4", len(film))
    post = make_post(account.workspace, [account], draft=Draft("Hello", (file,)))
    simulator.set("tiktok", "processing_seconds", 3600)
    run()
    credentials = vault.seal({"token": token, "refresh_token": "dead"})
    Account.objects.update(
        credentials=credentials, login="tiktok", token_expires_at=soon(), is_refreshable=True
    )
    Destination.objects.update(due_at=timezone.now())

    run()

    account.refresh_from_db()
    assert account.needs_reconnection_since is not None
    assert post.destinations.get().status == S.PUBLISHING
    simulator.advance(7200)
    give_up_at = time.monotonic() + 10
    while post.destinations.get().status != S.PUBLISHED and time.monotonic() < give_up_at:
        Destination.objects.update(due_at=timezone.now())
        run()
    assert post.destinations.get().status == S.PUBLISHED
    assert len(simulator.posts("tiktok")) == 1


@ANY_DATABASE
def test_removing_an_account_does_not_call_a_post_failed_for_sure_that_was_sent(account):
    post = make_post(account.workspace, [account], status=S.PUBLISHING, attempts=1)
    destination, now = post.destinations.get(), timezone.now()
    times = {"wanted_at": now, "started_at": now, "sent_at": now, "answered_at": now}
    Attempt.objects.create(destination=destination, number=1, **times)
    account.delete()

    run()

    destination.refresh_from_db()
    assert (destination.status, destination.error_code) == (S.FAILED, "outcome_unknown")
    assert "may be live" in destination.error
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.finished_at is not None) == ("outcome_unknown", True)
