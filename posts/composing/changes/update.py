"""Store a changed post and its files, and freeze again what each of its destinations will be sent.

Everything runs in the transaction of the change, which has locked destinations, post and queue.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destinations.models import Destination
from posts import content
from posts.composing import destinations, freeze, insertion, queueing, references, validate
from posts.composing.destinations import Author
from posts.composing.extensions import text_steps
from posts.composing.extensions.holds import HeldChange
from posts.composing.extensions.text_steps import TextChange
from posts.composing.freeze import Content, Frozen, Target
from posts.media.convert import request
from posts.models import Media, Post, PostingQueue

#: The columns that a change writes.
WRITTEN = [*insertion.COLUMNS, "deleted_files", "status", "updated_at"]
#: The changes that concern files.
FILES = {"media_ids", "alt_texts"}


@dataclass(frozen=True, slots=True)
class PostChange:
    """A change, and the name of its event. `queue` is locked; the post is to enter it."""

    author: Author
    move: str
    fields: Mapping[str, Any]
    queue: PostingQueue | None = None
    held: Sequence[HeldChange] = ()


def rewrite(change: PostChange, post: Post, rows: list[Destination]) -> list[Destination]:
    """Store the changed post; its destinations, in order. Raises RequestRefused."""
    author, changes = change.author, change.fields
    # A text that was blank may stay so.
    as_it_was = changes.get("content", post.content) == post.content
    post.content = changes.get("content", post.content)
    for name in content.plain():
        setattr(post, name, changes.get(name, getattr(post, name)))
    media, alt_texts = files_after(author, post, changes)
    if "campaign_id" in changes:
        post.campaign_id = changes["campaign_id"]
        references.campaign(author.workspace_id, post.campaign_id)
    targets = _targets(change, post, rows)
    written = Content(post.content, freeze.files(media, alt_texts), post.platform_content)
    steps = text_steps.of_changed(post, changes)
    frozen = _frozen(post, written, targets, steps, own_texts_do=as_it_was)
    attached = [(item.pk, alt_texts.get(item.pk, "")) for item in media]
    for held in change.held:
        held.end(post, frozen, attached, by=author.by, request_id=author.request_id)
    post.save(update_fields=WRITTEN)
    for step in steps:
        step.store()
    if FILES & changes.keys():
        destinations.attach(post, media, alt_texts)
    placed = destinations.replace(post, rows, targets, frozen, author, change.move)
    request.for_drafts((each.draft for each in frozen.values()), media)
    return placed


def _targets(change: PostChange, post: Post, rows: Sequence[Destination]) -> list[Target]:
    """Return the post's new accounts; its slot and its networks' texts follow them."""
    reach, changes = change.author.reach, change.fields
    if "account_ids" in changes:
        targets = references.targets(reach, changes["account_ids"])
    else:
        targets = references.kept(reach, rows)
    queueing.adjust_slot(post, [target.number for target in targets], changes, change.queue)
    is_draft = post.status == Post.Status.DRAFT
    if not targets:
        references.check_may_go_nowhere(reach, is_draft=is_draft)
    if "platform_content" in changes:
        post.platform_content = changes["platform_content"]
        if not is_draft and not changes.get("spare_platforms"):
            validate.check_platforms(post.platform_content, targets)
    return targets


def _frozen(
    post: Post,
    written: Content,
    targets: Sequence[Target],
    steps: Collection[TextChange],
    *,
    own_texts_do: bool,
) -> dict[int, Frozen]:
    """Return what each account will publish. Raises RequestRefused."""
    post.validations = text_steps.validated(
        written,
        targets,
        steps,
        own_texts_do=own_texts_do,
        is_draft=post.status == Post.Status.DRAFT,
    )
    return validate.require(post.validations)


def files_after(
    author: Author, post: Post, changes: Mapping[str, Any]
) -> tuple[list[Media], dict[uuid.UUID, str]]:
    """Return the files and alt texts of the changed post. Raises RequestRefused."""
    attached = list(post.attachments.select_related("media__workspace"))
    alt_texts = {item.media_id: item.alt_text for item in attached}
    media = [item.media for item in attached]
    if "media_ids" in changes:
        media = references.media(author.workspace_id, changes["media_ids"])
        post.deleted_files = {}
    references.check_complete(post)
    if "alt_texts" in changes:
        alt_texts = dict(changes["alt_texts"])
        references.check_described(alt_texts, media)
    return media, alt_texts
