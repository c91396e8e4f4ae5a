"""Options of new posts by which they come again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from destinations.runtime import clock
from posts.composing import compose, references, times, validate
from posts.composing.compose import Composed, NewPost
from posts.composing.create import PostOption
from posts.composing.destinations import Author
from posts.composing.validate import AccountValidation
from posts.features.repeating import recurrences, recycling
from posts.features.repeating.models import Recycling
from posts.models import Post

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
