"""What an account's health says of tokens that are refreshed by themselves."""

from datetime import timedelta

from django.utils import timezone

from platforms.x.oauth import XOAuth
from tests.factories import make_account
from tests.posts.conftest import _files, ada  # noqa: F401


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
        told = ada.get(f"/accounts/{account.pk}/health").json()["data"]
        assert told["reasons"] == reasons
