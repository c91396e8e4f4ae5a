"""The files of a post, and what each shows for people who cannot see it."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from platforms import drafts
from posts.composing import freeze, references
from posts.composing.destinations import Author
from posts.models import Media, Post


def after(
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


def frozen(media: Iterable[Media], alt_texts: Mapping[uuid.UUID, str]) -> tuple[drafts.Media, ...]:
    """Return files in the form that drafts hold."""
    return tuple(freeze.file(item, alt_texts.get(item.pk, "")) for item in media)
