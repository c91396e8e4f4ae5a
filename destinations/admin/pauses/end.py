"""Resume what was paused: see what waits, and decide on what is too late by now."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.widgets import UnfoldBooleanWidget

from destinations import pauses
from destinations.admin.base import ReadOnlyAdmin, author, page
from destinations.admin.pauses import formatting
from destinations.models import Pause
from destinations.pauses import held_counts
from destinations.pauses.held_counts import HeldCount


class ResumeForm(forms.Form):
    lift_limits = forms.BooleanField(
        label="Publish all of them, however late",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Lifts the limit that their workspaces have set for late posts. Each post's "
        "events say so. Without this, those beyond their limit fail as missed_schedule.",
    )


def show(admin: ReadOnlyAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    if not admin.has_operate_permission(request):
        raise PermissionDenied
    pause = get_object_or_404(Pause, pk=pk)
    if pause.resumed_at:
        messages.warning(request, f"{formatting.capital(pause.name)} was resumed already.")
        return HttpResponseRedirect(reverse(formatting.LIST))
    if request.method == "POST":
        return _resume(admin, request, pause)
    found = held_counts.count(pause.scope, pause.target)
    return page(
        admin,
        request,
        "destinations/admin/pauses/end.html",
        f"Resume {pause.name}?",
        pause=pause,
        since=formatting.when(pause.paused_at, pause.paused_by),
        form=ResumeForm() if found.due else None,
        told=list(_told(found)),
        missed=formatting.posts(found.missed) if found.missed else "",
        others=[each.name for each in pauses.active() if each.pk != pause.pk],
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


def _resume(admin: ReadOnlyAdmin, request: HttpRequest, pause: Pause) -> HttpResponse:
    who = author(request)
    lifted = held_counts.lift_limits(pause, **who) if request.POST.get("lift_limits") else None
    waiting = formatting.posts(held_counts.due(pause))
    if pauses.resume(pause.pk, by=who["by"]) is None:
        messages.warning(request, f"{formatting.capital(pause.name)} was resumed by someone else.")
        return HttpResponseRedirect(reverse(formatting.LIST))
    limits = "" if lifted is None else f" Limits lifted: {lifted:,}."
    admin.log_change(request, pause, f"Resumed {pause.name}.{limits}")
    text = f"{formatting.capital(pause.name)} is resumed: {waiting} go out in turn.{limits}"
    messages.success(request, text)
    return HttpResponseRedirect(reverse(formatting.LIST))
