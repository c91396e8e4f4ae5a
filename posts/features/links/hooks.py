"""Connect links to the core."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from posts.composing.extensions.text_steps import NewText, TextChange, Texts, TextStep
from posts.composing.freeze import Target
from posts.features.links import rewriter
from posts.features.links.rewriter import LinkRewriter
from posts.features.links.rules import LinkSetting
from posts.models import Post


class RewriteLinks(TextStep):
    def of_new(self, new: NewText) -> TextChange | None:
        found = rewriter.of_new(new.workspace_id, new.post_id, new.campaign_id, new.shorten_links)
        if found is None and new.shorten_links is None:
            return None
        return RewrittenLinks(new.post_id, found, new.shorten_links)

    def of_changed(self, post: Post, changes: Mapping[str, Any]) -> TextChange | None:
        if "shorten_links" in changes:
            rewriter.say(post.pk, changes["shorten_links"])
        found = rewriter.of_stored(post.workspace_id, post.pk, post.campaign_id)
        return RewrittenLinks(post.pk, found) if found else None

    def repeated(self, post: Post) -> Mapping[str, Any]:
        return {"shorten_links": rewriter.asked_to_shorten(post.pk)}


@dataclass(frozen=True, slots=True)
class RewrittenLinks(TextChange):
    """`said`: what a new post says of shortening; None: nothing, or it is stored already."""

    post_id: uuid.UUID
    rewriter: LinkRewriter | None
    said: bool | None = None

    stores = True

    def rewrite_links(self, texts: Texts, targets: Collection[Target]) -> Texts:
        if self.rewriter is None:
            return texts
        found = {each.number: self.rewriter.rewrite(texts.on(each), each) for each in targets}
        return texts._replace(by_account=found)

    def store(self) -> None:
        if self.rewriter:
            self.rewriter.store()
        if self.said is not None:
            rewriter.say(self.post_id, self.said)


HOOKS = (RewriteLinks(), LinkSetting())
