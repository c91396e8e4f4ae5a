"""Accounts that share the tokens of one consent, which their `extra` names.

A refresh token may work once. So one of the accounts refreshes at a time, and the others take over
what it was given.
"""

from dataclasses import replace
from datetime import UTC, datetime

from django.db import connection

from destinations.accounts.tokens import stored
from destinations.models import Account
from platforms.drafts import Credentials
from platforms.oauth import Tokens

#: The name in `extra` of the consent.
CONSENT = "consent"


class Busy(Exception):
    """Another account of the consent is being refreshed. `account` no longer holds its lease."""


def newer_tokens(account: Account, held: Credentials) -> Credentials | None:
    """Store and return newer tokens of the same consent; None if `account` is to refresh them.

    `account` holds the lease. The lock is not waited for: its holder may want this account's row.
    Raises Busy.
    """
    if not held.extra.get(CONSENT):
        return None
    with connection.cursor() as cursor:
        question = "SELECT pg_try_advisory_xact_lock(hashtext(%s)), now()"
        cursor.execute(question, [held.extra[CONSENT]])
        is_locked, now = cursor.fetchone()
    found = others(account, held) if is_locked else {}
    newest = max(found, key=_refreshed_at, default=account)
    if _refreshed_at(newest) > _refreshed_at(account):
        return _take_over(account, held, newest, found[newest])
    if is_locked and not any(each.refresh_claim and each.refresh_until > now for each in found):
        return None
    account.refresh_claim = account.refresh_until = None
    account.save(update_fields=["refresh_claim", "refresh_until"])
    raise Busy


def others(account: Account, held: Credentials) -> dict[Account, Credentials]:
    """Return the other accounts of the same consent, as they are stored."""
    consent = held.extra.get(CONSENT)
    if not consent:
        return {}
    own = {name: getattr(account, name) for name in ("workspace_id", "platform", "username")}
    rows = Account.objects.filter(**own).exclude(pk=account.pk)
    found = {row: each for row in rows if (each := stored.read(row))}
    return {row: each for row, each in found.items() if each.extra.get(CONSENT) == consent}


def _take_over(
    account: Account, held: Credentials, other: Account, theirs: Credentials
) -> Credentials:
    """Store the tokens of another account of the consent, whose row is not touched."""
    new = replace(theirs, platform_account_id=held.platform_account_id, extra=held.extra)
    until, refresh_until = other.token_expires_at, other.refresh_expires_at
    given = Tokens(theirs.token, expires_at=until, refresh_expires_at=refresh_until)
    stored.write(account, new, given, previous=held)
    account.token_refreshed_at = other.token_refreshed_at
    account.save()
    return new


def _refreshed_at(account: Account) -> datetime:
    return account.token_refreshed_at or datetime.min.replace(tzinfo=UTC)
