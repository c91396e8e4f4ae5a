"""Connections as programs and operators follow them: how far a person has come in the browser."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from django.db import transaction
from django.db.models import Q, QuerySet

from destinations import access
from destinations.access import Reach
from destinations.accounts import exchange, store
from destinations.accounts.connect_flow import FORGOTTEN
from destinations.accounts.links import STEP_TIME
from destinations.accounts.messages import ConnectError
from destinations.accounts.oauth_apps import Login
from destinations.models import Account, Connection
from destinations.runtime import clock
from destinations.runtime.request_waits import RequestWaitLimiter

Progress = Literal["pending", "completed", "cancelled", "expired"]
#: How long a finished connection is kept, so that operators can see what happened.
KEPT_TIME = timedelta(days=1)
#: A network's answer may take long.
_room = RequestWaitLimiter()


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


def connect_at_once(
    workspace_id: uuid.UUID, login: Login, answers: Mapping[str, str]
) -> list[Account]:
    """Connect what a form's answers speak for, for a program that has them. Raises ConnectError."""
    with _room.one(workspace_id) as has_place:
        if not has_place:
            raise ConnectError("busy")
        found = exchange.sign_in(login, answers)
    with transaction.atomic():
        return [store.connect(workspace_id, login, each) for each in found]


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


def sweep() -> int:
    """Delete connections that ended long ago; returns how many.

    The tokens of profiles that were not chosen are deleted as soon as their step is over.
    """
    now = clock.now()
    over = Q(expires_at__lt=now) | Q(returned_at__lt=now - STEP_TIME)
    Connection.objects.filter(over).exclude(found="").update(found="", verifier="")
    count, _ = Connection.objects.filter(expires_at__lt=now - KEPT_TIME).delete()
    return count
