"""Derive from a rule the posts that it makes, and list its occurrences, made and still to come."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from posts import content
from posts.composing import compose, validate
from posts.composing.compose import NewPost
from posts.composing.destinations import Author
from posts.composing.extensions import text_steps
from posts.composing.extensions.text_steps import HashtagRequest
from posts.features.repeating.models import Occurrence, Recurrence
from posts.features.repeating.rules import Rule
from posts.models import Post

#: The changes a customer may make to a rule's posts, by the names of `compose.edit`.
EDITABLE = (*content.parts("edit_series"), *content.plain("edit_series"))


def rule(row: Recurrence) -> Rule:
    return Rule(
        row.freq,
        row.first_at,
        row.timezone,
        row.interval,
        tuple(row.by_day),
        row.until,
        row.count,
        row.missed_after_minutes,
    )


def columns(new: NewPost, account_ids: list[int]) -> dict[str, Any]:
    """Return a rule's columns for posts like this one, to these accounts."""
    kept = content.plain("series")
    return {
        **{name: getattr(new, name) for name in content.parts("series")},
        **{name: value for name, value in new.plain.items() if name in kept},
        "account_ids": account_ids,
        "media_ids": list(dict.fromkeys(new.media_ids)),
        "alt_texts": _by_text(new.alt_texts),
        "hashtags": new.hashtags.as_json(),
        "own_texts_do": new.own_texts_do,
    }


def change(row: Recurrence, changes: Mapping[str, Any]) -> None:
    """Set what `changes` says of the rule's posts. A file that stays keeps its alt text."""
    for name in EDITABLE:
        if name in changes:
            setattr(row, name, _column(row, name, changes[name]))
    row.account_ids = list(dict.fromkeys(row.account_ids))
    row.media_ids = list(dict.fromkeys(row.media_ids))
    if "alt_texts" not in changes:
        kept = {str(key) for key in row.media_ids}
        row.alt_texts = {key: text for key, text in row.alt_texts.items() if key in kept}


def _column(row: Recurrence, name: str, value: Any) -> Any:
    """Return a changed value as the rule stores it."""
    if name == "alt_texts":
        return _by_text(value)
    if name == "hashtags":
        wish: HashtagRequest = value
        return wish.after(HashtagRequest.of(row.hashtags)).as_json()
    return value


def new_post(row: Recurrence, at: datetime) -> NewPost:
    """Return the post of an occurrence."""
    said = {name: getattr(row, name) for name in content.parts("series")}
    said["alt_texts"] = _by_id(row.alt_texts)
    said["hashtags"] = HashtagRequest.of(row.hashtags, skips_unknown=True)
    return NewPost(
        **said,
        plain={name: getattr(row, name) for name in content.plain("series")},
        when=at,
        zone=row.timezone,
        own_texts_do=row.own_texts_do,
        # It was accepted so, at the mount whose texts may be blank too.
        spare_platforms=row.own_texts_do,
    )


def changes_of(row: Recurrence, post: Post, at: datetime) -> dict[str, Any]:
    """Return what makes a scheduled post the occurrence at this time, for `compose.edit`."""
    attached = {item.media_id: item.alt_text for item in post.attachments.all()}
    found: dict[str, Any] = {name: getattr(row, name) for name in EDITABLE}
    found["alt_texts"] = _by_id(row.alt_texts)
    found["hashtags"] = wish = HashtagRequest.of(row.hashtags, skips_unknown=True)
    if text_steps.stored_request(post.hashtags).as_json() == wish.as_json():
        # It keeps what it took, also of a set that was deleted since.
        del found["hashtags"]
    are_same = list(attached) == row.media_ids and _said(attached) == row.alt_texts
    if are_same and not post.deleted_files:
        del found["media_ids"], found["alt_texts"]
    if post.campaign_id == row.campaign_id:
        del found["campaign_id"]
    if post.scheduled_for != at:
        found["when"] = at
    return {**found, "zone": row.timezone, "spare_platforms": row.own_texts_do}


def check(author: Author, row: Recurrence, at: datetime) -> None:
    """Raise RequestRefused unless an occurrence at this time could be made."""
    validate.require(compose.check(author, new_post(row, at)))


def _said(texts: Mapping[uuid.UUID, str]) -> dict[str, str]:
    return _by_text({key: text for key, text in texts.items() if text})


def _by_text(texts: Mapping[uuid.UUID, str]) -> dict[str, str]:
    return {str(key): text for key, text in texts.items()}


def _by_id(texts: Mapping[str, str]) -> dict[uuid.UUID, str]:
    return {uuid.UUID(key): text for key, text in texts.items()}


@dataclass(frozen=True, slots=True)
class PlannedOccurrence:
    """`status`: planned (no post yet), made, deleted (the post is gone) or missed.

    `edited`: the post waits and is not as the rule made it.
    """

    date: date
    scheduled_for: datetime
    status: str
    post_id: uuid.UUID | None = None
    edited: bool = False
    reason: str = ""


def upcoming(row: Recurrence, now: datetime, most: int) -> list[PlannedOccurrence]:
    """Return the next occurrences, the soonest first; none while the rule is paused."""
    claims = list(row.occurrences.filter(at__gt=now).order_by("at")[:most])
    found = _shown(claims)
    if row.paused_at is None:
        taken = set(row.occurrences.filter(at__gt=now).values_list("date", flat=True))
        free = (when for when in rule(row).after(now) if when.date not in taken)
        found += [PlannedOccurrence(when.date, when.at, "planned") for when in islice(free, most)]
    return sorted(found, key=lambda each: each.scheduled_for)[:most]


def past(row: Recurrence, now: datetime, most: int) -> list[PlannedOccurrence]:
    """Return the last occurrences, the newest first."""
    return _shown(list(row.occurrences.filter(at__lte=now).order_by("-at")[:most]))


def next_at(row: Recurrence, now: datetime) -> datetime | None:
    """Return when the rule has its next occurrence; None if it is paused or over."""
    found = None if row.paused_at else rule(row).next(now)
    return found.at if found else None


def _shown(claims: Collection[Occurrence]) -> list[PlannedOccurrence]:
    posts = Post.objects.in_bulk([each.post_id for each in claims if each.post_id])
    return [_one(each, posts.get(each.post_id)) for each in claims]


def _one(claim: Occurrence, post: Post | None) -> PlannedOccurrence:
    if claim.post_id is None:
        return PlannedOccurrence(claim.date, claim.at, "missed", reason=claim.missed_because)
    if post is None:
        return PlannedOccurrence(claim.date, claim.at, "deleted")
    waits = post.status == Post.Status.SCHEDULED
    edited = waits and post.updated_at != claim.written_at
    return PlannedOccurrence(claim.date, post.scheduled_for or claim.at, "made", post.pk, edited)


def state_of(row: Recurrence, now: datetime) -> str:
    """`active`, `paused`, or `ended` when no occurrence is ahead."""
    if row.paused_at:
        return "paused"
    return "active" if next_at(row, now) else "ended"
