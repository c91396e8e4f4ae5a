"""The newest tokens that each account was given, sealed, in Redis for a day.

PostgreSQL may lack them: a worker died before it had stored the network's answer, a standby without
the last commits was promoted, or a backup was restored. What is stored then was spent, and most
refresh tokens work once. So every answer is noted here, with the pairs that it came after, before
anything else is done with it.

Only an account whose stored pair is one of those takes over what is noted. After its owner has
reconnected it, its pair is none of them: an older consent never replaces a newer one.

Redis may be emptied or away. Then the network is asked with what is stored, as without this.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac

from destinations.accounts import encryption
from destinations.accounts.tokens import shared_consent, stored
from destinations.accounts.tokens.shared_consent import CONSENT
from destinations.accounts.tokens.stored import pair
from destinations.models import Account
from destinations.runtime import clock
from destinations.runtime.broker import CircuitBreaker
from destinations.runtime.redis_client import client
from platforms.drafts import Credentials
from platforms.oauth import Tokens

log = structlog.get_logger()

#: Followed by the account's number, or by the consent that several share.
KEY = "dovecote:tokens:"
KEPT_SECONDS = 24 * 3600
#: More than the refreshes of a day.
MOST_BEFORE = 100
PAGE = 1_000

_breaker = CircuitBreaker()


@dataclass(frozen=True, slots=True)
class NewestTokens:
    """An answer of a network, when it came, and digests of the pairs before it."""

    account_id: int
    at: datetime
    tokens: Tokens
    before: tuple[str, ...]

    def follows(self, held: Credentials) -> bool:
        return _digest(*pair(held)) in self.before


def keep(account_id: int, used: Credentials, given: Tokens) -> None:
    """Note what the network gave for the pair `used`."""
    refresh = given.refresh or used.refresh_token
    spent, new = _digest(*pair(used)), _digest(given.access, refresh)
    if new == spent or _breaker.is_open():
        return
    name = _name(account_id, used)
    try:
        known = _read(name)
        is_last = known and _digest(known.tokens.access, known.tokens.refresh) == spent
        before = (*known.before, spent) if known and is_last else (spent,)
        sealed = encryption.seal(
            {
                # What is copied to the key of another account is not believed.
                "of": name,
                "account": account_id,
                "at": clock.known().isoformat(),
                "token": given.access,
                "refresh_token": refresh,
                "expires_at": given.expires_at and given.expires_at.isoformat(),
                "refresh_expires_at": given.refresh_expires_at
                and given.refresh_expires_at.isoformat(),
                "scopes": given.scopes,
                "extra": dict(given.extra),
                "before": [each for each in before if each != new][-MOST_BEFORE:],
            }
        )
        client(settings.REDIS_URL).set(name, sealed, ex=KEPT_SECONDS)
        _breaker.succeeded()
    except redis.RedisError as failure:
        _missed(account_id, failure)


def after(account_id: int, held: Credentials) -> Tokens | None:
    """Return the newest tokens, if they came after the pair `held`."""
    if _breaker.is_open():
        return None
    try:
        known = _read(_name(account_id, held))
        _breaker.succeeded()
    except redis.RedisError as failure:
        _missed(account_id, failure)
        return None
    return known.tokens if known and known.follows(held) else None


def since(moment: datetime) -> Iterator[NewestTokens]:
    """Yield what was noted since then. Raises RedisError."""
    server = client(settings.REDIS_URL)
    for name in server.scan_iter(match=f"{KEY}*", count=PAGE):
        noted = _read(name.decode())
        if noted and noted.at >= moment:
            yield noted


def forget(accounts: Collection[Account]) -> None:
    """Delete what is noted of accounts that are erased. Raises RedisError.

    What a consent gave stays while an account that is not among them shares it.
    """
    names = {f"{KEY}{account.pk}" for account in accounts}
    for account in accounts:
        held = stored.read(account)
        if held and not set(shared_consent.others(account, held)) - set(accounts):
            names.add(_name(account.pk, held))
    if names:
        client(settings.REDIS_URL).delete(*names)


def _read(name: str) -> NewestTokens | None:
    """Return nothing for what cannot be decrypted. Raises RedisError."""
    sealed: Any = client(settings.REDIS_URL).get(name)
    try:
        kept = encryption.unseal(sealed.decode() if sealed else "")
    except encryption.Unreadable:
        return None
    if kept.get("of") != name:
        return None
    tokens = Tokens(
        kept["token"],
        kept["refresh_token"],
        _time(kept["expires_at"]),
        _time(kept["refresh_expires_at"]),
        tuple(kept["scopes"]),
        kept["extra"],
    )
    at = datetime.fromisoformat(kept["at"])
    return NewestTokens(kept["account"], at, tokens, tuple(kept["before"]))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _name(account_id: int, held: Credentials) -> str:
    return f"{KEY}{held.extra.get(CONSENT) or account_id}"


def _digest(token: str, refresh_token: str) -> str:
    return salted_hmac(KEY, json.dumps([token, refresh_token]), algorithm="sha256").hexdigest()[:32]


def _missed(account_id: int, failure: redis.RedisError) -> None:
    _breaker.failed()
    log.warning("tokens_not_noted", account=account_id, failure=repr(failure))
