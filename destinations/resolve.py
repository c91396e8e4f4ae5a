"""A person's word about a destination that may be live: it is public, or it is not.

What is answered is what the person saw. So the row is locked and read again before its move, and
whoever comes second, after another answer or another try, is told so and changes nothing.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from destinations.models import Destination
from destinations.publishing import ownership
from destinations.retry import MAY_BE_PUBLIC
from destinations.runtime import clock
from destinations.state import transitions
from platforms.registry import ADAPTERS

LINK_CHARS = 1000
ID_CHARS = 300
#: A network's clock, a person's and ours need not agree, nor tell the seconds.
CLOCKS_APART = timedelta(minutes=10)
UNVERIFIED = "It is called published on a person's word: the network could not be asked."
NOT_PUBLISHED = "Somebody who has looked says that it was not published."

_is_url = URLValidator(schemes=["http", "https"])


class TooLate(Exception):
    """It does not wait for a person's word: it never did, or something happened to it meanwhile."""


class TooEarly(Exception):
    """It was not published then: there was no such post yet."""


class Taken(Exception):
    """This post belongs to another destination already."""


def check_link(link: str) -> None:
    """Raises ValidationError for what is no http(s) address that can be kept."""
    _is_url(link)
    if len(link) > LINK_CHARS:
        raise ValidationError(f"An address has at most {LINK_CHARS} characters.")


def confirm_published(
    pk: uuid.UUID,
    *,
    by: str,
    link: str,
    post_id: str = "",
    published_at: datetime | None = None,
    is_verified: bool = False,
    request_id: str = "",
    seen_attempts: int | None = None,
) -> Destination:
    """The destination, now published: somebody has found it at `link`.

    Without `post_id` it is read off the link where the network's links show it. `published_at`:
    now, if it is not known. `is_verified`: the network shows it too (`authorship`); else a note
    says that it does not. `seen_attempts`: how many attempts there were when the person looked.
    Raises ValidationError for the link, TooLate, TooEarly and Taken.
    """
    check_link(link)
    with transaction.atomic():
        # Whoever gives another destination this post at this moment, person or look-up, is seen.
        ownership.lock_platforms(
            Destination.objects.filter(pk=pk).values_list("platform", flat=True)
        )
        row = _lock(pk, seen_attempts)
        _refuse_too_early(row, published_at)
        found = post_id or ADAPTERS[row.platform].post_id(link)
        _refuse_taken(row, link, found)
        fields = {
            "published_at": published_at or clock.now(),
            "platform_post_id": found,
            "platform_post_url": link,
            "checkpoint": "",
            "error": "",
            "error_code": "",
            "notes": row.notes if is_verified else [*row.notes, UNVERIFIED],
        }
        by_whom = "a person, and by the network" if is_verified else "a person"
        reason = f"found by {by_whom}: {link}"
        _move("confirm_published", row, by=by, reason=reason, request_id=request_id, **fields)
    row.refresh_from_db()
    return row


def confirm_not_published(
    pk: uuid.UUID, *, by: str, request_id: str = "", seen_attempts: int | None = None
) -> Destination:
    """The destination, failed for certain: an ordinary retry takes it from now on.

    `seen_attempts`: how many attempts there were when the person looked. Raises TooLate.
    """
    with transaction.atomic():
        row = _lock(pk, seen_attempts)
        fields = {"error": NOT_PUBLISHED, "error_code": "not_published"}
        reason = "a person has looked: it is not public"
        _move("confirm_not_published", row, by=by, reason=reason, request_id=request_id, **fields)
    row.refresh_from_db()
    return row


def _lock(pk: uuid.UUID, seen_attempts: int | None) -> Destination:
    """The row, ours until the end of the transaction. Waits for whoever answers at this moment."""
    waiting = Destination.objects.filter(
        pk=pk,
        status=Destination.Status.FAILED,
        error_code=MAY_BE_PUBLIC,
        claim=None,
    )
    row = waiting.order_by().select_for_update().first()
    if row is None or seen_attempts not in (None, row.attempts):
        raise TooLate
    return row


def _refuse_too_early(row: Destination, published_at: datetime | None) -> None:
    """Raises TooEarly if it would have been public before somebody had asked for it."""
    if published_at and published_at < row.created_at - CLOCKS_APART:
        raise TooEarly


def _refuse_taken(row: Destination, link: str, post_id: str) -> None:
    """Raises Taken if another destination has this post, by its id or by its link."""
    account = row.account.platform_account_id if row.account else ""
    said = ownership.Found(
        row.pk, row.workspace_id, row.platform, account, post_id, link, is_word=True
    )
    if ownership.taken([said]):
        raise Taken


def _move(name: str, row: Destination, **fields: Any) -> None:
    if not transitions.move(name, row.pk, **fields):
        raise TooLate  # pragma: no cover - the row is locked, and nothing else could move it
