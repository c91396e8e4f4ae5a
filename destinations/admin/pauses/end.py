"""Resume what was paused: see what waits, and decide on what is too late by now."""

from collections.abc import Mapping, Sequence

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldBooleanWidget

from destinations import pauses
from destinations.admin.base import ReadOnlyAdmin, author, page
from destinations.admin.pauses import formatting
from destinations.models import Pause
from destinations.pauses import after_restore, held_counts
from destinations.pauses.after_restore import ScheduledGroup, Undecided, UnknownGroup
from destinations.pauses.held_counts import HeldCount

CHOICES = [
    ("publish", "It goes out as scheduled"),
    ("doubt", "Do not send it: it may be public, and a person decides on each post"),
]


class ResumeForm(forms.Form):
    lift_limits = forms.BooleanField(
        label="Publish all of them, however late",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Lifts the limit that their workspaces have set for late posts. Each post's "
        "events say so. Without this, those beyond their limit fail as missed_schedule.",
    )


class DecisionForm(forms.Form):
    """A choice for each group of posts that a restore has left undecided; none is made before."""

    def __init__(self, groups: Sequence[ScheduledGroup], data: QueryDict | None) -> None:
        super().__init__(data)
        for group in groups:
            self.fields[group.key] = forms.ChoiceField(
                label=str(group), choices=CHOICES, widget=UnfoldAdminRadioSelectWidget
            )


def show(admin: ReadOnlyAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    if not admin.has_operate_permission(request):
        raise PermissionDenied
    pause = get_object_or_404(Pause, pk=pk)
    if pause.resumed_at:
        messages.warning(request, f"{formatting.capital(pause.marked_name)} was resumed already.")
        return HttpResponseRedirect(reverse(formatting.LIST))
    groups = after_restore.groups() if pause.scope == Pause.Scope.INSTALLATION else []
    decisions = DecisionForm(groups, request.POST if request.method == "POST" else None)
    if request.method == "POST" and (not groups or decisions.is_valid()):
        try:
            return _resume(admin, request, pause, decisions.cleaned_data if groups else {})
        except (Undecided, UnknownGroup):
            messages.warning(request, "What waits has changed meanwhile; decide once more.")
            return HttpResponseRedirect(request.path)
    found = held_counts.count(pause.scope, pause.target)
    return page(
        admin,
        request,
        "destinations/admin/pauses/end.html",
        f"Resume {pause.name}?",
        pause=pause,
        since=formatting.when(pause.paused_at, pause.paused_by),
        form=ResumeForm() if found.due else None,
        decisions=decisions if groups else None,
        told=list(_told(found)),
        missed=formatting.posts(found.missed) if found.missed else "",
        others=[each.marked_name for each in pauses.active() if each.pk != pause.pk],
        lists=reverse(formatting.LIST),
    )


def _told(found: HeldCount) -> list[str]:
    if not found.due:
        return ["No post waits for it."]
    waits = "waits" if found.due == 1 else "wait"
    lines = [f"{formatting.posts(found.due)} {waits}; they go out in turn, workspace by workspace."]
    if found.oldest_at:
        lines.append(f"The oldest was due at {formatting.ago(found.oldest_at)}.")
    return lines


def _resume(
    admin: ReadOnlyAdmin,
    request: HttpRequest,
    pause: Pause,
    decisions: Mapping[str, after_restore.Decision],
) -> HttpResponse:
    who = author(request)
    doubted = 0
    if decisions:
        # Before limits are lifted, which would pass for changes after the restore.
        with transaction.atomic():
            doubted = after_restore.settle(decisions, who["by"])
    lifted = held_counts.lift_limits(pause, **who) if request.POST.get("lift_limits") else None
    waiting = formatting.posts(held_counts.due(pause))
    if pauses.resume(pause.pk, by=who["by"]) is None:
        messages.warning(
            request, f"{formatting.capital(pause.marked_name)} was resumed by someone else."
        )
        return HttpResponseRedirect(reverse(formatting.LIST))
    limits = "" if lifted is None else f" Limits lifted: {lifted:,}."
    limits += f" May be public, and not sent: {doubted:,}." if doubted else ""
    admin.log_change(request, pause, f"Resumed {pause.marked_name}.{limits}")
    text = f"{formatting.capital(pause.marked_name)} is resumed: {waiting} go out in turn.{limits}"
    messages.success(request, text)
    return HttpResponseRedirect(reverse(formatting.LIST))
