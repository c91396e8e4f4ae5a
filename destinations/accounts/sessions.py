"""Connections as programs follow them: how far a person has come in the browser."""

from typing import Literal

from destinations import access
from destinations.access import Reach
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
