"""Credentials are decrypted once, and still follow keys, tokens and profiles."""

import pytest
from cryptography.fernet import Fernet

from destinations.accounts import encryption
from destinations.models import Account


def account(token: str = "first-token", username: str = "ada") -> Account:
    sealed = encryption.seal({"token": token, "extra": {"page": "7"}})
    return Account(platform="x", username=username, credentials=sealed, scopes=["write"])


def test_an_account_is_decrypted_once():
    connected = account()

    assert encryption.credentials(connected) is encryption.credentials(connected)


def test_a_new_token_and_a_new_name_are_seen_at_once():
    connected = account()
    assert encryption.credentials(connected).token == "first-token"

    connected.credentials, connected.username = account("second-token").credentials, "grace"

    found = encryption.credentials(connected)
    assert (found.token, found.username) == ("second-token", "grace")


def test_nothing_is_read_once_its_key_is_no_longer_configured(settings):
    connected = account()
    assert encryption.credentials(connected).token == "first-token"

    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(encryption.Unreadable):
        encryption.credentials(connected)


def test_what_publishes_share_cannot_be_changed():
    with pytest.raises(TypeError):
        encryption.credentials(account()).extra["page"] = "8"  # type: ignore[index]
