"""Versions of a post: what people approve, and what an edit changed of it."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from posts import content
from posts.models import Post

#: Text, media, accounts, time, and hashtags with the first comment of the workspace, if the post
#: took any. Campaign, metadata and the zone's name are not approved.
Version = dict[str, Any]


def version(post: Post, accounts: Iterable[int], files: Iterable[tuple[uuid.UUID, str]]) -> Version:
    """Return the post as it goes to these accounts with these files, each with its alt text."""
    at = post.scheduled_for
    added = post.hashtags and post.hashtags["added"]
    return {
        "content": post.content,
        "platform_content": dict(post.platform_content),
        "media": [{"id": str(pk), "alt_text": text} for pk, text in files],
        "account_ids": sorted(accounts),
        "scheduled_for": at.isoformat() if at else None,
        **({"hashtags": added} if added else {}),
        **{name: said for name in content.plain("version") if (said := getattr(post, name))},
    }


def stored(post: Post, accounts: Iterable[int]) -> Version:
    """Return the version of a post with the files that it has now."""
    files = post.attachments.order_by("position").values_list("media_id", "alt_text")
    return version(post, accounts, files)


def revision(version: Mapping[str, Any], decision: int | None) -> str:
    """Return a short name of what a person decides about: a version, and the decision before it.

    `decision`: the last one of the post (`ApprovalEvent.id`); None: there was none.
    """
    text = json.dumps([version, decision], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed: {field: {before, after}}."""
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in (*after, *(before.keys() - after.keys()))
        if before.get(name) != after.get(name)
    }
