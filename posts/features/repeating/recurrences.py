"""The only way to find, begin, change, pause and delete the rules of a workspace.

Locks are taken in one order: a rule, then what its posts take (`posts.composing`), then the
workspace.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from destinations.access import Reach
from destinations.runtime import clock
from posts.composing import references, times
from posts.composing.compose import Composed, NewPost
from posts.composing.destinations import Author
from posts.errors import RequestRefused, invalid, known
from posts.features.repeating import materialise, templates, worker
from posts.features.repeating.models import Recurrence
from posts.features.repeating.rules import DAYS, Rule
from posts.models import Workspace

log = structlog.get_logger()

#: How many of the next occurrences a change makes at once; the periodic task makes the others.
AT_ONCE = 3


def within(reach: Reach) -> QuerySet[Recurrence]:
    """Return the rules whose posts go to accounts within reach and to no others, newest first."""
    found = Recurrence.objects.filter(workspace=reach.workspace_id).order_by("-created_at", "pk")
    if reach.only is None:
        return found
    return found.filter(account_ids__contained_by=list(reach.only))


def wished(new: NewPost, wanted: Mapping[str, Any], first_at: datetime) -> Rule:
    """Return the rule that a new post asks for. Raises RequestRefused."""
    return _checked(Rule(first_at=first_at, **{"timezone": new.zone, **wanted}))


def check(new: NewPost, wanted: Mapping[str, Any]) -> None:
    """Raise RequestRefused unless a post like this one could begin the rule."""
    times.zone(new.zone)
    if new.when is None:
        raise invalid("scheduled_at", "A post that recurs has a time.")
    wished(new, wanted, references.future(new.when, new.zone, clock.now()))


def begin(author: Author, new: NewPost, made: Composed, wanted: Mapping[str, Any]) -> Recurrence:
    """Return the rule of a post that was just stored, which is its first occurrence.

    In the transaction that stored it. Raises RequestRefused.
    """
    post = made.post
    if post.scheduled_for is None:
        raise invalid("scheduled_at", "A post that recurs has a time.")
    rule = wished(new, wanted, post.scheduled_for)
    _check_room(author.workspace_id)
    row = Recurrence.objects.create(
        workspace_id=author.workspace_id,
        **_timing(rule),
        **templates.columns(new, [each.number for each in made.destinations]),
        settled_until=rule.first_at,
        look_at=post.updated_at,
        created_by=author.by,
        updated_at=post.updated_at,
    )
    materialise.limit_lateness(row, post)
    materialise.claim(row, rule.first, post)
    return row


@transaction.atomic
def edit(author: Author, key: uuid.UUID, changes: Mapping[str, Any]) -> Recurrence:
    """Change a rule, and those of its posts that lie ahead and were not edited.

    `changes`: names of `templates.EDITABLE`, `rule` (parts of a Rule), and `when`, which is the
    first occurrence from now on. Raises RequestRefused.
    """
    row = _locked(author.reach, key)
    now = clock.now()
    templates.change(row, changes)
    if {"rule", "when"} & changes.keys():
        _set_rule(row, changes, now)
    coming = templates.rule(row).next(now)
    if coming is None:
        raise invalid("recurrence", "The rule has no occurrence ahead; delete it instead.")
    templates.check(author, row, coming.at)
    row.updated_at = now
    worker.clear_refusal(row)
    if row.paused_at is None:
        materialise.rewrite(author, row, now)
        _go_on(row, now)
    else:
        row.save()
    return row


@transaction.atomic
def pause(author: Author, key: uuid.UUID) -> Recurrence:
    """Make no more occurrences, and delete those ahead that were not edited."""
    row = _locked(author.reach, key)
    if row.paused_at is None:
        row.updated_at = row.paused_at = clock.now()
        row.paused_by = author.by
        row.look_at = None
        materialise.withdraw(author, row, row.paused_at)
        row.save()
    return row


@transaction.atomic
def resume(author: Author, key: uuid.UUID) -> Recurrence:
    """Make the occurrences from now on. Those of the time between are not made up for."""
    row = _locked(author.reach, key)
    if row.paused_at is not None:
        now = clock.now()
        row.updated_at, row.paused_at, row.paused_by = now, None, ""
        _go_on(row, now)
    return row


@transaction.atomic
def delete(author: Author, key: uuid.UUID, *, keep_edited: bool = False) -> int:
    """Delete a rule and its posts that have not begun; how many posts were deleted."""
    row = _locked(author.reach, key)
    gone = materialise.withdraw_all(author, row, keep_edited=keep_edited)
    log.info("recurrence_deleted", recurrence=str(key), by=author.by, posts=gone)
    row.delete()
    return gone


def _go_on(row: Recurrence, now: datetime) -> None:
    row.settled_until = row.look_at = now
    materialise.advance(row, now, AT_ONCE)


def _set_rule(row: Recurrence, changes: Mapping[str, Any], now: datetime) -> None:
    """Raise RequestRefused."""
    wanted = dict(changes.get("rule", {}))
    row.timezone = times.zone(wanted.pop("timezone", row.timezone)).key
    first_at = row.first_at
    if "when" in changes:
        first_at = references.future(changes["when"], row.timezone, now)
    old = templates.rule(row)
    rule = Rule(first_at=first_at, timezone=row.timezone, **wanted) if wanted else old
    for name, value in _timing(_checked(replace(rule, first_at=first_at))).items():
        setattr(row, name, value)


def _checked(rule: Rule) -> Rule:
    """Return the rule. Raises RequestRefused if its first occurrence does not fit."""
    times.zone(rule.timezone)
    first = rule.first
    if rule.until and rule.until < first.date:
        raise invalid("recurrence.until", f"The first occurrence is later, on {first.date}.")
    if not rule.has_its_first():
        day = DAYS[first.date.weekday()]
        raise invalid(
            "recurrence.by_day",
            f"The first occurrence, {first.date}, is on {day}: name that day too, or send a "
            "scheduled_at on one of these days.",
        )
    return rule


def _timing(rule: Rule) -> dict[str, Any]:
    """Return a rule's columns."""
    return {
        "freq": rule.freq,
        "interval": rule.interval,
        "by_day": list(rule.by_day),
        "until": rule.until,
        "count": rule.count,
        "missed_after_minutes": rule.missed_after_minutes,
        "timezone": rule.timezone,
        "first_at": rule.first_at,
    }


def _check_room(workspace_id: uuid.UUID) -> None:
    """Raise RequestRefused if the workspace has as many rules as it may."""
    # Locked, so that two callers do not both make the last one.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace_id)
    most = settings.RECURRENCE_LIMIT
    if Recurrence.objects.filter(workspace=workspace_id)[:most].count() >= most:
        raise RequestRefused(
            "recurrence_limit_reached",
            f"This workspace has {most} recurrences, as many as it may; delete some first.",
            limit=most,
        )


def _locked(reach: Reach, key: uuid.UUID) -> Recurrence:
    row = within(reach).select_for_update(no_key=True).filter(pk=key).first()
    return known(row, "recurrence")
