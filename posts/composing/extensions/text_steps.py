"""Change what each account publishes of a post, by steps that features implement.

Words that are added may have links, so they are added before links are rewritten. Words that are
appended come last: nothing is done to them. Drafts are frozen afterwards, so limits count what
results, and a retry sends the same.

`Post.hashtags` keeps the HashtagRequest of a post as `said`, beside the hashtags that were added.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from posts import registry
from posts.composing import validate
from posts.composing.freeze import Content, Target
from posts.composing.validate import AccountValidation
from posts.models import Post


@dataclass(frozen=True, slots=True)
class HashtagRequest:
    """A post's own hashtag options; None: not given. Empty `set_ids`: add no hashtags at all."""

    set_ids: tuple[uuid.UUID, ...] | None = None
    place: str | None = None
    use_defaults: bool | None = None
    #: For posts that are made of other ones: sets that were deleted since are left out.
    skips_unknown: bool = False

    def after(self, before: "HashtagRequest") -> "HashtagRequest":
        """Return these options, and those of another one where this says nothing."""
        return HashtagRequest(
            before.set_ids if self.set_ids is None else self.set_ids,
            before.place if self.place is None else self.place,
            before.use_defaults if self.use_defaults is None else self.use_defaults,
            self.skips_unknown,
        )

    def as_json(self) -> dict[str, Any] | None:
        """Return None if nothing is said."""
        found = {
            "set_ids": None if self.set_ids is None else [str(key) for key in self.set_ids],
            "place": self.place,
            "use_defaults": self.use_defaults,
        }
        said = {name: value for name, value in found.items() if value is not None}
        return said or None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None, *, skips_unknown: bool = False) -> Self:
        stored = stored or {}
        ids = stored.get("set_ids")
        return cls(
            None if ids is None else tuple(map(uuid.UUID, ids)),
            stored.get("place"),
            stored.get("use_defaults"),
            skips_unknown,
        )


NOTHING_SAID = HashtagRequest()


def stored_request(hashtags: Mapping[str, Any] | None) -> HashtagRequest:
    """Return what a post said, from its column."""
    return HashtagRequest.of(hashtags["said"]) if hashtags else NOTHING_SAID


def explicit_options(hashtags: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a post says, from its column, by the names of the API; null: nothing."""
    options = (hashtags["said"] if hashtags else None) or {}
    return {
        "hashtag_set_ids": options.get("set_ids"),
        "hashtags_in": options.get("place"),
        "use_defaults": options.get("use_defaults"),
    }


class Texts(NamedTuple):
    """Texts of accounts. `by_account`: by account number; None: all publish `shared`."""

    shared: Content
    by_account: Mapping[int, Content] | None = None

    def on(self, target: Target) -> Content:
        return self.shared if self.by_account is None else self.by_account[target.number]


@dataclass(frozen=True, slots=True)
class NewText:
    """The facts of a new post that text steps need."""

    workspace_id: uuid.UUID
    post_id: uuid.UUID
    campaign_id: int | None
    shorten_links: bool | None
    hashtags: HashtagRequest


class TextChange:
    """A step's change to the texts of one post. A step overrides what it needs.

    Those that change texts raise RequestRefused.
    """

    #: Whether `store` writes anything.
    stores: bool = False

    def add_words(self, texts: Texts, targets: Collection[Target]) -> Texts:
        return texts

    def rewrite_links(self, texts: Texts, targets: Collection[Target]) -> Texts:
        return texts

    def append_words(self, texts: Texts, targets: Collection[Target]) -> Texts:
        return texts

    def describe(self, post: Post) -> None:
        """Set the columns of a post that is about to be stored."""

    def store(self) -> None:
        """Store what belongs to the post, in its transaction, after it."""


class TextStep(ABC):
    """Something that is done to the texts of posts."""

    @abstractmethod
    def of_new(self, new: NewText) -> TextChange | None:
        """Return what is done to a new post; None: nothing. Raises RequestRefused."""

    @abstractmethod
    def of_changed(self, post: Post, changes: Mapping[str, Any]) -> TextChange | None:
        """Return what is done to a post that is changed, in the transaction of the change.

        `changes` are as in `compose.edit`. Raises RequestRefused.
        """

    @abstractmethod
    def repeated(self, post: Post) -> Mapping[str, Any]:
        """Return the fields of a NewPost by which another post asks for what this one does."""


def of_new(new: NewText) -> list[TextChange]:
    """Raises RequestRefused."""
    found = (step.of_new(new) for step in registry.hooks(TextStep))
    return [change for change in found if change]


def of_changed(post: Post, changes: Mapping[str, Any]) -> list[TextChange]:
    """Raises RequestRefused."""
    found = (step.of_changed(post, changes) for step in registry.hooks(TextStep))
    return [change for change in found if change]


def repeated(post: Post) -> dict[str, Any]:
    """Return the fields of a NewPost by which another post asks of all steps what this one does."""
    return {
        name: value
        for step in registry.hooks(TextStep)
        for name, value in step.repeated(post).items()
    }


def validated(
    written: Content,
    targets: Collection[Target],
    steps: Collection[TextChange],
    *,
    own_texts_do: bool,
    is_draft: bool,
) -> list[AccountValidation]:
    """Return what each account publishes, once all steps are applied: one validation per target.

    Raises RequestRefused as `validate.validate`.
    """
    texts = _apply(written, targets, steps)
    validations = validate.validate(
        texts.shared, targets, own_texts_do=own_texts_do, rewritten=texts.by_account
    )
    return validate.judged_together(validations, is_draft=is_draft)


def _apply(content: Content, targets: Collection[Target], steps: Collection[TextChange]) -> Texts:
    texts = Texts(content)
    for each in steps:
        texts = each.add_words(texts, targets)
    for each in steps:
        texts = each.rewrite_links(texts, targets)
    for each in steps:
        texts = each.append_words(texts, targets)
    return texts
