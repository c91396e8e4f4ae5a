"""API keys: made, recognised, used. The key itself is known once, at its creation."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from destinations import clock
from posts.models import ApiKey, Workspace
from posts.refusals import Refused, invalid

PREFIX = "pe_live_"
#: How many keys of a workspace may be active at once.
ACTIVE_LIMIT = 10
#: `last_used_at` is written at most this often, so that reading the API is not writing a table.
USED_EVERY = timedelta(minutes=1)
_FORM = re.compile(rf"{PREFIX}[a-f0-9]{{32}}")


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _active() -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now()))


def create(
    workspace: Workspace,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which can never be shown again. Raises Refused."""
    wanted = [scope for scope in ApiKey.Scope.values if scope in scopes]
    if not wanted or set(scopes) - set(wanted):
        raise invalid("scopes", f"Choose from {', '.join(ApiKey.Scope.values)}.")
    if not name.strip():
        raise invalid("name", "A key needs a name.")
    if expires_at is not None and expires_at <= clock.now():
        raise invalid("expires_at", "Must be in the future.")
    secret = PREFIX + secrets.token_hex(16)
    with transaction.atomic():
        # Two callers at once must not both take the last place.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        if ApiKey.objects.filter(_active(), workspace=workspace).count() >= ACTIVE_LIMIT:
            raise Refused(
                "key_limit_reached", f"A workspace has at most {ACTIVE_LIMIT} active keys."
            )
        key = ApiKey.objects.create(
            workspace=workspace,
            name=name.strip(),
            prefix=secret[: len(PREFIX) + 4],
            digest=digest(secret),
            scopes=wanted,
            expires_at=expires_at,
        )
    return key, secret


def recognise(secret: str) -> ApiKey | None:
    """The active key behind a secret; None if it is malformed, unknown, revoked or expired."""
    if not _FORM.fullmatch(secret):
        return None
    return ApiKey.objects.filter(_active(), digest=digest(secret)).first()


def note_use(key: ApiKey) -> None:
    """Remember that the key was used, at most once a minute."""
    now = clock.now()
    if key.last_used_at is not None and key.last_used_at > now - USED_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def revoke(key: ApiKey) -> bool:
    """End a key for ever. False: it was revoked before."""
    rows = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True)
    return rows.update(revoked_at=clock.now()) == 1
