"""Creates, recognises, rotates and revokes API keys. A secret is known only at its creation."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from destinations.models import Account
from destinations.public_ids import KEY_PREFIX
from destinations.runtime import clock
from posts.errors import RequestRefused, invalid
from posts.models import ApiKey, Workspace
from posts.models.api_key import check_limits

log = structlog.get_logger()

#: The maximum number of active keys in a workspace.
ACTIVE_LIMIT = 10
#: `last_used_at` is written at most this often, so that read requests rarely write.
MOST_ROTATIONS = 100
USED_EVERY = timedelta(minutes=1)
_FORM = re.compile(rf"{KEY_PREFIX}[a-f0-9]{{32}}")
#: An access token of an OAuth grant.
ACCESS_PREFIX = "pe_access_"
_ACCESS_FORM = re.compile(rf"{ACCESS_PREFIX}[a-f0-9]{{32}}")
#: The key as which an access token acts, while the operator who allowed it is active.
_OF_ACCESS = """
SELECT key.*, tokens.access_expires_at AS token_expires_at, granted.resource AS token_resource
FROM posts_oauthtokens tokens
JOIN posts_oauthgrant granted ON granted.id = tokens.grant_id
JOIN posts_apikey key ON key.id = granted.api_key_id
JOIN auth_user operator ON operator.id = granted.operator_id AND operator.is_active
WHERE tokens.access_hash = %s
"""


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def lineage(key: ApiKey) -> list[str]:
    """The prefix of a key, and of those that it replaced by rotation."""
    found, current = [key.prefix], key
    while len(found) < MOST_ROTATIONS:
        previous = ApiKey.objects.filter(replaced_by=current.pk).first()
        if previous is None:
            break
        found.append(previous.prefix)
        current = previous
    return found


def _active() -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now()))


def create(
    workspace: Workspace,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    *,
    accounts: Collection[Account] = (),
    request_limits: str = "",
    post_limits: str = "",
    is_counted: bool = True,
) -> tuple[ApiKey, str]:
    """A new key and its secret, which cannot be shown again. Raises RequestRefused.

    With `accounts` the key is restricted to them. Blank limits mean the installation's. A key that
    is not counted, to which only an OAuth grant's tokens lead, needs no place below ACTIVE_LIMIT.
    """
    limits = checked_limits(request_limits, post_limits)
    wanted = check(workspace, name, scopes, expires_at, accounts=accounts)
    key = ApiKey(
        workspace=workspace, name=name.strip(), scopes=wanted, expires_at=expires_at, **limits
    )
    with transaction.atomic():
        _lock(workspace.pk)
        if is_counted:
            check_room(workspace.pk)
        return key, _store(key, accounts)


def check(
    workspace: Workspace,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
    *,
    accounts: Collection[Account] = (),
) -> list[str]:
    """The scopes of a key that could be made, in their order. Raises RequestRefused."""
    wanted = [scope for scope in ApiKey.Scope.values if scope in scopes]
    if not wanted or set(scopes) - set(wanted):
        raise invalid("scopes", f"Choose from {', '.join(ApiKey.Scope.values)}.")
    if not name.strip():
        raise invalid("name", "A key needs a name.")
    if expires_at is not None and expires_at <= clock.now():
        raise invalid("expires_at", "Must be in the future.")
    if any(account.workspace_id != workspace.pk for account in accounts):
        raise invalid("accounts", "Choose accounts of this workspace.")
    return wanted


def checked_limits(request_limits: str, post_limits: str) -> dict[str, str]:
    """A key's own limits as they are stored. Raises RequestRefused."""
    given = {"request_limits": request_limits.strip(), "post_limits": post_limits.strip()}
    for field, text in given.items():
        try:
            if text:
                check_limits(text)
        except ValidationError as error:
            raise invalid(field, error.messages[0]) from None
    return given


