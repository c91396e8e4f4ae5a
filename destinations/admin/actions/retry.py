"""Retry failed destinations from the admin, and report the result."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize

from destinations import manual_retry as destination_retry
from destinations import pauses
from destinations.admin.actions import resolve
from destinations.admin.actions.bulk import Confirmed
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import author
from destinations.manual_retry import MAY_BE_PUBLIC, Requeued
from destinations.models import Destination, Pause
from destinations.wording import quoted
from platforms.drafts import Draft
from platforms.registry import ADAPTERS

#: How many are requeued in one transaction.
BATCH = 500


class Retry(Confirmed):
    """Shows what would be sent again and what would not, and why; once confirmed, retries it."""

    noun = "destination"
    title = "Retry {}?"
    warning = "Each is sent again to its account, as soon as its turn comes."
    button = "Retry {}"
    most = 400
    too_many = "Choose at most {} destinations at a time."
    none = "None of them has failed."

    def select(self, chosen: QuerySet[Destination]) -> QuerySet[Destination]:
        rows = chosen.select_related("account").defer(None)
        # In this order an index gives the first ones, however many are chosen.
        return rows.defer("checkpoint", "account__credentials").order_by("post")

    def rows(self, admin: ModelAdmin, found: list[Destination]) -> list[ConfirmationRow]:
        held = pauses.active()
        return [_row(admin, destination, held) for destination in found]

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        seen = resolve.seen(request)
        retry(admin, request, seen, seen_attempts=seen)


class RetryConfirmed(resolve.OfDoubtful):
    """Asks the operator to confirm that these are not public, then retries them."""

    title = "Is it really not public?"
    warning = (
        "It is unknown whether these were published. Look at each profile. If a post is there "
        "and you retry, it will be public twice."
    )
    button = "I have looked: it is not public. Retry"

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        seen = resolve.seen(request)
        retry(admin, request, seen, confirmed_not_published=True, seen_attempts=seen)


def _row(admin: ModelAdmin, destination: Destination, held: list[Pause]) -> ConfirmationRow:
    shown = resolve.row(destination)
    where = f"{destination.account_name} on {ADAPTERS[destination.platform].name}"
    facts = [("Goes to", where), ("Error", destination.error), ("Waits", _waits(destination, held))]
    return shown._replace(
        key=shown.key if admin.model is Destination else str(destination.post_id),
        text=Draft.from_json(destination.draft).text or "(no text)",
        facts=[fact for fact in facts if fact[1]],
        note=_stays(destination),
    )


def _stays(destination: Destination) -> str:
    """Why a retry would leave it as it is, or would fail at once; "" if it is sent."""
    account = destination.account
    if destination.claim:
        return "it is being worked on"
    if destination.status != Destination.Status.FAILED:
        return "it has not failed"
    if destination.error_code == MAY_BE_PUBLIC:
        return "it may be public: look at the profile, then confirm and retry"
    if account is None:
        return f"{quoted(destination.account_name)} was disconnected"
    if not account.is_active:
        return f"{quoted(account.name)} is switched off: mark it as active first"
    return "" if account.can_post else f"{quoted(account.name)} must be reconnected first"


def _waits(destination: Destination, held: list[Pause]) -> str:
    """Return what a retried destination would wait for beside its turn."""
    number = destination.account_number
    pause = pauses.covering(held, destination.platform, destination.workspace_id, number)
    return f"until operators resume {pause.marked_name}, which is paused" if pause else ""


def retry(
    admin: ModelAdmin, request: HttpRequest, ids: Iterable[uuid.UUID], **confirmed: Any
) -> None:
    """Requeue these destinations in the operator's name, and report."""
    is_sure = "confirmed_not_published" in confirmed
    said = "Retry, confirmed as not public" if is_sure else "Retry"
    requeued = requeue(request, ids, said, **confirmed)
    level = messages.WARNING if requeued.skipped or requeued.gone else messages.SUCCESS
    admin.message_user(request, report(requeued), level)


def requeue(
    request: HttpRequest, ids: Iterable[uuid.UUID], said: str, **confirmed: Any
) -> Requeued:
    """Requeue these in the operator's name, a batch at a time, each with its log entries.

    If the process dies, the batches before are queued and logged, and the others have failed as
    before.
    """
    wanted, done, user = list(ids), Requeued([]), request.user.pk or 0
    for start in range(0, len(wanted), BATCH):
        chosen = wanted[start : start + BATCH]
        with transaction.atomic():
            batch = destination_retry.requeue(chosen, **author(request), **confirmed)
            LogEntry.objects.log_actions(user, batch.moved, CHANGE, said)
        done = Requeued(
            [*done.moved, *batch.moved], [*done.skipped, *batch.skipped], done.gone + batch.gone
        )
    return done


def report(requeued: Requeued) -> str:
    moved = len(requeued.moved)
    queued = f"{moved} destination{pluralize(moved)} queued again."
    reasons = {
        "may be public: look at the profile, then confirm and retry": (
            requeued.count("may_be_live")
        ),
        "tried again since you looked": requeued.count("tried_since", "not_named"),
        "not failed": requeued.count("not_failed") + requeued.gone,
        "being worked on": requeued.count("in_progress"),
        "being deleted from their networks": requeued.count("being_deleted"),
        "of posts that are not approved": requeued.count("not_approved"),
    }
    skipped = "; ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
    left = len(requeued.skipped) + requeued.gone
    return f"{queued} {left} left as they were: {skipped}." if skipped else queued
