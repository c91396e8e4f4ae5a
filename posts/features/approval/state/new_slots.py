"""What new slots of a posting queue mean for the approvals of its posts.

A time is part of what was approved, also if a queue gives it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.state import record
from posts.features.approval.state.record import Action, Actor


def follow(
    times: Mapping[uuid.UUID, tuple[datetime, datetime]],
    actor: Actor,
    now: datetime,
    *,
    is_held: bool,
) -> None:
    """Let approvals follow posts that get these times, each given with the one before.

    Runs before their destinations are due again, under the locks of destinations and posts.
    """
    rows = Approval.objects.filter(post__in=list(times)).order_by("post")
    for approval in rows.select_related("post").select_for_update(of=("self",)):
        before, after = times[approval.pk]
        if before != after:
            changed = {"before": before.isoformat(), "after": after.isoformat()}
            changes = {"scheduled_for": changed}
            record.write(approval.post, Action.EDITED, actor, now, changes=changes)
            if record.is_approved_in_part(approval):
                record.ask(approval, approval.post, actor, now)
        is_waiting = approval.status in UNAPPROVED
        approval.expires_at = after if is_waiting and not is_held else None
        approval.save()
