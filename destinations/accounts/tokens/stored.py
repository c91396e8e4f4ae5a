"""An account's tokens as its row keeps them, encrypted."""

from dataclasses import replace
from typing import Any

from destinations.accounts import encryption, oauth_apps
from destinations.models import Account
from destinations.state import sanitize
from platforms.drafts import Credentials
from platforms.oauth import Tokens


def read(account: Account) -> Credentials | None:
    """Return None if they were encrypted with a key that is gone."""
    try:
        return encryption.credentials(account)
    except encryption.Unreadable:
        return None


def previous(account: Account, held: Credentials) -> Credentials | None:
    """Return the pair before, while it may still work."""
    kept = encryption.unseal(account.credentials).get("previous")
    if not kept:
        return None
    before = replace(held, token=kept["token"], refresh_token=kept["refresh_token"])
    # Where refresh tokens are not rotated, the pair before adds nothing.
    same = before.refresh_token == held.refresh_token != ""
    return None if same or pair(before) == pair(held) else before


def write(
    account: Account,
    credentials: Credentials,
    tokens: Tokens,
    previous: Credentials | None = None,
) -> None:
    """Put working credentials, and what is known of them, into the row; the caller saves it."""
    sealed: dict[str, Any] = {
        "token": credentials.token,
        "refresh_token": credentials.refresh_token,
        "extra": dict(credentials.extra),
    }
    if previous:
        sealed["previous"] = {"token": previous.token, "refresh_token": previous.refresh_token}
    account.credentials = encryption.seal(sealed)
    account.scopes = sanitize.values({"scopes": credentials.scopes})["scopes"]
    account.token_expires_at = tokens.expires_at
    account.refresh_expires_at = tokens.refresh_expires_at or account.refresh_expires_at
    account.is_refreshable = oauth_apps.can_refresh(account.platform, credentials)
    account.refresh_claim = account.refresh_until = None
    account.needs_reconnection_since = None


def pair(credentials: Credentials) -> tuple[str, str]:
    return credentials.token, credentials.refresh_token
