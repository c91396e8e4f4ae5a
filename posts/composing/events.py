"""Write the events of composed posts for webhooks, in the transaction that composes them.

Publishing itself, and how it ends, is told by the moves of the destinations.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from destinations.models import Destination
from posts import content
from posts.composing.extensions import lifecycle, text_steps
from posts.models import Post
from posts.outbox import outbox


def scheduled_event(post: Post, account_ids: Collection[int]) -> dict[str, Any] | None:
    """`post.scheduled` of a new post, for the statement that stores it; None if it has no time."""
    if post.status != Post.Status.SCHEDULED:
        return None
    told = _scheduled(post, account_ids)
    return outbox.parameters([post.workspace_id], "post.scheduled", told, post.metadata)


def scheduled(post: Post, account_ids: Collection[int]) -> None:
    """Write that a draft got its time; one for now is told of as it is published."""
    if post.status == Post.Status.SCHEDULED and post.scheduled_for:
        told = _scheduled(post, account_ids)
        outbox.emit(post.workspace_id, "post.scheduled", told, post.metadata)


def updated(post: Post, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write that a scheduled post or a draft was edited; see `editable_values`."""
    changed = [name for name, value in after.items() if before[name] != value]
    if changed:
        told = {"post_id": post.pk, "changed": changed}
        outbox.emit(post.workspace_id, "post.updated", told, post.metadata)


def deleted(post: Post) -> None:
    """Tell webhooks, and features that show it, that a post is about to be deleted."""
    lifecycle.before_deletion(post)
    outbox.emit(post.workspace_id, "post.deleted", {"post_id": post.pk}, post.metadata)


def editable_values(
    post: Post, rows: Sequence[Destination], *, with_files: bool = False
) -> dict[str, Any]:
    """Return what a customer can change of a post, by the API's names; files only if asked for."""
    files = list(post.attachments.values_list("media_id", "alt_text")) if with_files else []
    return {
        "content": post.content,
        "account_ids": [row.account_number for row in rows],
        "media_ids": [media for media, _ in files],
        "alt_texts": {media: text for media, text in files if text},
        "platform_content": post.platform_content,
        "timezone": post.timezone,
        "scheduled_for": post.scheduled_for,
        "queue_id": post.queue_id,
        "campaign_id": post.campaign_id,
        **{name: getattr(post, name) for name in content.plain("event")},
        **text_steps.explicit_options(post.hashtags),
    }


def _scheduled(post: Post, account_ids: Collection[int]) -> dict[str, Any]:
    return {
        "post_id": post.pk,
        "status": str(post.status),
        "scheduled_for": post.scheduled_for,
        "timezone": post.timezone,
        "account_ids": list(account_ids),
        "campaign_id": post.campaign_id,
        "queue_id": post.queue_id,
    }
