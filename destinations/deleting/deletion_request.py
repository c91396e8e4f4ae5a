"""Ask for the deletion of public posts: decide what is to go, and write the intent.

The caller holds the locks of the destinations, so nothing is published or asked for meanwhile.

Events of deletions stand in the history of destinations, and change no status.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from destinations.accounts import encryption
from destinations.jobs.wake import Wake
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Deletion, Destination, Event
from destinations.models.deletion import OPEN
from destinations.runtime import clock
from platforms.drafts import Draft
from platforms.registry import ADAPTERS

S = Destination.Status
D = Deletion.Status
WAKE = Wake("destinations.delete_posts")
#: (status, error code, error) of what cannot be deleted.
UNKNOWN = (
    D.FAILED,
    MAY_BE_PUBLIC,
    "It may be public, and the network cannot say. Look, resolve the destination, delete it again.",
)
NO_ID = (
    D.FAILED,
    "id_unknown",
    "{name} did not say which post it is. Delete it in {name}'s own app.",
)
UNSUPPORTED = (
    D.NOT_SUPPORTED,
    "not_supported",
    "{name} does not let apps delete this. Delete it in {name}'s own app.",
)


class InProgress(Exception):
    """It is being published, looked up, or waits for a retry."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A request to delete. `removes_post`: the post here goes too, once all copies are gone."""

    by: str
    request_id: str = ""
    removes_post: bool = False


def ask(rows: Iterable[Destination], asker: Asker) -> list[Deletion]:
    """Ask to delete those destinations that are public, or may be, each once.

    What is under way or gone stays as it is; what failed is tried again. Raises InProgress.
    """
    return _write(rows, asker, is_wanted=True)


def leave(rows: Iterable[Destination], asker: Asker) -> list[Deletion]:
    """Note which of these stay public although their post is deleted here. Raises InProgress."""
    return _write(rows, asker, is_wanted=False)


def check(rows: Iterable[Destination]) -> None:
    """Raise InProgress if one of these is being published, looked up, or waits for a retry."""
    if any(row.claim or row.next_retry_at or row.status in _WORKING for row in rows):
        raise InProgress


def unwant(rows: Iterable[Destination]) -> None:
    """These are no longer to go; what is under way goes on."""
    known = Deletion.objects.filter(destination_id__in=[row.pk for row in rows])
    known.exclude(status__in=OPEN).update(removes_post=False)


def live_parts(row: Destination) -> list[str]:
    """Return the ids of what is public: the post's, or those of each public part of a thread."""
    parts = ADAPTERS[row.platform].public_parts(_checkpoint(row))
    return list(parts) or ([row.platform_post_id] if row.platform_post_id else [])


def is_live(row: Destination) -> bool:
    """Return whether something of it is public, or may be."""
    may_be = row.status == S.PUBLISHED or row.error_code == MAY_BE_PUBLIC
    return may_be or bool(live_parts(row))


def _checkpoint(row: Destination) -> Mapping[str, Any]:
    try:
        return encryption.unseal(row.checkpoint)
    except encryption.Unreadable:
        return {}


def _write(rows: Iterable[Destination], asker: Asker, *, is_wanted: bool) -> list[Deletion]:
    rows = list(rows)
    check(rows)
    live = [row for row in rows if is_live(row)]
    known = {each.destination_id: each for each in _locked(row.pk for row in live)}
    return [_one(row, known.get(row.pk), asker, is_wanted=is_wanted) for row in live]


_WORKING = (S.QUEUED, S.PUBLISHING, S.UNCONFIRMED)


def _locked(destinations: Iterable[uuid.UUID]) -> list[Deletion]:
    found = Deletion.objects.filter(destination_id__in=list(destinations))
    return list(found.order_by("pk").select_for_update())


def _one(row: Destination, known: Deletion | None, asker: Asker, *, is_wanted: bool) -> Deletion:
    parts = live_parts(row)
    if known and (known.is_open or (known.is_gone and _covers(known, parts))):
        known.removes_post = known.removes_post or asker.removes_post
        known.save(update_fields=["removes_post"])
        return known
    deletion = known or Deletion(destination_id=row.pk, post_id=row.post_id)
    removals = {part["id"]: part["removal"] for part in deletion.parts}
    deletion.parts = [{"id": part, "removal": removals.get(part, "")} for part in parts]
    _describe(deletion, row, asker)
    status, code, error = _standing(row, parts) if is_wanted else (D.LEFT, "", "")
    _set(deletion, status, code, error.format(name=ADAPTERS[row.platform].name))
    deletion.save()
    if is_wanted:
        note_event(row, "ask_to_delete", asker.by, deletion.error, asker.request_id)
    if deletion.is_open:
        WAKE.after_commit()
    return deletion


def _covers(known: Deletion, parts: Iterable[str]) -> bool:
    return {part["id"] for part in known.parts} >= set(parts)


def _describe(deletion: Deletion, row: Destination, asker: Asker) -> None:
    values = {
        "workspace_id": row.workspace_id,
        "account_id": row.account_id,
        "account_number": row.account_number,
        "account_name": row.account_name,
        "platform": row.platform,
        "platform_post_id": row.platform_post_id or (deletion.parts or [{"id": ""}])[0]["id"],
        "platform_post_url": row.platform_post_url,
        "is_proven": not _is_by_person(row),
        "removes_post": asker.removes_post,
        "asked_at": clock.now(),
        "asked_by": asker.by,
        "request_id": asker.request_id,
    }
    for name, value in values.items():
        setattr(deletion, name, value)


def _set(deletion: Deletion, status: str, code: str, error: str) -> None:
    deletion.status, deletion.error_code, deletion.error = status, code, error
    deletion.claim, deletion.attempts, deletion.failures = None, 0, 0
    deletion.due_at = deletion.asked_at if status == D.WAITING else None
    deletion.ended_at = None if status == D.WAITING else deletion.asked_at


def _standing(row: Destination, parts: list[str]) -> tuple[str, str, str]:
    """Return how the deletion begins: (status, error code, error)."""
    if row.status == S.FAILED and row.error_code == MAY_BE_PUBLIC:
        return UNKNOWN
    if not ADAPTERS[row.platform].can_delete(Draft.from_json(row.draft)):
        return UNSUPPORTED
    return (D.WAITING, "", "") if parts else NO_ID


def _is_by_person(row: Destination) -> bool:
    """Return whether only a person said which post it is."""
    if row.status != S.PUBLISHED:
        return False
    said = Event.objects.filter(destination=row.pk, move="confirm_published")
    return said.exists()


#: The words of these events, beside those of moves.
MOVES = ("ask_to_delete", "delete", "fail_to_delete")


def note_event(
    row: Destination, move: str, by: str, reason: str = "", request_id: str = ""
) -> None:
    """Write an event of a destination."""
    write_event(row.pk, row.status, move, by, reason, request_id)


def write_event(
    pk: uuid.UUID, status: str, move: str, by: str, reason: str = "", request_id: str = ""
) -> None:
    Event.objects.create(
        destination_id=pk,
        at=clock.now(),
        move=move,
        from_status=status,
        to_status=status,
        by=by,
        reason=reason,
        request_id=request_id,
    )
