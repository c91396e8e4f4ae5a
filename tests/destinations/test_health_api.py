"""GET /accounts/{id}/health, field for field."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination
from platforms.x.oauth import XOAuth
from tests.factories import make_account, make_post
from tests.posts.conftest import _files, ada, cy, make_caller, refused  # noqa: F401

NOW = timezone.now()
STAMP = "%Y-%m-%dT%H:%M:%SZ"


def health(caller, account):
    return caller.get(f"/accounts/{account.pk}/health").json()["data"]


def fail(account, count, **fields):
    values = {"status": "failed", "error_code": "content_rejected", "due_at": None, **fields}
    for _ in range(count):
        make_post(account.workspace, [account], **values)


def test_a_healthy_account_tells_everything_there_is(ada):  # noqa: F811
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


@pytest.mark.parametrize(
    ("fields", "status", "reasons"),
    [
        ({"is_active": False}, "broken", ["account_inactive"]),
        ({"needs_reconnection_since": NOW}, "broken", ["needs_reconnection"]),
        ({"token_expires_at": NOW - timedelta(hours=1)}, "broken", ["token_expired"]),
        ({"token_expires_at": NOW + timedelta(days=6)}, "warning", ["token_expiring_soon"]),
        ({"token_expires_at": NOW + timedelta(days=8)}, "healthy", []),
        # Refreshed by itself, so nobody need act
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
def test_each_reason_leads_to_its_status(ada, fields, status, reasons):  # noqa: F811
    found = health(ada, make_account(ada.workspace, **fields))

    assert (found["status"], found["reasons"]) == (status, reasons)
    assert found["can_post"] is (status != "broken")


def test_a_refresh_that_is_late_is_a_warning_before_the_token_ends(
    ada,  # noqa: F811
    monkeypatch,
):
    """As on networks whose tokens live for weeks and are refreshed days before their end."""
    monkeypatch.setattr(XOAuth, "refresh_margin", timedelta(days=7))
    account = make_account(ada.workspace, is_refreshable=True)
    for left, reasons in (
        (timedelta(days=7), []),
        (timedelta(days=7) - timedelta(minutes=61), ["token_expiring_soon"]),
    ):
        account.token_expires_at = timezone.now() + left
        account.save()
        assert health(ada, account)["reasons"] == reasons


def test_three_final_failures_of_a_week_are_a_warning(ada):  # noqa: F811
    account = make_account(ada.workspace)
    fail(account, 2)
    fail(account, 1, next_retry_at=NOW + timedelta(minutes=1), due_at=NOW + timedelta(minutes=1))
    make_post(ada.workspace, [account])
    old = make_post(ada.workspace, [account], status="failed", error_code="x", due_at=None)
    Destination.objects.filter(post=old).update(updated_at=NOW - timedelta(days=8))

    found = health(ada, account)
    assert (found["status"], found["activity"]["failures_last_7d"]) == ("healthy", 3)
    assert found["activity"]["permanent_failures_last_7d"] == 2

    fail(account, 1)
    found = health(ada, account)
    assert (found["status"], found["can_post"]) == ("warning", True)
    assert found["reasons"] == ["recent_permanent_failures"]


def test_reading_health_needs_the_right_to_read_and_the_right_workspace(ada, cy):  # noqa: F811
    account = make_account(ada.workspace)
    writer = make_caller(ada.workspace, "Writer", ("write",))
    refused(writer.get(f"/accounts/{account.pk}/health"), 403, "insufficient_scope")
    refused(cy.get(f"/accounts/{account.pk}/health"), 404, "not_found")


def test_no_credential_is_in_it(ada):  # noqa: F811
    account = make_account(ada.workspace, token="very-secret")
    answer = ada.get(f"/accounts/{account.pk}/health").content.decode()
    assert "very-secret" not in answer
    assert account.credentials not in answer
