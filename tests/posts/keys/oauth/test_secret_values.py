"""Codes, tokens and client secrets: how they look, and that no log shows them."""

import pytest

from config.observability import redaction
from posts.keys.oauth import secret_values
from posts.keys.oauth.tokens import Issued


def test_what_follows_a_refresh_token_is_always_the_same_and_nothing_else_is():
    first, other = secret_values.new_pair(), secret_values.new_pair()

    following = secret_values.next_pair(first.refresh)

    assert following == secret_values.next_pair(first.refresh)
    pairs = [first, other, following, secret_values.next_pair(other.refresh)]
    assert len({pair.access for pair in pairs} | {pair.refresh for pair in pairs}) == 8


def test_another_installation_makes_others_of_it(settings):
    refresh = secret_values.new_pair().refresh
    here = secret_values.next_pair(refresh)
    settings.SECRET_KEY = "another"

    assert secret_values.next_pair(refresh) != here


@pytest.mark.parametrize("kind", ["access", "refresh", "code", "client"])
def test_logs_hide_them_whole_and_cut(kind):
    pair = secret_values.new_pair()
    secret = {
        "access": pair.access,
        "refresh": pair.refresh,
        "code": secret_values.new_code(),
        "client": secret_values.new_client_secret(),
    }[kind]

    assert secret.startswith(f"pe_{kind}_")
    for shown in (secret, secret[:24]):
        assert shown not in redaction.text(f"it said {shown} at once")
    assert "pe_" not in repr(pair)
    assert "pe_" not in repr(Issued(pair, expires_in=60, scopes=()))
