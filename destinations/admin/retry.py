"""Trying failed destinations again from the admin, and saying what came of it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize

from destinations import retry as destination_retry
from destinations.admin import confirmation, resolve
from destinations.models import Destination


def retry(admin: ModelAdmin, request: HttpRequest, ids: Iterable[uuid.UUID], **word: Any) -> None:
    """Revive these destinations by the operator's name, and report."""
    requeued = destination_retry.requeue(
        ids,
        by=f"operator:{request.user}",
        request_id=getattr(request, "request_id", ""),
        **word,
    )
    for destination in requeued.moved:
        admin.log_change(request, destination, "Retry" + (", word given" if word else ""))
    level = messages.WARNING if requeued.skipped or requeued.gone else messages.SUCCESS
    admin.message_user(request, report(requeued), level)


def report(requeued: destination_retry.Requeued) -> str:
    moved = len(requeued.moved)
    said = f"{moved} destination{pluralize(moved)} queued again."
    reasons = {
        "may be public already: look at the profile, then retry with your word": (
            requeued.count("may_be_live")
        ),
        "tried again since you looked": requeued.count("tried_since", "not_named"),
        "not failed": requeued.count("not_failed") + requeued.gone,
        "being worked on": requeued.count("in_progress"),
    }
    told = "; ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
    left = len(requeued.skipped) + requeued.gone
    return f"{said} {left} left as they were: {told}." if told else said


def retry_with_word(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Ask for the operator's word about each that may be public, then retry those."""
    if confirmation.is_confirmed(request):
        seen = resolve.seen(request)
        retry(admin, request, seen, confirmed_not_published=True, seen_attempts=seen)
        return None
    rows = resolve.doubtful(admin, request, chosen)
    if not rows:
        return None
    return confirmation.ask(
        admin,
        request,
        action=request.POST["action"],
        title="Is it really not public?",
        warning=(
            "Nobody could tell whether these went out. Look at each profile. If the post is there "
            "and you retry, it will be public twice."
        ),
        button="I have looked: it is not public. Retry",
        rows=[resolve.row(destination) for destination in rows],
    )
