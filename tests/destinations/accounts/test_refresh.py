"""Tokens expire and are refreshed; accounts go on."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from destinations.accounts import encryption, oauth_apps, refresh
from destinations.dispatch import claims as dispatch_claims
from destinations.models import Account, Attempt, Destination, Event, OutcomeCount
from destinations.publishing import worker
from platforms.drafts import Draft, Media
from platforms.oauth import App, ConsentRequest
from platforms.x.oauth import XOAuth
from tests.config.closed import closed_port
from tests.destinations.accounts.refreshed import REAL_COMMITS, S, soon, stored
from tests.destinations.run_command import run
from tests.factories import make_account, make_post, make_workspace
from tests.platforms.driver import video
from tests.posts.at_once import at_once

ANY_DATABASE = pytest.mark.django_db


@pytest.fixture
def account(simulator, app, db) -> Account:
    """An X account connected by its owner, with tokens that expire."""
    login = oauth_apps.usable("x")
    address = login.oauth.authorize_url(app, ConsentRequest(login.redirect_uri, "s", "v" * 64))
    location = simulator.consent(oauth_apps.resolve(address), "77")
    [code] = parse_qs(urlsplit(location).query)["code"]
    given = oauth_apps.call(
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
    account.credentials = encryption.seal({"token": given.access, "refresh_token": given.refresh})
    account.save()
    return account


@ANY_DATABASE
def test_the_tick_refreshes_only_tokens_that_expire_soon(simulator, account):
    before = stored(account)
    assert refresh.tick() == 0

    Account.objects.update(token_expires_at=soon())
    assert refresh.tick() == 1

    after = stored(account)
    assert after["token"] != before["token"]
    assert after["previous"] == before
    assert account.token_expires_at > timezone.now() + timedelta(minutes=100)
    assert account.token_refreshed_at is not None
    assert (account.refresh_claim, account.refresh_until) == (None, None)
    assert refresh.tick() == 0
    make_post(account.workspace, [account])
    run()
    assert len(simulator.posts("x")) == 1

    Account.objects.update(token_expires_at=soon())
    assert refresh.tick() == 1
    assert counted() == {("refreshed", ""): 2}


def counted() -> dict[tuple[str, str], int]:
    """The refreshes at X that the statistics know, ever."""
    rows = OutcomeCount.objects.filter(minute=None, platform="x").exclude(kind="published")
    return {(row.kind, row.code): row.count for row in rows}


@ANY_DATABASE
@pytest.mark.parametrize(
    "fields",
    [{"is_active": False}, {"needs_reconnection_since": timezone.now()}, {"is_refreshable": False}],
)
def test_the_tick_skips_accounts_that_cannot_be_refreshed(account, fields):
    Account.objects.update(token_expires_at=soon(), **fields)

    assert refresh.tick() == 0


@ANY_DATABASE
def test_ticks_that_wait_for_a_network_do_not_pile_up(account, monkeypatch):
    Account.objects.update(token_expires_at=soon())
    meanwhile = []
    whole = refresh.batch.run

    def wait(*args, **kwargs):
        with ThreadPoolExecutor() as another:
            meanwhile.append(another.submit(refresh.tick_alone).result())
        whole(*args, **kwargs)

    monkeypatch.setattr(refresh.batch, "run", wait)

    assert (refresh.tick_alone(), meanwhile) == (1, [0])


@ANY_DATABASE
def test_a_token_that_expires_soon_is_refreshed_before_use(simulator, account):
    before = stored(account)
    Account.objects.update(token_expires_at=soon())
    make_post(account.workspace, [account])

    run()

    assert stored(account)["token"] != before["token"]
    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
def test_a_token_that_expires_during_a_publish_is_refreshed_and_the_publish_repeated(
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
def test_a_lookup_with_an_expired_token_is_repeated_with_a_new_one(simulator, account):
    simulator.fault("x", call="create_post", drop="after", times=1)
    post = make_post(account.workspace, [account])
    run()
    simulator.advance(7201)
    Destination.objects.update(due_at=timezone.now())

    run()

    destination = post.destinations.get()
    assert (destination.status, len(simulator.posts("x"))) == (S.PUBLISHED, 1)


@ANY_DATABASE
def test_a_refused_refresh_fails_due_posts_and_is_not_repeated(simulator, account):
    account.credentials = encryption.seal({"token": "dead", "refresh_token": "dead"})
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
    assert refresh.tick() == 0
    assert counted() == {("not_refreshed", "account_needs_reconnection"): 1}


@ANY_DATABASE
def test_an_unreachable_network_does_not_mark_the_account(account, settings):
    settings.SIMULATOR_URL = f"http://127.0.0.1:{closed_port()}"
    Account.objects.update(token_expires_at=soon())
    before = stored(account)

    assert refresh.tick() == 1

    assert stored(account) == before
    assert account.needs_reconnection_since is None
    assert account.refresh_claim is None
    assert account.refresh_until > timezone.now() + timedelta(seconds=60)
    assert refresh.tick() == 0
    assert counted() == {("not_refreshed", "platform_unavailable"): 1}


@ANY_DATABASE
def test_a_pause_of_the_tick_does_not_stop_a_publish_from_refreshing(simulator, account):
    Account.objects.update(refresh_until=soon())
    simulator.fault("x", call="create_post", status=401, times=1)
    make_post(account.workspace, [account])

    run()

    assert len(simulator.posts("x")) == 1


@ANY_DATABASE
@pytest.mark.parametrize("is_missing", [False, True])
def test_an_app_that_is_refused_or_missing_is_for_the_operator_to_fix(
    simulator, account, app, settings, is_missing
):
    settings.PLATFORM_APPS = {} if is_missing else {"x": App(app.client_id, "wrong")}
    simulator.advance(7201)
    post = make_post(account.workspace, [account])

    run()

    account.refresh_from_db()
    destination = post.destinations.get()
    assert account.needs_reconnection_since is None
    assert (destination.status, destination.error_code) == (S.PUBLISHING, "app_refused")
    assert destination.next_retry_at is not None
    assert "X_CLIENT_ID" in destination.error or not is_missing


@ANY_DATABASE
def test_no_token_is_logged(simulator, account, caplog, capsys):
    Account.objects.update(token_expires_at=soon())
    before = stored(account)

    refresh.tick()

    said = caplog.text + capsys.readouterr().out
    for secrets in (before, stored(account)):
        assert secrets["token"] not in said
        assert secrets["refresh_token"] not in said


@REAL_COMMITS
def test_a_publish_that_waited_for_a_refresh_uses_its_tokens(simulator, account):
    simulator.advance(7201)
    # In one lane they would be published in turn.
    posts = [
        make_post(account.workspace, [account], content=queue, queue=queue)
        for queue in ("publish.x", "publish.x.upload")
    ]

    at_once([partial(worker.publish, [claim]) for claim in dispatch_claims.claim(100)])

    assert {post.destinations.get().status for post in posts} == {S.PUBLISHED}
    assert len(simulator.posts("x")) == 2
    account.refresh_from_db()
    assert account.needs_reconnection_since is None


def test_the_margin_of_x_is_shorter_than_the_life_of_its_tokens():
    assert XOAuth.refresh_margin < timedelta(hours=2)


@ANY_DATABASE
def test_a_refused_refresh_does_not_fail_a_post_in_processing(simulator, settings):
    settings.PLATFORM_APPS = {"tiktok": App(*simulator.app("tiktok", "https://a.example/"))}
    token = simulator.connect("tiktok", "open-1", username="acme")
    account = make_account(make_workspace(), "tiktok", token=token, platform_account_id="open-1")
    clip = video()
    key = default_storage.save("video.mp4", ContentFile(clip))
    file = Media(key, "video", "video/mp4", "video.mp4", len(clip))
    post = make_post(account.workspace, [account], draft=Draft("Hello", (file,)))
    simulator.set("tiktok", "processing_seconds", 3600)
    run()
    credentials = encryption.seal({"token": token, "refresh_token": "dead"})
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
def test_removing_an_account_leaves_a_sent_post_possibly_live(account):
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
