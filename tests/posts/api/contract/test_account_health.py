"""GET /accounts/{id}/health, field for field."""

from datetime import timedelta

from django.utils import timezone

from destinations.models import Attempt, Destination
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases

NOW = timezone.now()
STAMP = "%Y-%m-%dT%H:%M:%SZ"


def health(caller, account):
    return caller.get(f"/accounts/{account.pk}/health").json()["data"]


def fail(account, count, **fields):
    values = {"status": "failed", "error_code": "content_rejected", "due_at": None, **fields}
    for _ in range(count):
        make_post(account.workspace, [account], **values)


def test_get_account_health_has_exactly_the_documented_fields(ada):
    account = make_account(ada.workspace, connected_at=NOW, token_refreshed_at=NOW)
    published_at = NOW - timedelta(days=1)
    make_post(ada.workspace, [account], status="published", published_at=published_at, due_at=None)
    make_post(ada.workspace, [account], scheduled_for=NOW + timedelta(days=1))

    assert health(ada, account) == {
        "account_id": account.pk,
        "platform": "x",
        "account_name": account.name,
        "platform_account_id": account.platform_account_id,
        "status": "healthy",
        "can_post": True,
        "reasons": [],
        "is_active": True,
        "needs_reconnection": False,
        "needs_reconnection_since": None,
        "token": {
            "expires_at": None,
            "last_refresh": NOW.strftime(STAMP),
            "expired": False,
            "expiring_soon": False,
        },
        "activity": {
            "last_published_at": published_at.strftime(STAMP),
            "failures_last_7d": 0,
            "permanent_failures_last_7d": 0,
            "queued_count": 1,
        },
        "connected_at": NOW.strftime(STAMP),
    }


@cases(
    ("fields", "status", "reasons"),
    [
        ({"is_active": False}, "broken", ["account_inactive"]),
        ({"needs_reconnection_since": NOW}, "broken", ["needs_reconnection"]),
        ({"token_expires_at": NOW - timedelta(hours=1)}, "broken", ["token_expired"]),
        ({"token_expires_at": NOW + timedelta(days=6)}, "warning", ["token_expiring_soon"]),
        ({"token_expires_at": NOW + timedelta(days=8)}, "healthy", []),
        # Refreshed by itself, so no person must act
        ({"token_expires_at": NOW + timedelta(hours=1), "is_refreshable": True}, "healthy", []),
        (
            {
                "token_expires_at": NOW + timedelta(hours=1),
                "is_refreshable": True,
                "refresh_expires_at": NOW + timedelta(days=6),
            },
            "warning",
            ["token_expiring_soon"],
        ),
        # … unless it should have been, and was not
        (
            {"token_expires_at": NOW - timedelta(hours=1), "is_refreshable": True},
            "broken",
            ["token_expired"],
        ),
        (
            {"is_active": False, "needs_reconnection_since": NOW},
            "broken",
            ["account_inactive", "needs_reconnection"],
        ),
    ],
)
def test_reasons_break_an_account_or_warn_of_it(ada, fields, status, reasons):
    found = health(ada, make_account(ada.workspace, **fields))

    assert (found["status"], found["reasons"]) == (status, reasons)
    assert found["can_post"] is (status != "broken")


def test_reasons_count_three_final_failures_of_a_week(ada, account):
    fail(account, 2)
    fail(account, 1, next_retry_at=NOW + timedelta(minutes=1), due_at=NOW + timedelta(minutes=1))
    make_post(ada.workspace, [account])
    old = make_post(ada.workspace, [account], status="failed", error_code="x", due_at=None)
    Destination.objects.filter(post=old).update(updated_at=NOW - timedelta(days=8))

    found = health(ada, account)
    assert (found["status"], found["activity"]["failures_last_7d"]) == ("healthy", 0)
    assert found["activity"]["permanent_failures_last_7d"] == 2

    fail(account, 1)
    found = health(ada, account)
    assert (found["status"], found["can_post"]) == ("warning", True)
    assert found["reasons"] == ["recent_permanent_failures"]


def test_failures_of_a_week_are_its_tries_also_of_what_was_published_later(ada):
    account, other = make_account(ada.workspace), make_account(ada.workspace)
    published = make_post(
        ada.workspace, [account], status="published", published_at=NOW, due_at=None
    )
    tried(published, "platform_unavailable", "rate_limited", "content_rejected", "published")
    failed = make_post(
        ada.workspace, [account], status="failed", error_code="deadline", due_at=None
    )
    tried(failed, "deadline", "deadline")
    waiting = make_post(ada.workspace, [account])
    tried(waiting, "media_rejected")
    tried(make_post(ada.workspace, [other]), "deadline")
    old = make_post(ada.workspace, [account])
    tried(old, "deadline", at=NOW - timedelta(days=8))

    activity = health(ada, account)["activity"]

    assert (activity["failures_last_7d"], activity["permanent_failures_last_7d"]) == (5, 1)


def tried(post, *outcomes, at=NOW):
    row = post.destinations.get()
    for number, outcome in enumerate(outcomes, 1):
        Attempt.objects.create(
            destination=row,
            number=number,
            wanted_at=at,
            started_at=at,
            finished_at=at,
            outcome=outcome,
        )


def test_get_account_health_shows_no_credential(ada):
    account = make_account(ada.workspace, token="very-secret")
    answer = ada.get(f"/accounts/{account.pk}/health").content.decode()
    assert "very-secret" not in answer
    assert account.credentials not in answer
