"""An account's tokens in the database: who may refresh them, and how new ones are stored.

The promise: one refresh at a time per account, over all processes, and no pair of tokens that a
network gave is lost to a race. Many networks' refresh tokens work once. So a process that refreshes
holds a lease, reads again what is stored, and stores the new pair before any process uses it. A
refusal marks the account only if the refused pair is still the one that is stored.

Accounts may share the tokens of one consent, which their `extra` names. One of them refreshes at a
time, and the others take over what it was given.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from destinations import account_events as events
from destinations.accounts import encryption, oauth_apps
from destinations.models import Account
from destinations.runtime import clock
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.state import sanitize
from destinations.statistics import counting
from destinations.statistics.counting import Refresh
from platforms.drafts import Credentials
from platforms.oauth import Tokens

#: Longer than the network is given to answer, so that no two ask it at once.
LEASE_SECONDS = 60
#: The name in `extra` of a consent whose tokens several accounts share.
CONSENT = "consent"
#: Margins are lengthened by up to this factor, so that accounts connected together spread out.
LONGEST = 1.1


@dataclass(frozen=True, slots=True)
class Acquired:
    """The lease, the stored credentials, and the pair before them while that may still work."""

    claim: uuid.UUID
    credentials: Credentials
    previous: Credentials | None


@dataclass(frozen=True, slots=True)
class AlreadyRefreshed:
    """Another process refreshed, or the owner reconnected: these are the tokens now."""

    credentials: Credentials


@dataclass(frozen=True, slots=True)
class RefreshInProgress:
    """Another process is refreshing."""


@dataclass(frozen=True, slots=True)
class AccountGone:
    """There is no such account, or its authorization is known to be gone."""


class TokenCommand(Command):
    """A command on the tokens of one account. `counts`: the refresh that it ends."""

    kind = CommandKind.TOKENS
    account_id: int
    counts: Refresh | None = None

    @classmethod
    def execute_many(cls, commands: Sequence["TokenCommand"], by: str) -> list[Any]:
        """Locks accounts in one order, so that two processes never wait for each other."""
        results: list[Any] = [None] * len(commands)
        for place, command in sorted(enumerate(commands), key=lambda each: each[1].account_id):
            results[place] = command.execute()
        counting.count_refreshes(command.counts for command in commands if command.counts)
        return results


@dataclass(frozen=True, slots=True)
class AcquireRefresh(TokenCommand):
    """Ask for the right to refresh, by a caller whose tokens `seen` have expired or soon will."""

    account_id: int
    seen: Credentials

    def execute(self) -> Acquired | AlreadyRefreshed | RefreshInProgress | AccountGone:
        claim = uuid.uuid4()
        rows = Account.objects.filter(pk=self.account_id)
        free = Q(refresh_claim=None) | Q(refresh_until__lte=Now())
        is_acquired = rows.filter(free, needs_reconnection_since=None).update(
            refresh_claim=claim, refresh_until=Now() + timedelta(seconds=LEASE_SECONDS)
        )
        # Read once the lease is ours: its last holder may have stored another pair.
        account = rows.first()
        held = _credentials(account) if account else None
        if account is None or held is None:
            return AccountGone()
        if pair(held) != pair(self.seen):
            if is_acquired:
                ReleaseRefresh(self.account_id, claim).execute()
            return AlreadyRefreshed(held)
        if account.needs_reconnection_since:
            return AccountGone()
        if not is_acquired:
            return RefreshInProgress()
        return _of_consent(account, held) or Acquired(claim, held, _previous(account, held))


@dataclass(frozen=True, slots=True)
class StoreTokens(TokenCommand):
    """Store what the network gave for `used`. Results in the credentials to go on with."""

    account_id: int
    used: Credentials
    tokens: Tokens
    counts: Refresh | None = None

    def execute(self) -> Credentials:
        new = replace(
            self.used,
            token=self.tokens.access,
            refresh_token=self.tokens.refresh or self.used.refresh_token,
            scopes=self.tokens.scopes or self.used.scopes,
            extra={**self.used.extra, **self.tokens.extra},
        )
        account = _locked(self.account_id)
        held = _credentials(account) if account else None
        if account is None or held is None:
            return new
        if pair(held) != pair(self.used):
            # Reconnected in between: that consent is the newer one.
            return held
        write(account, new, self.tokens, previous=held)
        account.token_refreshed_at = clock.now()
        account.save()
        return new


@dataclass(frozen=True, slots=True)
class MarkUnauthorized(TokenCommand):
    """The network has proven that it refuses `used`. Also gives back the lease, if any."""

    account_id: int
    used: Credentials
    claim: uuid.UUID | None = None
    counts: Refresh | None = None

    def execute(self) -> None:
        account = _locked(self.account_id)
        if account is None:
            return
        if self.claim and account.refresh_claim == self.claim:
            account.refresh_claim = account.refresh_until = None
        held = _credentials(account)
        if held and pair(held) == pair(self.used) and account.needs_reconnection_since is None:
            account.needs_reconnection_since = clock.now()
            events.reconnect_needed(account)
        account.save(update_fields=["refresh_claim", "refresh_until", "needs_reconnection_since"])


@dataclass(frozen=True, slots=True)
class ReleaseRefresh(TokenCommand):
    """Give the lease back. The tick asks again after the pause; a publish may at once."""

    account_id: int
    claim: uuid.UUID
    pause_seconds: float = 0
    counts: Refresh | None = None

    def execute(self) -> None:
        until = Now() + timedelta(seconds=self.pause_seconds) if self.pause_seconds else None
        Account.objects.filter(pk=self.account_id, refresh_claim=self.claim).update(
            refresh_claim=None, refresh_until=until
        )


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


def _locked(account_id: int) -> Account | None:
    return Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()


def _credentials(account: Account) -> Credentials | None:
    """Return None if they were encrypted with a key that is gone."""
    try:
        return encryption.credentials(account)
    except encryption.Unreadable:
        return None


def _of_consent(account: Account, held: Credentials) -> AlreadyRefreshed | RefreshInProgress | None:
    """Return what another account of the same consent makes of a refresh; None if it is ours.

    `account` holds the lease. The lock is not waited for: its holder may want this account's row.
    """
    if not held.extra.get(CONSENT):
        return None
    with connection.cursor() as cursor:
        question = "SELECT pg_try_advisory_xact_lock(hashtext(%s)), now()"
        cursor.execute(question, [held.extra[CONSENT]])
        is_locked, now = cursor.fetchone()
    others = _others(account, held) if is_locked else {}
    newest = max(others, key=_refreshed_at, default=account)
    if _refreshed_at(newest) > _refreshed_at(account):
        return AlreadyRefreshed(_take_over(account, held, newest, others[newest]))
    if is_locked and not any(each.refresh_claim and each.refresh_until > now for each in others):
        return None
    account.refresh_claim = account.refresh_until = None
    account.save(update_fields=["refresh_claim", "refresh_until"])
    return RefreshInProgress()


def _others(account: Account, held: Credentials) -> dict[Account, Credentials]:
    """Return the other accounts of the same consent, as they are stored."""
    own = {name: getattr(account, name) for name in ("workspace_id", "platform", "username")}
    rows = Account.objects.filter(**own).exclude(pk=account.pk)
    found = {row: each for row in rows if (each := _credentials(row))}
    consent = held.extra[CONSENT]
    return {row: each for row, each in found.items() if each.extra.get(CONSENT) == consent}


def _take_over(
    account: Account, held: Credentials, other: Account, theirs: Credentials
) -> Credentials:
    """Store the tokens of another account of the consent, whose row is not touched."""
    new = replace(theirs, platform_account_id=held.platform_account_id, extra=held.extra)
    until, refresh_until = other.token_expires_at, other.refresh_expires_at
    given = Tokens(theirs.token, expires_at=until, refresh_expires_at=refresh_until)
    write(account, new, given, previous=held)
    account.token_refreshed_at = other.token_refreshed_at
    account.save()
    return new


def _refreshed_at(account: Account) -> datetime:
    return account.token_refreshed_at or datetime.min.replace(tzinfo=UTC)


def _previous(account: Account, held: Credentials) -> Credentials | None:
    kept = encryption.unseal(account.credentials).get("previous")
    if not kept:
        return None
    before = replace(held, token=kept["token"], refresh_token=kept["refresh_token"])
    # Where refresh tokens are not rotated, the pair before adds nothing.
    same = before.refresh_token == held.refresh_token != ""
    return None if same or pair(before) == pair(held) else before


def due(now: datetime) -> Iterator[Account]:
    """Return accounts whose tokens have expired or soon will, the most urgent of a login first."""
    for login in oauth_apps.all_logins():
        if login.app is None:
            continue
        margin = login.method.refresh_margin
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
