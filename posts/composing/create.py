"""Create posts from the values of an API request, with the options that features add."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from posts import content, registry
from posts.composing import compose
from posts.composing.compose import Composed, NewPost
from posts.composing.destinations import Author
from posts.composing.validate import AccountValidation
from posts.errors import invalid


class PostOption(ABC):
    """An option of a request that is no field of a NewPost; a feature's hook."""

    #: Its key among the values, and what is said where posts cannot have it.
    name: str
    refusal: str

    @abstractmethod
    def check(
        self, author: Author, new: NewPost, value: Any, verdicts: Sequence[AccountValidation]
    ) -> None:
        """Raise RequestRefused unless this post could have the option."""

    @abstractmethod
    def begin(self, author: Author, new: NewPost, made: Composed, value: Any) -> Composed:
        """Store the option in the transaction that stored the post; return the post with it."""


def create(author: Author, values: Mapping[str, Any]) -> Composed:
    """Store a post with its options; as `compose.create`. Raises RequestRefused."""
    new, chosen = _split(values)
    if not chosen:
        return compose.create(author, new)
    with transaction.atomic():
        made = compose.create(author, new)
        for option, value in chosen:
            made = option.begin(author, new, made, value)
        return made


def check(author: Author, values: Mapping[str, Any]) -> list[AccountValidation]:
    """Validate a post with its options; as `compose.check`. Raises RequestRefused."""
    new, chosen = _split(values)
    verdicts = compose.check(author, new)
    for option, value in chosen:
        option.check(author, new, value, verdicts)
    return verdicts


def without_options(values: Mapping[str, Any]) -> NewPost:
    """Return the post. Raises RequestRefused for an option."""
    new, chosen = _split(values)
    for option, _ in chosen:
        raise invalid(option.name, option.refusal)
    return new


def _split(values: Mapping[str, Any]) -> tuple[NewPost, list[tuple[PostOption, Any]]]:
    options = {option.name: option for option in registry.hooks(PostOption)}
    said = {name: value for name, value in values.items() if name not in options}
    new = NewPost(**content.split(said))
    given = ((option, values.get(name)) for name, option in options.items())
    return new, [(option, value) for option, value in given if value is not None]
