"""An account's tokens in the database: who may refresh them, and what becomes of the answer.

The promise: one refresh at a time per account, over all processes, and no pair of tokens that a
network gave is lost to a race. Many networks' refresh tokens work once, so whoever refreshes holds
a lease, looks again at what is stored, and stores the new pair before anybody uses it. A refusal
marks the account only if the refused pair is still the one that is stored.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from destinations.accounts import encryption, oauth_apps
from destinations.models import Account
from destinations.publishing import job
from destinations.publishing.job import Trip
from destinations.runtime import clock
from destinations.state import sanitize
from platforms.drafts import Credentials
from platforms.oauth import Tokens

#: Longer than the network is given to answer, so that two never ask it at once.
LEASE_SECONDS = 60
#: How much longer than asked for a margin may be, so that accounts connected together come apart.
LONGEST = 1.1


@dataclass(frozen=True, slots=True)
class Take:
    """Asks for the right to refresh, by somebody whose tokens `seen` do no more, or not for long.

    Answered by Taken, Fresh, Busy or Gone.
    """

    account_id: int
    seen: Credentials


@dataclass(frozen=True, slots=True)
class Taken:
    """The lease, what is stored, and the pair before it while the newer is unproven."""

    claim: uuid.UUID
    credentials: Credentials
    previous: Credentials | None


@dataclass(frozen=True, slots=True)
class Fresh:
    """Somebody else has refreshed or reconnected: these are the tokens now."""

    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Busy:
    """Somebody else is refreshing at this moment."""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such account, or its authorization is known to be gone."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Asks to store what the network gave for `used`. Answered by the credentials to go on with."""

    account_id: int
    claim: uuid.UUID
    used: Credentials
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Mark:
    """Says that the network has proven `used` to be refused; a claim is given back with it."""

    account_id: int
    used: Credentials
    claim: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Gives the lease back. The clock asks again after a pause; a publish may at once."""

    account_id: int
    claim: uuid.UUID
    pause_seconds: float = field(default=0)


Request = Take | Keep | Mark | GiveBack


def answer(request: Request) -> Any:
    """Do what is asked, inside the caller's transaction."""
    if isinstance(request, Take):
        return _take(request)
    if isinstance(request, Keep):
        return _keep(request)
    if isinstance(request, Mark):
        return _mark(request)
    return _give_back(request)


def _take(asked: Take) -> Taken | Fresh | Busy | Gone:
    claim = uuid.uuid4()
    rows = Account.objects.filter(pk=asked.account_id)
    free = Q(refresh_claim=None) | Q(refresh_until__lte=Now())
    taken = rows.filter(free, needs_reconnection_since=None).update(
        refresh_claim=claim, refresh_until=Now() + timedelta(seconds=LEASE_SECONDS)
    )
    # Read after the lease is ours: whoever had it before may have stored another pair.
    account = rows.first()
    held = _credentials(account) if account else None
    if account is None or held is None:
        return Gone()
    if pair(held) != pair(asked.seen):
        if taken:
            _give_back(GiveBack(asked.account_id, claim))
        return Fresh(held)
    if account.needs_reconnection_since:
        return Gone()
    return Taken(claim, held, _previous(account, held)) if taken else Busy()


def _keep(asked: Keep) -> Credentials:
    new = replace(
        asked.used,
        token=asked.tokens.access,
        refresh_token=asked.tokens.refresh or asked.used.refresh_token,
        scopes=asked.tokens.scopes or asked.used.scopes,
    )
    account = Account.objects.select_for_update(no_key=True).filter(pk=asked.account_id).first()
    held = _credentials(account) if account else None
    if account is None or held is None:
        return new
    if pair(held) != pair(asked.used):
        # Reconnected in between: that consent is the newer one.
        return held
    write(account, new, asked.tokens, previous=held)
    account.token_refreshed_at = clock.now()
    account.save()
    return new


def _mark(asked: Mark) -> None:
    account = Account.objects.select_for_update(no_key=True).filter(pk=asked.account_id).first()
    if account is None:
        return
    if asked.claim and account.refresh_claim == asked.claim:
        account.refresh_claim = account.refresh_until = None
    held = _credentials(account)
    if held and pair(held) == pair(asked.used) and account.needs_reconnection_since is None:
        account.needs_reconnection_since = clock.now()
    account.save(update_fields=["refresh_claim", "refresh_until", "needs_reconnection_since"])


def _give_back(asked: GiveBack) -> None:
    until = Now() + timedelta(seconds=asked.pause_seconds) if asked.pause_seconds else None
    Account.objects.filter(pk=asked.account_id, refresh_claim=asked.claim).update(
        refresh_claim=None, refresh_until=until
    )


def write(
    account: Account,
    credentials: Credentials,
    tokens: Tokens,
    previous: Credentials | None = None,
) -> None:
    """Put credentials that work, and what is known of them, into the row; the caller saves it."""
    sealed: dict[str, Any] = {
        "token": credentials.token,
        "refresh_token": credentials.refresh_token,
        "extra": dict(credentials.extra),
    }
    if previous:
        sealed["previous"] = {"token": previous.token, "refresh_token": previous.refresh_token}
    account.credentials = encryption.seal(sealed)
    account.scopes = sanitize.fit({"scopes": credentials.scopes})["scopes"]
    account.token_expires_at = tokens.expires_at
    account.refresh_expires_at = tokens.refresh_expires_at or account.refresh_expires_at
    login = oauth_apps.of(account.platform, account.login)
    account.is_refreshable = bool(login and login.oauth.can_refresh(credentials))
    account.refresh_claim = account.refresh_until = None
    account.needs_reconnection_since = None


def pair(credentials: Credentials) -> tuple[str, str]:
    return credentials.token, credentials.refresh_token


def _credentials(account: Account) -> Credentials | None:
    """None: they were encrypted with a key that is gone."""
    try:
        return job.credentials(account)
    except encryption.Unreadable:
        return None


def _previous(account: Account, held: Credentials) -> Credentials | None:
    kept = encryption.unseal(account.credentials).get("previous")
    if not kept:
        return None
    before = replace(held, token=kept["token"], refresh_token=kept["refresh_token"])
    # Where refresh tokens are not rotated, the pair before says nothing new.
    same = before.refresh_token == held.refresh_token != ""
    return None if same or pair(before) == pair(held) else before


# When


def is_due(trip: Trip, now: datetime) -> bool:
    """Whether a trip's token must be refreshed before it is used."""
    if trip.token_expires_at is None:
        return False
    login = oauth_apps.of(trip.adapter.key, trip.credentials.login)
    if login is None or trip.token_expires_at - login.oauth.refresh_margin > now:
        return False
    return login.oauth.can_refresh(trip.credentials)


def due(now: datetime) -> Iterator[Account]:
    """Accounts to refresh at this tick, the most urgent of each login first."""
    for login in oauth_apps.every():
        if login.app is None:
            continue
        margin = login.oauth.refresh_margin
        rows = Account.objects.filter(
            Q(refresh_until=None) | Q(refresh_until__lte=now),
            platform=login.platform,
            login__in=login.names(),
            is_refreshable=True,
            is_active=True,
            needs_reconnection_since=None,
            token_expires_at__lte=now + margin * LONGEST,
        )
        for row in rows.order_by("token_expires_at")[: settings.REFRESH_LIMIT]:
            if row.token_expires_at and row.token_expires_at - margin * _share(row.pk) <= now:
                yield row


def _share(number: int) -> float:
    return 1 + (LONGEST - 1) * (number % 100) / 100
