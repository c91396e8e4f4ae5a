"""Share links: secret addresses at which people without a login see a post, and may decide.

The secret has 128 random bits and is stored as a hash. A link made by the key that wrote the post
cannot approve it.
"""

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from posts.errors import RequestRefused
from posts.features.approval import decisions
from posts.features.approval.models import Approval, ShareLink
from posts.features.approval.state import authors, record
from posts.features.approval.state.record import Action, Actor
from posts.keys import keys
from posts.models import Post

LONGEST = timedelta(days=7)
#: The most links of a post, ended ones too.
MOST = 50


@dataclass(frozen=True, slots=True)
class NewShareLink:
    can_decide: bool = False
    reviewer: str = ""
    lasts: timedelta = LONGEST


@transaction.atomic
def create(
    post: Post, actor: Actor, wanted: NewShareLink, names: Collection[str] = ()
) -> tuple[ShareLink, str]:
    """Create a link and its secret, which is known only now. Raises RequestRefused.

    `names`: all by which its maker may have written the post.
    """
    # Locked, so that of two requests for the last place one is refused.
    Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    if wanted.can_decide and set(names) & wrote(post.pk):
        raise RequestRefused("own_post", decisions.OWN)
    if ShareLink.objects.filter(post=post).count() >= MOST:
        raise RequestRefused("conflict", f"The post has {MOST} share links, which is the most.")
    secret, now = secrets.token_urlsafe(16), clock.now()
    link = ShareLink.objects.create(
        post=post,
        digest=keys.digest(secret),
        can_decide=wanted.can_decide,
        reviewer=wanted.reviewer,
        created_by=actor.by,
        created_at=now,
        expires_at=now + min(wanted.lasts, LONGEST),
    )
    record.write(post, Action.LINK_CREATED, actor, now, text=wanted.reviewer)
    return link, secret


def url(secret: str) -> str:
    return f"{settings.PUBLIC_URL}/share/{secret}"


def wrote(post_id: uuid.UUID) -> set[str]:
    """Return who composed the post and who changed it last."""
    approval = Approval.objects.filter(pk=post_id).first()
    found = (approval.created_by, approval.edited_by) if approval else authors.of(post_id)
    return {name for name in found if name}


@transaction.atomic
def revoke(post: Post, link_id: uuid.UUID, actor: Actor) -> ShareLink:
    """End a link at once; again, nothing happens. Raises RequestRefused."""
    link = ShareLink.objects.filter(post=post, pk=link_id).select_for_update().first()
    if link is None:
        raise RequestRefused("not_found", "The post has no such share link.")
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        link.save(update_fields=["revoked_at"])
        record.write(post, Action.LINK_REVOKED, actor, link.revoked_at, text=link.reviewer)
    return link


def find(secret: str) -> ShareLink | None:
    """Return the link with this secret, in any state."""
    rows = ShareLink.objects.filter(digest=keys.digest(secret))
    return rows.select_related("post__workspace").first()
