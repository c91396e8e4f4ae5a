"""An operator's consent, by OAuth or to a login from a terminal, and the key that is made of it.

The key is made only when the program fetches it, so what was allowed is checked once more then.
"""

from datetime import datetime

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from destinations.models import Account
from posts.keys import keys
from posts.models import ApiKey, DeviceLogin, OAuthGrant

#: What an operator needs to allow anything.
PERMISSION = "posts.add_apikey"


def may_allow(operator: User | None) -> bool:
    """Return whether this operator may give keys to programs, and what they allowed still holds."""
    return operator is not None and operator.is_active and operator.has_perm(PERMISSION)


def make_key(
    allowed: OAuthGrant | DeviceLogin, name: str, expires_at: datetime | None, how: str
) -> tuple[ApiKey, str] | None:
    """Make the key and return it with its secret, or None if this is no longer allowed.

    `how` the program fetched it begins the key's history in the admin. Raises RequestRefused.
    """
    workspace, is_counted = allowed.workspace, isinstance(allowed, DeviceLogin)
    operator = allowed.decided_by if isinstance(allowed, DeviceLogin) else allowed.operator
    accounts = list(Account.objects.filter(pk__in=allowed.account_ids, workspace=workspace))
    # Without its accounts the key would be for all of them.
    if not may_allow(operator) or workspace is None or (allowed.account_ids and not accounts):
        return None
    key, secret = keys.create(
        workspace,
        name,
        allowed.scopes,
        expires_at,
        accounts=accounts,
        is_counted=is_counted,
    )
    LogEntry.objects.create(
        user=operator,
        content_type=ContentType.objects.get_for_model(ApiKey),
        object_id=str(key.pk),
        object_repr=str(key)[:200],
        action_flag=ADDITION,
        change_message=f"{how}, as operator:{operator} allowed",
    )
    return key, secret
