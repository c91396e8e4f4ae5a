"""An earlier error about a partly public post is kept when the destination ends."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import manual_retry
from destinations.accounts import encryption
from destinations.dispatch import claims as dispatch_claims
from destinations.dispatch import crash_loop
from destinations.models import Account, Attempt, Destination, Event
from destinations.publishing import plan, worker
from destinations.state import restore
from platforms.oauth import App
from platforms.registry import ADAPTERS
from tests.destinations.accounts.token_server import token_server
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db
S = Destination.Status
LINK = "https://x.com/acme/status/1"
SAID = f"Part 1 is public at {LINK}; part 2 of 2 is not. X refused the post."
LONG_AGO = timezone.now() - timedelta(days=3)


@pytest.fixture
def account() -> Account:
    return make_account(make_workspace())


@pytest.fixture
def waiting(account) -> Destination:
    """A destination with a public part and a pending automatic retry."""
    return fail(account)


def fail(account, **fields) -> Destination:
    values = {"status": S.FAILED, "attempts": 1, "error": SAID, "error_code": "content_rejected"}
    values |= {"next_retry_at": timezone.now(), **fields}
    row = make_post(account.workspace, [account], **values).destinations.get()
    now = timezone.now()
    outcome = {"outcome": row.error_code, "error": row.error, "finished_at": now}
    row.attempt_rows.create(number=1, wanted_at=now, started_at=now, **outcome)
    return row


def begin() -> dict:
    Destination.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
    found = plan.start([(row.id, row.claim) for row in dispatch_claims.claim(10)], "worker:a")
    return {pk: job for pk, job in found.items() if job}


def refused() -> Destination:
    assert begin() == {}
    row = Destination.objects.get()
    assert (row.status, row.due_at, row.next_retry_at) == (S.FAILED, None, None)
    assert Event.objects.latest("id").move == "refuse"
    return row


REFUSALS = [
    ("missed_schedule", Destination, {"not_after": LONG_AGO}),
    ("account_inactive", Account, {"is_active": False}),
    ("account_needs_reconnection", Account, {"needs_reconnection_since": LONG_AGO}),
    ("account_removed", Destination, {"account": None}),
    ("credentials_unreadable", Account, {"credentials": "lost"}),
]


@pytest.mark.parametrize(("code", "model", "fields"), REFUSALS, ids=[each[0] for each in REFUSALS])
def test_a_refusal_keeps_the_link_of_a_public_part(waiting, code, model, fields):
    model.objects.update(**fields)

    row = refused()

    assert row.error_code == code
    assert row.error.endswith(f" Before that: {SAID}")


def test_a_rate_limit_that_lasts_too_long_does_not_claim_that_nothing_was_sent(waiting):
    Destination.objects.update(begun_at=LONG_AGO)
    claims = [(row.id, row.claim) for row in dispatch_claims.claim(10)]
    Account.objects.update(held_until=timezone.now() + timedelta(hours=1))

    plan.start(claims, "worker:a")

    error = Destination.objects.get().error
    assert error == f"The account was limited for too long. Before that: {SAID}"


def test_a_missing_file_does_not_claim_that_nothing_was_sent(account, unmade):
    fail(account, draft=unmade, begun_at=LONG_AGO)

    assert refused().error == f"A file was not made in time. Before that: {SAID}"


def test_a_destination_that_was_never_tried_says_that_nothing_was_sent(account, unmade):
    make_post(account.workspace, [account], draft=unmade, wanted_at=LONG_AGO)

    assert refused().error == "A file was not made in time. Nothing was sent."


def test_a_missed_retry_does_not_claim_that_nothing_was_sent(waiting):
    Destination.objects.update(not_after=LONG_AGO)

    error = refused().error

    assert error.startswith(
        f"It had to be published by {LONG_AGO:%Y-%m-%d %H:%M:%S} UTC and was not, or not all of it;"
    )


def test_a_refused_manual_retry_keeps_the_link_of_a_public_part(waiting):
    manual_retry.requeue([waiting.pk], by="operator:ada")
    Account.objects.update(is_active=False)

    assert refused().error.endswith(f" is switched off. Before that: {SAID}")


def test_an_unknown_outcome_that_a_person_resolved_is_not_repeated(account):
    doubt = {"error": "It may be live.", "error_code": "outcome_unknown", "next_retry_at": None}
    row = fail(account, due_at=None, **doubt)
    manual_retry.requeue([row.pk], by="operator:ada", confirmed_not_published=True)
    Account.objects.update(is_active=False)

    assert refused().error.endswith(" is switched off.")


def test_repeated_refusals_quote_the_earlier_error_once_and_shortened(account):
    row = fail(account, error=f"X took too long. Before that: {SAID} {'x' * 5000}")
    Account.objects.update(is_active=False)
    error = refused().error

    for _ in range(3):
        manual_retry.requeue([row.pk], by="operator:ada")
        assert refused().error == error

    assert error.count("Before that:") == 1
    assert LINK in error
    assert len(error) < 1100


def test_a_worker_crash_at_the_next_try_keeps_the_earlier_error(waiting):
    (job,) = begin().values()
    assert job.attempt == 2
    Destination.objects.update(begun_count=crash_loop.MAX_STARTS)

    begin()

    row = Destination.objects.get()
    assert row.error == f"{plan.DEADLY[1]} Before that: {SAID}"
    assert Attempt.objects.get(number=2).error == row.error


def test_a_refused_refresh_before_the_next_try_keeps_the_earlier_error(waiting, settings):
    settings.PLATFORM_APPS = {"x": App("app", "secret")}
    sealed = encryption.seal({"token": "access-0", "refresh_token": "refresh-0"})
    fields = {"login": "x", "is_refreshable": True, "token_expires_at": timezone.now()}
    Account.objects.update(credentials=sealed, **fields)

    with token_server("another") as network:
        settings.SIMULATOR_URL = network.url
        worker.publish(dispatch_claims.claim(10))

    row = Destination.objects.get()
    assert (row.error_code, row.next_retry_at) == ("account_needs_reconnection", None)
    assert row.error.endswith(f" Before that: {SAID}")


def test_a_last_try_that_times_out_keeps_the_earlier_error(waiting, monkeypatch):
    async def publish(call):
        await asyncio.sleep(10)

    monkeypatch.setattr(ADAPTERS["x"], "publish", publish)
    monkeypatch.setattr(ADAPTERS["x"], "deadline_seconds", 0.01, raising=False)

    worker.publish(dispatch_claims.claim(10))

    assert Destination.objects.get().error == f"X took too long. Before that: {SAID}"


def test_a_restored_database_keeps_the_earlier_error(waiting):
    restore.mark_possibly_published("beat")

    row = Destination.objects.get()
    assert row.error_code == "outcome_unknown"
    assert row.error.endswith(f" Before that: {SAID}")
