"""Adds hashtags and a workspace's first comment to what each account publishes.

The comment comes before links are rewritten, because it may have some; hashtags come after, so that
nothing is done to them. Limits count what results.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from platforms.adapter import Adapter
from posts.composing.freeze import Content, Target
from posts.features.hashtags import tags
from posts.features.hashtags.defaults import FIRST_COMMENT
from posts.features.hashtags.post_hashtags import PostHashtags

#: The option of networks on which an account makes the first comment itself.
OPTION = "firstComment"


def commented(content: Content, targets: Iterable[Target], chosen: PostHashtags) -> Content:
    """The content with the first comment, on networks that have one and where none is named."""
    if not chosen.first_comment:
        return content
    written = dict(content.platform_content)
    for platform, adapter in {each.platform: each.adapter for each in targets}.items():
        own = written.get(platform, {})
        settings = own.get("settings", {})
        if _has_comments(adapter) and _shows_words(adapter, own) and settings.get(OPTION) is None:
            named = {**settings, OPTION: chosen.first_comment}
            written[platform] = {**own, "settings": named}
    return replace(content, platform_content=written)


def added(
    content: Content,
    targets: Collection[Target],
    chosen: PostHashtags,
    rewritten: Mapping[int, Content] | None,
) -> Mapping[int, Content] | None:
    """What each account publishes with the hashtags, by its number; None: all as `content` says.

    Accounts of a network that publish the same share it.
    """
    if not chosen.groups:
        return rewritten
    made: dict[tuple[str, int], Content] = {}
    found = {}
    for target in targets:
        base = content if rewritten is None else rewritten[target.number]
        key = (target.platform, id(base))
        if key not in made:
            made[key] = _tagged(base, target.adapter, chosen)
        found[target.number] = made[key]
    return found


def _tagged(content: Content, adapter: Adapter, chosen: PostHashtags) -> Content:
    own = content.platform_content.get(adapter.key, {})
    settings = own.get("settings", {})
    text, comment = own.get("content", content.text), settings.get(OPTION) or ""
    # What is of another type is refused when the draft is frozen.
    if not _shows_words(adapter, own) or not isinstance(comment, str):
        return content
    wanted = tags.without_known(chosen.on(adapter.key), text, comment)
    if not wanted:
        return content
    if chosen.place == FIRST_COMMENT and _has_comments(adapter):
        part = {**own, "settings": {**settings, OPTION: tags.appended(comment, wanted)}}
    else:
        part = {**own, "content": tags.appended(text, wanted)}
    return replace(content, platform_content={**content.platform_content, adapter.key: part})


def _has_comments(adapter: Adapter) -> bool:
    return any(option.name == OPTION for option in adapter.options)


def _shows_words(adapter: Adapter, own: Mapping[str, object]) -> bool:
    """Whether this type of post has a text and comments at all."""
    return own.get("contentType", "") not in adapter.wordless_types
