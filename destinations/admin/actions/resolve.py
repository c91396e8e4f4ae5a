"""Actions on destinations as a page showed them: by the attempts that they had then."""

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from destinations import authorship, resolve
from destinations.admin.actions import bulk as actions
from destinations.admin.actions.bulk import Confirmed
from destinations.admin.actions.confirmation import ConfirmationRow
from destinations.admin.base import author
from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Destination
from destinations.runtime.request_waits import Busy
from destinations.wording import profile, quoted


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


class OfDoubtful(Confirmed):
    """An action on destinations that may be public."""

    noun = "destination"
    none = "None of them may be public."

    def select(self, chosen: QuerySet[Destination]) -> QuerySet[Destination]:
        rows = chosen.filter(status=Destination.Status.FAILED, error_code=MAY_BE_PUBLIC)
        return rows.order_by("post", "position")

    def rows(self, admin: ModelAdmin, found: list[Destination]) -> list[ConfirmationRow]:
        return [row(destination) for destination in found]


class MarkPublished(OfDoubtful):
    """Asks for the link of the post that was found, then marks it as published."""

    title = "Where is it public?"
    warning = "Enter the link of this post. It is marked as published and never sent again."
    button = "I have found it: mark as published"
    most = 1
    form = FoundForm

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        shown = list(seen(request).items())
        try:
            if len(shown) != 1:
                raise resolve.TooLate
            pk, attempts = shown[0]
            is_verified = authorship.verify_post_owner(pk, **given)
            answer = {**given, "is_verified": is_verified, "seen_attempts": attempts}
            destination = resolve.confirm_published(pk, **answer, **author(request))
        except Busy:
            wrong = "Too many posts are being looked for; try again in a moment."
            actions.refuse(admin, request, wrong)
        except authorship.NotShown as denied:
            actions.refuse(admin, request, str(denied))
        except resolve.TooLate:
            actions.refuse(admin, request, "Something happened to it since you looked.")
        except resolve.Taken:
            actions.refuse(admin, request, "This post belongs to another destination.")
        else:
            admin.log_change(request, destination, "Marked as published")
            admin.message_user(request, "Marked as published.", messages.SUCCESS)


class MarkNotPublished(OfDoubtful):
    title = "Is it really not public?"
    warning = (
        "Look at each profile. Nothing is sent now, but a later retry shows no warning: a post "
        "that is public after all will then be public twice."
    )
    button = "I have looked: it is not public"

    def act(self, admin: ModelAdmin, request: HttpRequest, given: dict[str, Any]) -> None:
        counts: Counter[bool] = Counter()
        for pk, attempts in sorted(seen(request).items())[: self.most]:
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


def row(destination: Destination) -> ConfirmationRow:
    where = profile(destination.account_name, destination.platform)
    error = destination.error and quoted(destination.error)
    parts = (destination.public_id, where, error, destination.platform_post_url)
    return ConfirmationRow(
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
