"""Share links: secret addresses at which people without a login see a post, and may decide.

The secret has 128 random bits and is stored as a hash. A link made by the key that wrote the post
cannot approve it.

People comment and decide through a link by the name they give.
"""

import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from destinations.runtime import clock
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid
from posts.features.approval import decisions, record
from posts.features.approval.decisions import TO_CLIENT, ApprovalDecision, Judge
from posts.features.approval.models import Approval, ApprovalEvent, ShareLink
from posts.features.approval.record import Action, Actor
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
    found = (approval.created_by, approval.edited_by) if approval else record.author_of(post_id)
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


NAME_CHARS = 100
TEXT_CHARS = 2000
#: By the form's buttons.
ACTIONS = {
    "approve": Action.APPROVED,
    "changes": Action.CHANGES_REQUESTED,
    "reject": Action.REJECTED,
    "comment": Action.COMMENTED,
}
CLIENT = ApprovalEvent.Visibility.CLIENT


@dataclass(frozen=True, slots=True)
class ClientMessage:
    action: Action
    name: str
    text: str


def read_message(form: Mapping[str, str]) -> ClientMessage:
    """Raises RequestRefused."""
    action = ACTIONS.get(form.get("action", ""))
    name, text = _clean(form.get("name", "")), _clean(form.get("comment", ""))
    if action is None:
        raise invalid("action", "Choose one of the buttons.")
    if not name or len(name) > NAME_CHARS:
        raise invalid("name", f"Please give your name, in at most {NAME_CHARS} characters.")
    if len(text) > TEXT_CHARS:
        raise invalid("comment", f"At most {TEXT_CHARS} characters, please.")
    if not text and action != Action.APPROVED:
        raise invalid("comment", "Please say what you think in the comment.")
    return ClientMessage(action, name, text)


def say_by_link(link: ShareLink, said: ClientMessage, revision: str, stage: str) -> None:
    """Take it down, and let the post follow. Raises RequestRefused."""
    actor = Actor(f"link:{link.pk}", name=said.name)
    post = link.post
    if said.action == Action.COMMENTED:
        decisions.comment(post.pk, post.workspace_id, actor, said.text, CLIENT)
        return
    with transaction.atomic():
        # Revoked in this moment, it decides nothing.
        held = ShareLink.objects.select_for_update().get(pk=link.pk)
        if held.state != "active" or not may_decide(held, stage):
            raise RequestRefused("conflict", "This link cannot decide about the post now.")
        judge = Judge(actor, frozenset({link.created_by}), stage, CLIENT)
        decision = ApprovalDecision(said.action, said.text, revision)
        decisions.decide(Author(post.workspace_id, actor.by), post.pk, judge, decision)


def may_decide(link: ShareLink, stage: str) -> bool:
    """Return where the client comes second, a link has no say in the first stage."""
    is_clients = link.post.workspace.approval_mode == TO_CLIENT
    return link.can_decide and (not is_clients or stage == Approval.Stage.CLIENT)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
