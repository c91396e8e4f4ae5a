"""Operators resolve destinations that may be live: as published, or as not published."""

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from destinations import authorship, resolve
from destinations.admin import confirmation
from destinations.admin.base import author
from destinations.models import Destination
from destinations.retry import MAY_BE_PUBLIC
from destinations.runtime.request_waits import Busy

#: The most destinations that one page confirms: an operator has to look at each.
CONFIRMED_LIMIT = 50


class FoundForm(forms.Form):
    link = forms.CharField(
        label="Link to the post",
        widget=UnfoldAdminTextInputWidget,
        validators=[resolve.check_link],
        help_text="As a browser shows it, with https://.",
    )
    post_id = forms.CharField(
        label="The network's id",
        widget=UnfoldAdminTextInputWidget,
        required=False,
        max_length=resolve.ID_CHARS,
        help_text="Leave empty to read it from the link.",
    )


def mark_published(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Ask for the link of the post that was found, then mark it as published."""
    confirmed = confirmation.is_confirmed(request)
    form = FoundForm(request.POST if confirmed else None)
    if confirmed and form.is_valid():
        _confirm_published(admin, request, form.cleaned_data)
        return None
    rows = unresolved(admin, request, chosen, limit=1)
    if not rows:
        return None
    return confirmation.ask(
        admin,
        request,
        title="Where is it public?",
        warning="Enter the link of this post. It is marked as published and never sent again.",
        button="I have found it: mark as published",
        rows=[row(destination) for destination in rows],
        form=form,
    )


def _confirm_published(admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
    shown = list(seen(request).items())
    try:
        if len(shown) != 1:
            raise resolve.TooLate
        pk, attempts = shown[0]
        is_verified = authorship.verify_post_owner(pk, **given)
        answer = {**given, "is_verified": is_verified, "seen_attempts": attempts}
        destination = resolve.confirm_published(pk, **answer, **author(request))
    except Busy:
        wrong = "Nothing was changed. Too many posts are being looked for; try again in a moment."
        admin.message_user(request, wrong, messages.ERROR)
    except authorship.NotShown as denied:
        admin.message_user(request, f"Nothing was changed. {denied}", messages.ERROR)
    except resolve.TooLate:
        wrong = "Nothing was changed. Something happened to it since you looked."
        admin.message_user(request, wrong, messages.ERROR)
    except resolve.Taken:
        wrong = "Nothing was changed. This post belongs to another destination."
        admin.message_user(request, wrong, messages.ERROR)
    else:
        admin.log_change(request, destination, "Marked as published")
        admin.message_user(request, "Marked as published.", messages.SUCCESS)


def mark_not_published(
    admin: ModelAdmin, request: HttpRequest, chosen: QuerySet[Destination]
) -> HttpResponse | None:
    """Ask the operator to confirm that these are not public, then mark them."""
    if confirmation.is_confirmed(request):
        _confirm_not_published(admin, request)
        return None
    rows = unresolved(admin, request, chosen)
    if not rows:
        return None
    return confirmation.ask(
        admin,
        request,
        title="Is it really not public?",
        warning=(
            "Look at each profile. Nothing is sent now, but a later retry shows no warning: a post "
            "that is public after all will then be public twice."
        ),
        button="I have looked: it is not public",
        rows=[row(destination) for destination in rows],
    )


def _confirm_not_published(admin: ModelAdmin, request: HttpRequest) -> None:
    counts: Counter[bool] = Counter()
    for pk, attempts in sorted(seen(request).items())[:CONFIRMED_LIMIT]:
        try:
            destination = resolve.confirm_not_published(
                pk, seen_attempts=attempts, **author(request)
            )
        except resolve.TooLate:
            counts[False] += 1
            continue
        counts[True] += 1
        admin.log_change(request, destination, "Marked as not published")
    report = f"{counts[True]} destination{pluralize(counts[True])} marked as not published."
    if counts[False]:
        report += f" {counts[False]} left as they were: something happened since you looked."
    level = messages.WARNING if counts[False] else messages.SUCCESS
    admin.message_user(request, report, level)


def unresolved(
    admin: ModelAdmin,
    request: HttpRequest,
    chosen: QuerySet[Destination],
    limit: int = CONFIRMED_LIMIT,
) -> list[Destination]:
    """The chosen ones that may be public; empty, with a message, if none or too many."""
    rows = chosen.filter(status=Destination.Status.FAILED, error_code=MAY_BE_PUBLIC)
    found = list(rows.order_by("post", "position")[: limit + 1])
    if found and len(found) <= limit:
        return found
    wrong = f"Choose at most {limit}." if found else "None of them may be public."
    admin.message_user(request, f"Nothing was changed. {wrong}", messages.ERROR)
    return []


def row(destination: Destination) -> confirmation.ConfirmationRow:
    where = f"{destination.account_name} on {destination.platform}"
    parts = (destination.public_id, where, destination.error, destination.platform_post_url)
    return confirmation.ConfirmationRow(
        key=str(destination.pk),
        text=" · ".join(part for part in parts if part),
        page=reverse("admin:destinations_destination_change", args=[destination.pk]),
        seen=f"{destination.pk}:{destination.attempts}",
    )


def seen(request: HttpRequest) -> dict[uuid.UUID, int]:
    """The number of attempts of each destination when the page was shown."""
    found = {}
    for entry in request.POST.getlist("seen"):
        pk, _, attempts = entry.partition(":")
        try:
            found[uuid.UUID(pk)] = int(attempts)
        except ValueError:
            continue
    return found
