"""AI credits: what a workspace may spend per calendar month (UTC), and what it has spent."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.ai.models import AiUse
from posts.models import Workspace

#: The value of `credits_remaining` without a limit: clients expect a number.
UNLIMITED = 1_000_000
#: A call that has not ended after this long never will: its process died.
ABANDONED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class CreditUsage:
    """Credits of this month. `limit` None: there is none."""

    used: int
    limit: int | None

    @property
    def remaining(self) -> int:
        return UNLIMITED if self.limit is None else max(0, self.limit - self.used)


def usage(workspace: Workspace) -> CreditUsage:
    return CreditUsage(used_since(workspace.pk, _month()), limit(workspace))


def limit(workspace: Workspace) -> int | None:
    """Return the credits per month; None: no limit."""
    own = workspace.ai_credits_per_month
    return (settings.AI_CREDITS_PER_MONTH if own is None else own) or None


def used_since(workspace_id: uuid.UUID, since: datetime, before: datetime | None = None) -> int:
    """Return the credits spent from a moment on, calls that are under way included."""
    fresh = Q(is_settled=True) | Q(created_at__gt=clock.now() - ABANDONED)
    spent = AiUse.objects.filter(fresh, workspace=workspace_id, created_at__gte=since)
    if before:
        spent = spent.filter(created_at__lt=before)
    total: int = spent.aggregate(total=Sum("credits", default=0))["total"]
    return total


@transaction.atomic
def reserve(workspace_id: uuid.UUID, kind: AiUse.Kind, model: str, most: int, by: str) -> AiUse:
    """Set the credits of a call aside before it is made. Raises RequestRefused."""
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    there = usage(workspace)
    if there.limit is not None and there.used + most > there.limit:
        raise RequestRefused(
            "insufficient_credits",
            f"This costs up to {most} credits; this workspace has {there.remaining} of "
            f"{there.limit} left this month. Ask the operator of this installation for more.",
            credits_required=most,
            credits_remaining=there.remaining,
        )
    return AiUse.objects.create(
        workspace=workspace, kind=kind, model=model, credits=most, by=by, created_at=clock.now()
    )


def settle(use: AiUse, cost: int) -> int:
    """Record what the call cost; returns the credits that remain."""
    AiUse.objects.filter(pk=use.pk).update(credits=cost, is_settled=True)
    return usage(use.workspace).remaining


def release(use: AiUse) -> None:
    """Give the credits of a call without a result back."""
    AiUse.objects.filter(pk=use.pk).delete()


def _month() -> datetime:
    return clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
