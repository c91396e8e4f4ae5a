"""What each account publishes of a post, validated: its words, links, comment and hashtags."""

from collections.abc import Collection
from dataclasses import dataclass

from posts.composing import hashtags, links, validate
from posts.composing.freeze import Content, Target
from posts.composing.links import Linking
from posts.composing.validate import AccountValidation
from posts.features.hashtags.post_hashtags import PostHashtags


@dataclass(frozen=True, slots=True)
class Additions:
    """What is done to a text on its way to its networks. `linking`: None leaves links as is."""

    linking: Linking | None
    chosen: PostHashtags


def validated(
    written: Content,
    targets: Collection[Target],
    additions: Additions,
    *,
    own_texts_do: bool,
    is_draft: bool,
) -> list[AccountValidation]:
    """One validation per target, in their order. Raises RequestRefused as `validate.validate`."""
    content = hashtags.commented(written, targets, additions.chosen)
    linked = links.rewritten(content, targets, additions.linking)
    rewritten = hashtags.added(content, targets, additions.chosen, linked)
    validations = validate.validate(
        content, targets, own_texts_do=own_texts_do, rewritten=rewritten
    )
    return validate.judged_together(validations, is_draft=is_draft)
