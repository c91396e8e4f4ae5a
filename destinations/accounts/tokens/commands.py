"""Commands on an account's tokens, and which accounts are due for a refresh."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from destinations import account_events as events
from destinations.accounts import oauth_apps
from destinations.accounts.tokens import shared_consent, stored
from destinations.accounts.tokens.stored import pair
from destinations.dispatch.claims import ClockReading, read_clocks, seconds_since
from destinations.models import Account
from destinations.runtime import clock
from destinations.runtime.worker.batch import Command, CommandKind
from destinations.statistics import counting
from destinations.statistics.counting import Refresh
from platforms.drafts import Credentials
from platforms.oauth import Tokens

#: Longer than the network is given to answer, so that no two ask it at once.
LEASE_SECONDS = 60
#: What leaves later may reach the network when another process has asked it.
CERTAIN_SECONDS = 45
#: Margins are lengthened by up to this factor, so that accounts connected together spread out.
LONGEST = 1.1


@dataclass(frozen=True, slots=True)
class Acquired:
    """The lease, the stored credentials, and the pair before them while that may still work."""

    claim: uuid.UUID
    credentials: Credentials
    previous: Credentials | None
    #: Before the lease was asked for.
    asked_at: ClockReading

    def is_certain(self) -> bool:
        """Return whether no other process can have the lease by now, or gets it soon."""
        return seconds_since(self.asked_at) < CERTAIN_SECONDS


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
        claim, asked_at = uuid.uuid4(), read_clocks()
        rows = Account.objects.filter(pk=self.account_id)
        free = Q(refresh_claim=None) | Q(refresh_until__lte=Now())
        is_acquired = rows.filter(free, needs_reconnection_since=None).update(
            refresh_claim=claim, refresh_until=Now() + timedelta(seconds=LEASE_SECONDS)
        )
        # Read once the lease is ours: its last holder may have stored another pair.
        account = rows.first()
        held = stored.read(account) if account else None
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
        try:
            newer = shared_consent.newer_tokens(account, held)
        except shared_consent.Busy:
            return RefreshInProgress()
        if newer:
            return AlreadyRefreshed(newer)
        return Acquired(claim, held, stored.previous(account, held), asked_at)


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
        held = stored.read(account) if account else None
        if account is None or held is None:
            return new
        if pair(held) != pair(self.used):
            # Reconnected in between: that consent is the newer one.
            return held
        stored.write(account, new, self.tokens, previous=held)
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
        held = stored.read(account)
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


def _locked(account_id: int) -> Account | None:
    return Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()


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
