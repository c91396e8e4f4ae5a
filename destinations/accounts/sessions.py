"""Connections as programs and operators follow them: how far a person has come in the browser."""

from typing import Literal

from django.db.models import QuerySet

from destinations import access
from destinations.access import Reach
from destinations.accounts.connect_flow import FORGOTTEN
from destinations.models import Account, Connection
from destinations.runtime import clock

Progress = Literal["pending", "completed", "cancelled", "expired"]


def find(reach: Reach, number: int) -> Connection | None:
    """Return the connection with this number, if it is within reach.

    A caller with some accounts only sees repairs of those.
    """
    if not 0 < number <= access.LARGEST:
        return None
    rows = Connection.objects.filter(pk=number, workspace=reach.workspace_id)
    if reach.only is not None:
        rows = rows.filter(account__in=reach.only)
    return rows.first()


def progress(connection: Connection) -> Progress:
    """Return what became of it. An owner who refused may still begin again, until it expires."""
    if connection.used_at:
        return "completed"
    if connection.cancelled_at:
        return "cancelled"
    return "expired" if connection.expires_at <= clock.now() else "pending"


def connected(connection: Connection) -> list[Account]:
    """Return the accounts that it connected, in the order of their ids."""
    return list(Account.objects.filter(pk__in=connection.connected).order_by("pk"))


def open_links(account: Account) -> QuerySet[Connection]:
    """Return the links to this account that still work, newest first."""
    links = Connection.objects.filter(account=account, used_at=None, expires_at__gt=clock.now())
    return links.order_by("-pk")


def revoke_links(account: Account) -> bool:
    """End the links to this account, and what was begun with them. Returns whether any worked."""
    now = clock.now()
    return bool(open_links(account).update(**FORGOTTEN, cancelled_at=now, expires_at=now))
