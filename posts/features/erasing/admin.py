"""The record of erasures, and the page that begins one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from destinations import pauses
from destinations.admin.base import BoundedAdmin, author, page
from destinations.admin.lists.ordering import Key
from destinations.models import Account
from destinations.wording import one_line, quoted
from posts.features.erasing import erase, summary
from posts.features.erasing.models import Erasure
from posts.models import Workspace

#: How long the page erases; the periodic task does the rest.
SECONDS = 2.0


class ConfirmForm(forms.Form):
    confirmation = forms.CharField(
        strip=False, widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["confirmation"].label = f"Type {quoted(name)}"

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        # As it is shown: what could pass for words of ours is left out.
        if one_line(typed) != one_line(self.name):
            raise forms.ValidationError(
                f"{self.fields['confirmation'].label} to erase it. Nothing was erased."
            )
        return typed


@admin.register(Erasure)
class ErasureAdmin(BoundedAdmin):
    """What was erased, when and by whom. New ones begin on the page of what is to go."""

    list_display = ("__str__", "asked_by", "asked_at", "waits_for", "ended_at")
    key = Key("pk")
    sections = {
        "": ("scope", "target", "workspace_of", "asked_by", "asked_at", "waits_for", "ended_at")
    }

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.confirm)
        new = path("<slug:scope>/<str:target>/erase/", view, name="posts_erasure_confirm")
        urls: list[URLPattern] = [new, *super().get_urls()]
        return urls

    def confirm(self, request: HttpRequest, scope: str, target: str) -> HttpResponse:
        """Show what goes and what stays; erase it once its name was typed."""
        if not request.user.has_perm("posts.add_erasure"):
            raise PermissionDenied
        found = _find(scope, target)
        form = ConfirmForm(request.POST or None, name=found.name)
        if request.method == "POST" and form.is_valid():
            return self._erase(request, found)
        return page(
            self,
            request,
            "posts/admin/erasing/confirm.html",
            f"Erase {found}?",
            form=form,
            goes=summary.of(found),
            happens=summary.HAPPENS,
            stays=summary.stays(found),
            scope=scope,
            leave=reverse(f"admin:{found._meta.app_label}_{scope}_change", args=[found.pk]),
        )

    def _erase(self, request: HttpRequest, found: Workspace | Account) -> HttpResponse:
        every = reverse("admin:posts_erasure_changelist")
        try:
            erasure = erase.begin(found, author(request)["by"])
        except pauses.StartHangs as why:
            messages.error(request, str(why))
            return HttpResponseRedirect(request.path)
        # After it the name is known nowhere, and neither does the log say it.
        self.log_addition(request, erasure, "Erased, or to be erased once nothing is in flight.")
        erase.work(erasure, SECONDS)
        if erasure.ended_at:
            messages.success(request, f"Erased: {erasure}.")
        else:
            waits = erasure.waits_for or "rows that are still to be deleted"
            messages.warning(request, f"Closed; it goes on by itself. It waits for {waits}.")
        return HttpResponseRedirect(every)


def _find(scope: str, target: str) -> Workspace | Account:
    found: Workspace | Account | None = None
    if scope == Erasure.Scope.ACCOUNT:
        found = erase.find_account(target)
    elif scope == Erasure.Scope.WORKSPACE:
        found = erase.find_workspace(target)
    if found is None:
        raise Http404
    return found
