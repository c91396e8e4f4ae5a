"""Whether a post is still what somebody left it as."""

import hashlib
import json
import uuid

from destinations.access import Reach
from posts import queries
from posts.models import Post


def version(workspace_id: uuid.UUID, post_id: uuid.UUID | None) -> str:
    """A word for what the post says, when and to whom; blank if there is no such post.

    It changes with every edit, and with nothing that happens while the post is published.
    """
    post = queries.post(Reach(workspace_id), post_id)
    if post is None:
        return ""
    said = [
        post.status == Post.Status.DRAFT,
        post.content,
        post.platform_content,
        post.timezone,
        str(post.scheduled_for),
        [row.account_number for row in post.destinations.all()],
        [[str(item.media_id), item.alt_text] for item in post.attachments.all()],
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
