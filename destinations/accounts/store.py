"""Save a profile as an account, new or repaired in place; retry what the account missed."""

import uuid
from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from destinations import access, manual_retry
from destinations import account_events as events
from destinations.access import Reach
from destinations.accounts import oauth_apps
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.accounts.tokens import stored
from destinations.models import Account, Destination
from destinations.runtime import clock
from platforms.drafts import Credentials
from platforms.oauth import App, Profile

log = structlog.get_logger()

#: Errors that the account's owner resolves by connecting it again.
MISSED = ("account_needs_reconnection", "permission_missing", "account_restricted")


@transaction.atomic
def connect(
    workspace_id: uuid.UUID, login: Login, profile: Profile, app: App | None = None
) -> Account:
    """Return the workspace's account of this profile, with the profile's working credentials.

    An account that was connected before keeps its id, posts and history. `app`: that of its server.
    Raises ConnectError if it is one more than the workspace may have.
    """
    _require_place(workspace_id, login.platform, profile.platform_account_id)
    oauth_apps.keep_server(login, profile.platform_account_id, app)
    found, created = Account.objects.get_or_create(
        workspace_id=workspace_id,
        platform=login.platform,
        platform_account_id=profile.platform_account_id,
        defaults={"name": profile.name, "credentials": ""},
    )
    # Locked, because a refresh of the old tokens may be about to store new ones.
    account = Account.objects.select_for_update(no_key=True).get(pk=found.pk)
    account.name, account.username = profile.name, profile.username
    account.display_name = profile.display_name or profile.name
    account.avatar_url = profile.avatar_url
    account.login = login.name
    credentials = Credentials(
        platform_account_id=profile.platform_account_id,
        username=profile.username,
        token=profile.tokens.access,
        refresh_token=profile.tokens.refresh,
        extra=profile.extra,
        login=login.name,
        scopes=profile.tokens.scopes,
    )
    account.refresh_expires_at = None
    stored.write(account, credentials, profile.tokens)
    account.connected_at = clock.now()
    account.token_refreshed_at = None
    account.held_until = None
    account.save()
    events.connected(account, is_new=created)
    log.info("connected", account=account.pk, platform=account.platform, new=created)
    return account


def _require_place(workspace_id: uuid.UUID, platform: str, platform_account_id: str) -> None:
    """Lock the workspace for a new account, so that no two take the last place."""
    mine = Account.objects.filter(workspace=workspace_id).order_by()
    same = mine.filter(platform=platform, platform_account_id=platform_account_id)
    if not (most := settings.ACCOUNT_LIMIT) or same.exists():
        return
    # Workspaces belong to posts, which imports us.
    workspaces = Account._meta.get_field("workspace").remote_field.model._default_manager
    workspaces.select_for_update(no_key=True).get(pk=workspace_id)
    if not same.exists() and mine.values("pk")[:most].count() >= most:
        raise ConnectError("full", most=f"{most:,}")


def missed(accounts: Iterable[Account], reach: Reach | None = None) -> QuerySet[Destination]:
    """Return destinations that failed because these accounts could not post, oldest first.

    `reach` limits them to the posts within it.
    """
    rows = Destination.objects.filter(
        account__in=[account.pk for account in accounts],
        status=Destination.Status.FAILED,
        next_retry_at=None,
        error_code__in=MISSED,
    ).order_by("updated_at")
    return rows if reach is None else rows.exclude(access.goes_elsewhere(reach, "post"))


def retry_missed(
    accounts: Iterable[Account], *, by: str, request_id: str = "", reach: Reach | None = None
) -> manual_retry.Requeued:
    """Requeue, due at once, what these accounts `missed`."""
    ids = list(missed(accounts, reach).values_list("pk", flat=True))
    return manual_retry.requeue(ids, by=by, request_id=request_id)
