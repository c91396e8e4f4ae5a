"""Adds hashtags and a workspace's first comment to what each account publishes.

The comment comes before links are rewritten, because it may have some; hashtags come after, so that
nothing is done to them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from platforms.adapter import Adapter
from platforms.policy.options import FIRST_COMMENT_OPTION as OPTION
from posts.composing.extensions import text_steps
from posts.composing.extensions.text_steps import NewText, TextChange, Texts, TextStep
from posts.composing.freeze import Content, Target
from posts.features.hashtags import post_hashtags, sets
from posts.features.hashtags.post_hashtags import PostHashtags
from posts.features.hashtags.sets import FIRST_COMMENT, DefaultsSetting
from posts.models import Post


class AddHashtags(TextStep):
    def of_new(self, new: NewText) -> TextChange:
        chosen = post_hashtags.choose(new.workspace_id, new.hashtags)
        return AddedHashtags(new.workspace_id, chosen)

    def of_changed(self, post: Post, changes: Mapping[str, Any]) -> TextChange:
        found = PostHashtags.of(post.hashtags)
        if "hashtags" in changes:
            found = post_hashtags.reapply(post.workspace_id, found, changes["hashtags"])
            post.hashtags = found.as_json()
        return AddedHashtags(post.workspace_id, found)

    def repeated(self, post: Post) -> Mapping[str, Any]:
        """Sets that were deleted since are left out."""
        request = text_steps.stored_request(post.hashtags)
        return {"hashtags": replace(request, skips_unknown=True)}


@dataclass(frozen=True, slots=True)
class AddedHashtags(TextChange):
    workspace_id: UUID
    chosen: PostHashtags

    def add_words(self, texts: Texts, targets: Collection[Target]) -> Texts:
        """Add required options and the first comment where the post says none of its own."""
        written = dict(texts.shared.platform_content)
        self._add_required(written, targets)
        if self.chosen.first_comment:
            self._add_comment(written, targets)
        if written == texts.shared.platform_content:
            return texts
        return texts._replace(shared=replace(texts.shared, platform_content=written))

    def _add_required(self, written: dict[str, Any], targets: Collection[Target]) -> None:
        """Add the workspace's choices, as they are now, for options that networks require."""
        platforms = {each.platform for each in targets if each.adapter.required_options}
        usual = sets.defaults_of(self.workspace_id).platform_settings if platforms else {}
        for platform in platforms & usual.keys():
            own = written.get(platform, {})
            said = {name: v for name, v in own.get("settings", {}).items() if v is not None}
            written[platform] = {**own, "settings": {**usual[platform], **said}}

    def _add_comment(self, written: dict[str, Any], targets: Collection[Target]) -> None:
        """Add the first comment, on networks that have one and where none is named."""
        for platform, adapter in {each.platform: each.adapter for each in targets}.items():
            own = written.get(platform, {})
            settings = own.get("settings", {})
            if (
                _has_comments(adapter)
                and _shows_words(adapter, own)
                and settings.get(OPTION) is None
            ):
                named = {**settings, OPTION: self.chosen.first_comment}
                written[platform] = {**own, "settings": named}

    def append_words(self, texts: Texts, targets: Collection[Target]) -> Texts:
        """Add the hashtags. Accounts of a network that publish the same share it."""
        if not self.chosen.groups:
            return texts
        made: dict[tuple[str, int], Content] = {}
        found = {}
        for target in targets:
            base = texts.on(target)
            key = (target.platform, id(base))
            if key not in made:
                made[key] = _tagged(base, target.adapter, self.chosen)
            found[target.number] = made[key]
        return texts._replace(by_account=found)

    def describe(self, post: Post) -> None:
        post.hashtags = self.chosen.as_json()


def _tagged(content: Content, adapter: Adapter, chosen: PostHashtags) -> Content:
    own = content.platform_content.get(adapter.key, {})
    settings = own.get("settings", {})
    text, comment = own.get("content", content.text), settings.get(OPTION) or ""
    # A value of another type is refused when the draft is frozen.
    if not _shows_words(adapter, own) or not isinstance(comment, str):
        return content
    wanted = post_hashtags.without_known(chosen.on(adapter.key), text, comment)
    if not wanted:
        return content
    if chosen.place == FIRST_COMMENT and _has_comments(adapter):
        part = {**own, "settings": {**settings, OPTION: post_hashtags.appended(comment, wanted)}}
    else:
        part = {**own, "content": post_hashtags.appended(text, wanted)}
    return replace(content, platform_content={**content.platform_content, adapter.key: part})


def _has_comments(adapter: Adapter) -> bool:
    return any(option.name == OPTION for option in adapter.options)


def _shows_words(adapter: Adapter, own: Mapping[str, object]) -> bool:
    """Return whether this type of post has a text and comments at all."""
    return own.get("contentType", "") not in adapter.wordless_types


HOOKS = (AddHashtags(), DefaultsSetting())
