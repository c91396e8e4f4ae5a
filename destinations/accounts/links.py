"""Links with which the owner of an account connects it: made for one network, and opened once."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.conf import settings

from destinations.accounts import oauth_apps
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.models import Account, Connection
from destinations.runtime import clock

#: How long each step of the flow may take.
STEP_TIME = timedelta(minutes=10)
#: How long an operator's link to one account works. It connects no other profile.
RECONNECT_TIME = timedelta(days=7)


def create_link(
    workspace_id: uuid.UUID,
    platform: str,
    login: str = "",
    *,
    by: str,
    request_id: str = "",
    account: Account | None = None,
    valid: timedelta = STEP_TIME,
) -> tuple[Connection, str]:
    """Create a link and its URL, for the owner of the account. Raises LoginNotConfigured."""
    found = oauth_apps.usable(platform, login)
    token = secrets.token_urlsafe(32)
    connection = Connection.objects.create(
        workspace_id=workspace_id,
        platform=platform,
        login=found.name,
        account=account,
        by=by,
        request_id=request_id,
        link_hash=hashed(token),
        expires_at=clock.now() + valid,
    )
    return connection, f"{settings.PUBLIC_URL}/connect/{token}"


def create_reconnect_link(
    account: Account, *, by: str, request_id: str = "", valid: timedelta = STEP_TIME
) -> tuple[Connection, str]:
    """Create a link that repairs this account. Raises LoginNotConfigured."""
    try:
        login = oauth_apps.usable(account.platform, account.login).name
    except oauth_apps.LoginNotConfigured:
        login = oauth_apps.usable(account.platform).name
    return create_link(
        account.workspace_id,
        account.platform,
        login,
        by=by,
        request_id=request_id,
        account=account,
        valid=valid,
    )


def open_link(token: str) -> Connection:
    """Return the connection that a link is for; opening it has no effect. Raises ConnectError."""
    links = Connection.objects.select_related("workspace", "account")
    connection = links.filter(link_hash=hashed(token)).first()
    if connection is None:
        raise ConnectError("unknown_link")
    if connection.used_at:
        raise ConnectError("used", connection)
    if connection.expires_at <= clock.now():
        raise ConnectError("expired", connection)
    login_of(connection)
    return connection


def login_of(connection: Connection) -> Login:
    """Return the login that a connection is for. Raises ConnectError if it cannot be used."""
    try:
        return oauth_apps.usable(connection.platform, connection.login)
    except oauth_apps.LoginNotConfigured as why:
        raise ConnectError("not_set_up", connection) from why


def hashed(secret: str) -> str:
    """Return what is stored of a secret that is only compared."""
    return hashlib.sha256(secret.encode()).hexdigest()