@transaction.atomic
def rotate(key: ApiKey, overlap: timedelta) -> tuple[ApiKey, str]:
    """A new key to replace this one, and its secret; the old key keeps working for `overlap`.

    The new key gets the old one's name, scopes, accounts and limits, and a lifetime of the same
    length if the old one expires. Raises RequestRefused if the old key has ended or was replaced,
    or if the workspace would have too many keys.
    """
    _lock(key.workspace_id)
    old = ApiKey.objects.select_for_update().get(pk=key.pk)
    if old.replaced_by:
        raise RequestRefused("conflict", f"{old} was already replaced by {old.replaced_by}.")
    if hasattr(old, "oauth_grant"):
        raise RequestRefused("conflict", f"{old} has no secret: its program renews its tokens.")
    if not old.is_active:
        raise RequestRefused("conflict", f"{old} is expired or revoked; create a new key.")
    now = clock.now()
    life = old.expires_at - old.created_at if old.expires_at else None
    old.expires_at = min(now + overlap, old.expires_at or now + overlap)
    old.save(update_fields=["expires_at"])
    new = ApiKey(
        workspace_id=old.workspace_id,
        name=old.name,
        scopes=old.scopes,
        is_restricted=old.is_restricted,
        request_limits=old.request_limits,
        post_limits=old.post_limits,
        expires_at=now + life if life else None,
    )
    check_room(new.workspace_id)
    secret = _store(new, old.accounts.all())
    old.replaced_by = new
    old.save(update_fields=["replaced_by"])
    log.info("key_rotated", key=old.prefix, by_key=new.prefix, old_until=old.expires_at)
    return new, secret


def _lock(workspace_id: uuid.UUID) -> None:
    """Two simultaneous callers must not both create the last allowed key."""
    Workspace.objects.select_for_update().get(pk=workspace_id)


def check_room(workspace_id: uuid.UUID) -> None:
    """Raises RequestRefused if the workspace has as many active keys as it may."""
    counted = ApiKey.objects.filter(_active(), workspace=workspace_id, oauth_grant__isnull=True)
    if counted.count() >= ACTIVE_LIMIT:
        raise RequestRefused(
            "key_limit_reached", f"A workspace has at most {ACTIVE_LIMIT} active keys."
        )


def _store(key: ApiKey, accounts: Collection[Account]) -> str:
    """Store a key of a locked workspace, and return its secret."""
    secret = KEY_PREFIX + secrets.token_hex(16)
    key.prefix, key.digest = prefix_of(secret), digest(secret)
    key.is_restricted = key.is_restricted or bool(accounts)
    key.save(force_insert=True)
    key.accounts.set(accounts)
    return secret


def prefix_of(secret: str) -> str:
    """Return what is shown of a key, `pe_live_4f3c`; empty for what has not the form of one."""
    return secret[: len(KEY_PREFIX) + 4] if _FORM.fullmatch(secret) else ""


def find(secret: str) -> ApiKey | None:
    """The key with this secret, active or not; of an access token the key of its grant."""
    if settings.OAUTH_ENABLED and _ACCESS_FORM.fullmatch(secret):
        return _find_of_access(secret)
    if not _FORM.fullmatch(secret):
        return None
    # Not built by the ORM at each call: 0.12 instead of 0.33 ms of CPU.
    found = ApiKey.objects.raw("SELECT * FROM posts_apikey WHERE digest = %s", [digest(secret)])
    return next(iter(found), None)


def _find_of_access(token: str) -> ApiKey | None:
    """The key expires here with the token, which is sooner."""
    key = next(iter(ApiKey.objects.raw(_OF_ACCESS, [digest(token)])), None)
    if key is not None:
        ends_at: datetime = key.token_expires_at  # type: ignore[attr-defined]
        key.expires_at = min(key.expires_at or ends_at, ends_at)
    return key


def recognise(secret: str) -> ApiKey | None:
    """The active key with this secret; None if it is malformed, unknown, revoked or expired."""
    key = find(secret)
    return key if key and key.is_active else None


def named(name: str) -> ApiKey:
    """The key with this id or prefix. Raises RequestRefused."""
    try:
        found = list(ApiKey.objects.filter(pk=uuid.UUID(name)))
    except ValueError:
        found = list(ApiKey.objects.filter(prefix=name)[:2])
    if len(found) == 2:
        raise RequestRefused("conflict", f"Several keys have the prefix {name}; pass an id.")
    if not found:
        raise RequestRefused("not_found", f"There is no key {name}.")
    return found[0]


def note_use(key: ApiKey) -> None:
    """Store that the key was used, at most once a minute."""
    now = clock.now()
    if key.last_used_at is not None and key.last_used_at > now - USED_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now


def revoke(key: ApiKey) -> bool:
    """Revoke a key permanently. False: it was already revoked."""
    rows = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True)
    return rows.update(revoked_at=clock.now()) == 1
