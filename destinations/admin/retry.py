"""Retry failed destinations from the admin, and report the result."""

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
from destinations.admin.base import author
from destinations.models import Destination


def retry(
    admin: ModelAdmin, request: HttpRequest, ids: Iterable[uuid.UUID], **confirmed: Any
) -> None:
    """Requeue these destinations in the operator's name, and report."""
    requeued = destination_retry.requeue(ids, **author(request), **confirmed)
    for destination in requeued.moved:
        done = "Retry, confirmed as not public" if confirmed else "Retry"
        admin.log_change(request, destination, done)
    level = messages.WARNING if requeued.skipped or requeued.gone else messages.SUCCESS
    admin.message_user(request, report(requeued), level)


def report(requeued: destination_retry.Requeued) -> str:
    moved = len(requeued.moved)
    queued = f"{moved} destination{pluralize(moved)} queued again."
    reasons = {
        "may be public: look at the profile, then confirm and retry": (
            requeued.count("may_be_live")
        ),
        "tried again since you looked": requeued.count("tried_since", "not_named"),
        "not failed": requeued.count("not_failed") + requeued.gone,
        "being worked on": requeued.count("in_progress"),
    }
    skipped = "; ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
    left = len(requeued.skipped) + requeued.gone
    return f"{queued} {left} left as they were: {skipped}." if skipped else queued


def retry_confirmed(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Ask the operator to confirm that these are not public, then retry them."""
    if confirmation.is_confirmed(request):
        seen = resolve.seen(request)
        retry(admin, request, seen, confirmed_not_published=True, seen_attempts=seen)
        return None
    rows = resolve.unresolved(admin, request, chosen)
    if not rows:
        return None
    return confirmation.ask(
        admin,
        request,
        title="Is it really not public?",
        warning=(
            "It is unknown whether these were published. Look at each profile. If a post is there "
            "and you retry, it will be public twice."
        ),
        button="I have looked: it is not public. Retry",
        rows=[resolve.row(destination) for destination in rows],
    )
