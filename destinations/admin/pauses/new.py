"""Pause something: choose what, see what it concerns, say why."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from destinations import pauses
from destinations.admin.base import ReadOnlyAdmin, author, page
from destinations.admin.pauses import formatting
from destinations.models import Pause
from destinations.pauses import current, held_counts
from destinations.pauses.lifecycle import StartHangs, UnknownTarget
from platforms.registry import ADAPTERS

Scope = Pause.Scope
#: What an operator types to pause the whole installation.
EVERYTHING = "pause everything"


class PauseForm(forms.Form):
    reason = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="For operators, in the history of pauses. Customers do not see it.",
    )
    notice = forms.CharField(
        label="Notice for customers",
        required=False,
        max_length=300,
        widget=UnfoldAdminTextInputWidget,
        help_text="One sentence that the API shows to those whose posts wait. May be empty.",
    )
    confirmation = forms.CharField(
        label=f"Type “{EVERYTHING}”",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Nothing of any customer begins until you resume.",
    )

    def __init__(self, *args: Any, is_everything: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_everything:
            del self.fields["confirmation"]

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if typed.strip().lower() != EVERYTHING:
            raise forms.ValidationError(f"Type “{EVERYTHING}” to pause the whole installation.")
        return typed


def show(admin: ReadOnlyAdmin, request: HttpRequest) -> HttpResponse:
    """Without a scope the choice, with one the confirmation."""
    scope, target = request.GET.get("scope", ""), request.GET.get("target", "")
    name = current.name_of(scope, target) if scope else None
    if name is None:
        if scope:
            messages.error(request, "There is nothing of that kind to pause; choose again.")
        return _choose(admin, request)
    same = next((each for each in pauses.active() if each.key == f"{scope}:{target}"), None)
    if same:
        messages.warning(request, f"{formatting.capital(same.marked_name)} is paused already.")
        return HttpResponseRedirect(formatting.end_url(same))
    form = PauseForm(request.POST or None, is_everything=scope == Scope.INSTALLATION)
    if request.method == "POST" and form.is_valid():
        return _pause(admin, request, scope, target, form)
    return page(
        admin,
        request,
        "destinations/admin/pauses/new.html",
        f"Pause {name}?",
        form=form,
        name=Pause(scope=scope, name=name).marked_name,
        concerned=_concerned(scope, target),
        lists=reverse(formatting.LIST),
    )


def _choose(admin: ReadOnlyAdmin, request: HttpRequest) -> HttpResponse:
    paused = {pause.key: pause for pause in pauses.active()}
    networks = [(adapter.name, Scope.NETWORK, key) for key, adapter in ADAPTERS.items()]
    choices = [
        {
            "name": name,
            "url": formatting.end_url(same) if same else formatting.new_url(scope, target),
            "is_paused": bool(same),
        }
        for name, scope, target in (*networks, ("The whole installation", Scope.INSTALLATION, ""))
        for same in [paused.get(f"{scope}:{target}")]
    ]
    template = "destinations/admin/pauses/choose.html"
    return page(admin, request, template, "Pause publishing", choices=choices)


def _concerned(scope: str, target: str) -> list[str]:
    found = held_counts.count(scope, target)
    waits = "waits" if found.due == 1 else "wait"
    falls = "falls" if found.soon == 1 else "fall"
    lines = [
        f"{formatting.posts(found.due)} due now {waits} from then on.",
        f"{formatting.posts(found.soon)} {falls} due within the next hour and will wait too.",
    ]
    if found.oldest_at:
        lines[0] += f" The oldest was due at {formatting.ago(found.oldest_at)}."
    return lines


def _pause(
    admin: ReadOnlyAdmin, request: HttpRequest, scope: str, target: str, form: PauseForm
) -> HttpResponse:
    said = {name: form.cleaned_data[name].strip() for name in ("reason", "notice")}
    try:
        made = pauses.pause(scope, target, by=author(request)["by"], **said)
    except (pauses.AlreadyPaused, UnknownTarget, StartHangs) as why:
        messages.error(request, str(why))
        return HttpResponseRedirect(reverse(formatting.LIST))
    admin.log_addition(request, made, f"Paused {made.marked_name}: {made.reason}")
    found = formatting.posts(held_counts.due(made))
    paused = formatting.capital(made.marked_name)
    text = f"{paused} is paused: {found} wait. Nothing of it begins until resumed."
    messages.success(request, text)
    return HttpResponseRedirect(reverse(formatting.LIST))
