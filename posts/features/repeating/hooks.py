"""Implement what the core asks of this feature, such as the options of new posts by which they come
again.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from psycopg.errors import LockNotAvailable

from destinations.access import Reach
from destinations.runtime import clock
from posts.composing import compose, references, times, validate
from posts.composing.compose import Composed, NewPost
from posts.composing.create import PostOption
from posts.composing.destinations import Author
from posts.composing.extensions.lifecycle import PostKeeper, PostSource
from posts.composing.validate import AccountValidation
from posts.errors import RequestRefused
from posts.features.repeating import recurrences, recycling
from posts.features.repeating.models import Recurrence, Recycling
from posts.features.repeating.recycled_posts import POST_RECYCLED
from posts.media import delete
from posts.media.delete import FileUser
from posts.models import Media, Post
from posts.outbox.names import EventNames

REFUSAL = "Posts that come again are made by POST /posts."


class RecurrenceOption(PostOption):
    """The parts of a `rules.Rule`."""

    name = "recurrence"
    refusal = REFUSAL

    def check(
        self, author: Author, new: NewPost, value: Any, verdicts: Sequence[AccountValidation]
    ) -> None:
        recurrences.check(new, value)

    def begin(self, author: Author, new: NewPost, made: Composed, value: Any) -> Composed:
        begun = recurrences.begin(author, new, made, value)
        return replace(made, recurrence_id=str(begun.pk))


class RecyclingOption(PostOption):
    """Columns of a Recycling."""

    name = "recycling"
    refusal = REFUSAL

    def check(
        self, author: Author, new: NewPost, value: Any, verdicts: Sequence[AccountValidation]
    ) -> None:
        recycling.check({verdict.target.platform for verdict in verdicts})
        _check_turns(new, value)
        _check_variations(author, new, value)

    def begin(self, author: Author, new: NewPost, made: Composed, value: Any) -> Composed:
        _check_variations(author, new, value)
        recycling.begin(author, made, value)
        return made


def _check_turns(new: NewPost, recycled: Mapping[str, Any]) -> None:
    """Raise RequestRefused for a recycling without a turn."""
    now = clock.now()
    at = new.when and references.future(new.when, new.zone, now)
    post = Post(scheduled_for=at, timezone=times.zone(new.zone).key)
    row = Recycling(**recycled)
    if row.enabled:
        recycling.check_turns(row, post, now, "recycling.")


def _check_variations(author: Author, new: NewPost, recycled: Mapping[str, Any]) -> None:
    """Raise RequestRefused unless each text would be accepted in place of the post's own."""
    for text in recycled.get("content_variations") or ():
        varied = replace(new, content=text, queue=None, when=None, draft=False)
        if new.account_ids or new.account_ids is None:
            validate.require(compose.check(author, varied))


class RecycledPosts(PostKeeper):
    def needed(self, post_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
        rows = Recycling.objects.filter(post_id__in=post_ids)
        return set(rows.values_list("post_id", flat=True))


class RepeatedPosts(PostSource):
    def rules_of_campaign(self, campaign_id: int) -> QuerySet[Recurrence]:
        return Recurrence.objects.filter(campaign_id=campaign_id)

    def rules_of_hashtag_set(self, set_id: uuid.UUID) -> QuerySet[Recurrence]:
        return Recurrence.objects.filter(hashtags__set_ids__contains=[str(set_id)])

    def repeated_posts(self) -> QuerySet[Any]:
        return Recycling.objects.filter(enabled=True).values("post_id")


class FilesOfRepeatedPosts(FileUser):
    def give_up(self, reach: Reach, media: Media, *, force: bool) -> None:
        """A key must not break what it may not see."""
        mine = Recurrence.objects.filter(workspace=media.workspace_id)
        rules = list(mine.filter(media_ids__contains=[media.pk]).only("pk", "account_ids"))
        _check_recycled(reach, media, force=force)
        seen = [str(row.pk) for row in rules if reach.covers(row.account_ids)]
        if rules and not (force and len(seen) == len(rules)):
            raise RequestRefused(
                "media_in_use",
                "Posts that recur use this file: give their recurrences others first.",
                post_ids=[],
                recurrence_ids=seen,
            )


def _check_recycled(reach: Reach, media: Media, *, force: bool) -> None:
    """Raise RequestRefused if a recycled post has the file; forced, it is recycled no more."""
    mine = Recycling.objects.filter(workspace=media.workspace_id, enabled=True, ended_because="")
    rows = mine.filter(post_id__in=media.attachments.values("post_id")).order_by("pk")
    posts = list(Post.objects.filter(pk__in=rows.values("pk")))
    if posts and not force:
        raise delete.in_use(reach, posts, "Posts that are recycled use this file.")
    delete.check_reach(reach, posts)
    try:
        with transaction.atomic():
            found = [row.pk for row in rows.select_for_update(nowait=True)]
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise delete.busy(reach, posts) from None
    reason = f"Its file {media.filename} was deleted."
    Recycling.objects.filter(pk__in=found).update(ended_because=reason, look_at=None, next_at=None)


HOOKS = (
    RecycledPosts(),
    RepeatedPosts(),
    FilesOfRepeatedPosts(),
    RecurrenceOption(),
    RecyclingOption(),
    EventNames(10, (POST_RECYCLED,)),
)
