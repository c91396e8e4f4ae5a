"""New posts as the API takes them: with or without a wish to come again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from destinations.runtime import clock
from posts.composing import compose, references, times, validate
from posts.composing.compose import Composed, NewPost
from posts.composing.destinations import Author
from posts.composing.validate import AccountValidation
from posts.errors import invalid
from posts.features.repeating import recurrences, recycling
from posts.features.repeating.models import Recycling
from posts.models import Post

#: The wishes; all other values are fields of a NewPost.
WISHES = ("recurrence", "recycling")


def without_wishes(values: Mapping[str, Any]) -> NewPost:
    """The post alone."""
    return NewPost(**{name: value for name, value in values.items() if name not in WISHES})


def only_once(values: Mapping[str, Any]) -> NewPost:
    """The same where posts cannot come again. Raises RequestRefused for a wish."""
    for name in WISHES:
        if values.get(name) is not None:
            raise invalid(name, "Posts that come again are made by POST /posts.")
    return without_wishes(values)


def create(author: Author, values: Mapping[str, Any]) -> Composed:
    """Store a post, and what makes it come again; as `compose.create`. Raises RequestRefused.

    `recurrence`: the parts of a `rules.Rule`; `recycling`: columns of a Recycling.
    """
    new = without_wishes(values)
    recurrence = values.get("recurrence")
    recycled = values.get("recycling")
    if recurrence is None and recycled is None:
        return compose.create(author, new)
    with transaction.atomic():
        made = compose.create(author, new)
        if recycled is not None:
            _check_variations(author, new, recycled)
            recycling.begin(author, made, recycled)
        if recurrence is None:
            return made
        begun = recurrences.begin(author, new, made, recurrence)
        return replace(made, recurrence_id=str(begun.pk))


def check(author: Author, values: Mapping[str, Any]) -> list[AccountValidation]:
    """Validate the same without storing it; as `compose.check`. Raises RequestRefused."""
    new = without_wishes(values)
    verdicts = compose.check(author, new)
    if (recurrence := values.get("recurrence")) is not None:
        recurrences.check(new, recurrence)
    if (recycled := values.get("recycling")) is not None:
        recycling.check({verdict.target.platform for verdict in verdicts})
        _check_turns(new, recycled)
        _check_variations(author, new, recycled)
    return verdicts


def _check_turns(new: NewPost, recycled: Mapping[str, Any]) -> None:
    """Raises RequestRefused for a recycling without a turn."""
    now = clock.now()
    at = new.when and references.future(new.when, new.zone, now)
    post = Post(scheduled_for=at, timezone=times.zone(new.zone).key)
    row = Recycling(**recycled)
    if row.enabled:
        recycling.check_turns(row, post, now, "recycling.")


def _check_variations(author: Author, new: NewPost, recycled: Mapping[str, Any]) -> None:
    """Raises RequestRefused unless each text would be accepted in place of the post's own."""
    for text in recycled.get("content_variations") or ():
        varied = replace(new, content=text, queue=None, when=None, draft=False)
        if new.account_ids or new.account_ids is None:
            validate.require(compose.check(author, varied))
