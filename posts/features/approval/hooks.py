"""Connect approval to the core."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery

from destinations.models import Destination
from posts.composing.extensions.holds import Hold, InsertionSql
from posts.features.approval import edits, record
from posts.features.approval.edits import Review
from posts.features.approval.models import UNAPPROVED, Approval
from posts.features.approval.record import Action, Actor
from posts.models import Post
from posts.outbox.names import EventNames

_STATUSES = ", ".join(f"'{status}'" for status in UNAPPROVED)


class AwaitedApproval(Hold):
    is_held = (
        "EXISTS (SELECT FROM posts_approval approval WHERE approval.post_id = {post}"
        f" AND approval.status IN ({_STATUSES}))"
    )

    def insertion(self) -> InsertionSql:
        return edits.insertion_sql()

    def parameters(self, post: Post) -> Mapping[str, Any]:
        now = post.updated_at
        return {
            "expires_at": record.expiry(post, now),
            "remind_at": now + record.REMIND_AFTER[0],
        }

    def annotations(self) -> Mapping[str, Any]:
        """Return annotations of approval. Decisions lock destinations, so they are current."""
        own = Approval.objects.filter(post=OuterRef("pk")).values("status")
        return {"approval_status": Subquery(own), "approval_mode": F("workspace__approval_mode")}

    def begin(self, post: Post, rows: Iterable[Destination], *, overrides: bool) -> Review | None:
        return edits.begin(post, rows, overrides=overrides)

    def retimed(
        self,
        times: Mapping[uuid.UUID, tuple[datetime, datetime]],
        now: datetime,
        *,
        by: str,
        request_id: str,
        is_queue_active: bool,
    ) -> None:
        """Treat new times as edits: a time is part of what was approved."""
        actor = Actor(by, request_id)
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
            approval.expires_at = after if is_waiting and is_queue_active else None
            approval.save()

    def held(self, post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        found = Approval.objects.filter(post__in=post_ids, status__in=UNAPPROVED)
        return set(found.values_list("post_id", flat=True))


HOOKS = (AwaitedApproval(), EventNames(20, tuple(dict.fromkeys(record.EVENTS.values()))))
