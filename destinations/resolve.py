"""A person resolves a destination that may be live: it was published, or it was not.

The answer is about what the person saw. So the row is locked and read again before its move, and an
answer that comes second, after another answer or another try, is refused and changes nothing.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination
from destinations.publishing import ownership
from destinations.runtime import clock
from destinations.state import transitions
from platforms.registry import ADAPTERS

LINK_CHARS = 1000
ID_CHARS = 300
#: The clocks of the network, the person and this host differ, and some show no seconds.
CLOCKS_APART = timedelta(minutes=10)
UNVERIFIED = "A person confirmed that it was published; the network could not verify it."
NOT_PUBLISHED = "A person checked and confirmed that it was not published."

_is_url = URLValidator(schemes=["http", "https"])


class TooLate(Exception):
    """The destination does not wait for an answer, or something happened to it meanwhile."""


class TooEarly(Exception):
    """The given time lies before the post was created."""


class Taken(Exception):
    """This post already belongs to another destination."""


def check_link(link: str) -> None:
    """Raise ValidationError unless the link is an http(s) URL that can be stored."""
    _is_url(link)
    if len(link) > LINK_CHARS:
        raise ValidationError(f"A URL has at most {LINK_CHARS} characters.")


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
    """Mark a destination as published: a person found the post at `link`.

    `post_id`: read from the link by default, if the network's links contain it. `published_at`: now
    by default. `is_verified`: the network shows the post too (`authorship`); otherwise a note says
    that it was not verified. `seen_attempts`: how many attempts there were when the person looked.
    Raises ValidationError for the link, TooLate, TooEarly and Taken.
    """
    check_link(link)
    rows = Destination.objects.filter(pk=pk)
    with transaction.atomic():
        # Lookups lock it too, so a post that is given to another destination right now is seen.
        ownership.lock_platforms(rows.values_list("platform", flat=True))
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
        finder = "a person, and by the network" if is_verified else "a person"
        reason = f"found by {finder}: {link}"
        _move("confirm_published", row, by=by, reason=reason, request_id=request_id, **fields)
    return row


def confirm_not_published(
    pk: uuid.UUID, *, by: str, request_id: str = "", seen_attempts: int | None = None
) -> Destination:
    """Mark a destination as certainly failed: an ordinary retry sends it again.

    `seen_attempts`: how many attempts there were when the person looked. Raises TooLate.
    """
    with transaction.atomic():
        row = _lock(pk, seen_attempts)
        fields = {"error": NOT_PUBLISHED, "error_code": "not_published"}
        reason = "a person has looked: it is not public"
        _move("confirm_not_published", row, by=by, reason=reason, request_id=request_id, **fields)
    return row


def _lock(pk: uuid.UUID, seen_attempts: int | None) -> Destination:
    """Return the row, locked to the transaction's end. Waits for another answer in progress."""
    waiting = Destination.objects.filter(
        pk=pk, status=Destination.Status.FAILED, error_code=MAY_BE_PUBLIC, claim=None
    )
    row = waiting.order_by().select_for_update().first()
    if row is None or seen_attempts not in (None, row.attempts):
        raise TooLate
    return row


def _refuse_too_early(row: Destination, published_at: datetime | None) -> None:
    """Raise TooEarly if the post would have been public before it was created here."""
    if published_at and published_at < row.created_at - CLOCKS_APART:
        raise TooEarly


def _refuse_taken(row: Destination, link: str, post_id: str) -> None:
    """Raise Taken if another destination has this post, by its id or by its link."""
    account = row.account.platform_account_id if row.account else ""
    said = ownership.Found(
        row.pk, row.workspace_id, row.platform, account, post_id, link, by_person=True
    )
    if ownership.already_owned([said]):
        raise Taken


def _move(name: str, row: Destination, **fields: Any) -> None:
    if not transitions.move(name, row.pk, **fields):
        raise TooLate  # pragma: no cover - the row is locked, and nothing else could move it
    row.refresh_from_db()
