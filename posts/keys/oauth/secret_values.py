"""How codes, tokens and client secrets are made. Only their hashes are stored."""

import secrets
from dataclasses import dataclass, field

from django.utils.crypto import salted_hmac

from posts.keys.keys import ACCESS_PREFIX

REFRESH_PREFIX, CODE_PREFIX, CLIENT_PREFIX = "pe_refresh_", "pe_code_", "pe_client_"


@dataclass(frozen=True, slots=True)
class TokenPair:
    access: str = field(repr=False)
    refresh: str = field(repr=False)


def new_pair() -> TokenPair:
    return _pair(secrets.token_hex(16), secrets.token_hex(32))


def next_pair(refresh: str) -> TokenPair:
    """The tokens that follow this refresh token: the same each time.

    So a client whose answer was lost gets it again, although only hashes are stored. To tell
    them takes both the refresh token and SECRET_KEY.
    """
    return _pair(_derived("access", refresh)[:32], _derived("refresh", refresh))


def new_code() -> str:
    return CODE_PREFIX + secrets.token_hex(32)


def new_client_secret() -> str:
    return CLIENT_PREFIX + secrets.token_hex(32)


def _pair(access: str, refresh: str) -> TokenPair:
    return TokenPair(ACCESS_PREFIX + access, REFRESH_PREFIX + refresh)


def _derived(what: str, refresh: str) -> str:
    return salted_hmac(f"dovecote.oauth.{what}", refresh, algorithm="sha256").hexdigest()
