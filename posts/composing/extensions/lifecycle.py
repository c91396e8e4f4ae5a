"""Tell features of changes to posts, and let them add rules of their own."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from posts import registry
from posts.models import Post


class DeletionListener(ABC):
    @abstractmethod
    def before_deletion(self, post: Post) -> None:
        """Note that a post is about to be deleted, in this transaction."""


class PostKeeper(ABC):
    @abstractmethod
    def needed(self, post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Return those of the posts that must stay, however old they are."""


class AccountForgetter(ABC):
    @abstractmethod
    def forget_account(self, workspace_id: uuid.UUID, number: int) -> int:
        """Delete a batch of what tells of an account that is being erased; return how many."""


class RestoreListener(ABC):
    @abstractmethod
    def after_restore(self) -> None:
        """Act on lost history: posts made by rules may have been made already."""


class PostSource:
    """A feature's hook for rules that make posts.

    Rules are rows with `workspace` and `account_ids`. None: there are none that name such a thing.
    """

    def rules_of_campaign(self, campaign_id: int) -> QuerySet[Any] | None:
        return None

    def rules_of_hashtag_set(self, set_id: uuid.UUID) -> QuerySet[Any] | None:
        return None

    def repeated_posts(self) -> QuerySet[Any] | None:
        """Return the ids of ended posts that other posts are still made of."""
        return None


def post_sources() -> tuple[PostSource, ...]:
    return registry.hooks(PostSource)


def before_deletion(post: Post) -> None:
    for listener in registry.hooks(DeletionListener):
        listener.before_deletion(post)


def needed(post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of the posts that a feature needs."""
    return {key for keeper in registry.hooks(PostKeeper) for key in keeper.needed(post_ids)}


def account_forgetters() -> tuple[AccountForgetter, ...]:
    return registry.hooks(AccountForgetter)


def after_restore(**_: Any) -> None:
    for listener in registry.hooks(RestoreListener):
        listener.after_restore()
