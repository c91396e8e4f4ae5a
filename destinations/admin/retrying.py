"""Trying failed destinations again from the admin, and saying what came of it."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse

from destinations import reviving
from destinations.admin import confirming
from destinations.models import Destination

#: Nobody has looked at more profiles than that.
CONFIRMED_LIMIT = 50


def retry(admin: ModelAdmin, request: HttpRequest, ids: Iterable[uuid.UUID], **word: Any) -> None:
    """Revive these destinations by the operator's name, and report."""
    revived = reviving.revive(
        ids,
        by=f"operator:{request.user}",
        request_id=getattr(request, "request_id", ""),
        **word,
    )
    for destination in revived.moved:
        admin.log_change(request, destination, "Retry" + (", word given" if word else ""))
    level = messages.WARNING if revived.skipped else messages.SUCCESS
    admin.message_user(request, report(revived), level)


def report(revived: reviving.Revived) -> str:
    moved = len(revived.moved)
    said = f"{moved} destination{pluralize(moved)} queued again."
    reasons = {
        "may be public already: look at the profile, then retry with your word": (
            revived.may_be_public
        ),
        "tried again since you looked": revived.tried_since,
        "not failed": revived.not_failed,
        "being worked on": revived.at_work,
    }
    told = "; ".join(f"{count} {reason}" for reason, count in reasons.items() if count)
    return f"{said} {revived.skipped} left as they were: {told}." if told else said


def retry_with_word(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Ask for the operator's word about each that may be public, then retry those."""
    if confirming.is_confirmed(request):
        seen = _seen(request)
        retry(admin, request, seen, confirmed_not_published=True, seen_attempts=seen)
        return None
    doubtful = chosen.filter(status=Destination.Status.FAILED, error_code=reviving.MAY_BE_PUBLIC)
    rows = list(doubtful.order_by("post", "position")[: CONFIRMED_LIMIT + 1])
    if not rows or len(rows) > CONFIRMED_LIMIT:
        wrong = f"Choose at most {CONFIRMED_LIMIT}." if rows else "None of them may be public."
        admin.message_user(request, f"Nothing was changed. {wrong}", messages.ERROR)
        return None
    return confirming.ask(
        admin,
        request,
        action=request.POST["action"],
        title="Is it really not public?",
        warning=(
            "Nobody could tell whether these went out. Look at each profile. If the post is there "
            "and you retry, it will be public twice."
        ),
        button="I have looked: it is not public. Retry",
        rows=[_row(destination) for destination in rows],
    )


def _row(destination: Destination) -> confirming.Row:
    where = f"{destination.account_name} on {destination.platform}"
    words = (destination.public_id, where, destination.error, destination.platform_post_url)
    return confirming.Row(
        key=str(destination.pk),
        text=" · ".join(word for word in words if word),
        page=reverse("admin:destinations_destination_change", args=[destination.pk]),
        seen=f"{destination.pk}:{destination.attempts}",
    )


def _seen(request: HttpRequest) -> dict[uuid.UUID, int]:
    """What the page showed: the attempts of each destination at that moment."""
    found = {}
    for word in request.POST.getlist("seen"):
        pk, _, attempts = word.partition(":")
        try:
            found[uuid.UUID(pk)] = int(attempts)
        except ValueError:
            continue
    return found
