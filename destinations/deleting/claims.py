"""Claims of deletions, and what a claimed one needs in memory."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from destinations import public_ids
from destinations.jobs.leased_rows import LeasedRows
from destinations.models import Deletion
from destinations.runtime import clock
from platforms.adapter import Adapter
from platforms.drafts import Credentials

ROWS = LeasedRows(Deletion, seconds=settings.LEASE_SECONDS)


def claim(
    limit: int, busy: Collection[str] = (), but: Collection[uuid.UUID] = ()
) -> list[Deletion]:
    """Claim up to `limit` due deletions, except on `busy` networks and of workspaces in `but`.

    A rate limit that holds an account's posts holds its deletions too.
    """
    free = Q(account__held_until=None) | Q(account__held_until__lte=clock.now())
    rows = Deletion.objects.filter(free).exclude(platform__in=busy)
    rows = rows.exclude(workspace__in=but)
    return ROWS.claim(limit, rows.order_by("due_at", "id"))


@dataclass(slots=True)
class DeletionJob:
    id: uuid.UUID
    claim: uuid.UUID
    destination_id: uuid.UUID
    post_id: uuid.UUID
    workspace_id: uuid.UUID
    account_id: int
    adapter: Adapter
    credentials: Credentials
    #: The parts, in the form of `Deletion.parts`.
    parts: list[dict[str, str]]
    is_proven: bool
    failures: int
    asked_at: datetime
    token_expires_at: datetime | None
    request_id: str

    @property
    def left(self) -> list[dict[str, str]]:
        """The parts that are still to go, the last first: what is left is always a whole beginning
        of the thread."""
        return [part for part in reversed(self.parts) if not part["removal"]]

    @property
    def ids(self) -> dict[str, Any]:
        """Return the ids that log lines carry."""
        return {
            "request_id": self.request_id,
            "workspace": str(self.workspace_id),
            "account": self.account_id,
            "post": public_ids.encode(public_ids.POST, self.post_id),
            "destination": public_ids.encode(public_ids.DESTINATION, self.destination_id),
            "platform": self.adapter.key,
        }
