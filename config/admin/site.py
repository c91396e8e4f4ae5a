"""The admin site: who may enter it, and how they log in."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from config.operators import lockout, second_factor, sessions, views
from config.web import error_pages


class Site(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """Whether this is staff who passed every required factor, in a session not too old."""
        if not super().has_permission(request):
            return False
        if not sessions.is_fresh(request):
            logout(request)
            return False
        return second_factor.is_satisfied(request.user)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the password; an operator who gave it is sent on to the second factor."""
        has_password = request.method == "GET" and super().has_permission(request)
        if has_password and sessions.is_fresh(request) and not self.has_permission(request):
            step = "second_factor" if second_factor.has(request.user) else "second_factor_set_up"
            wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
            query = f"?{urlencode({REDIRECT_FIELD_NAME: wanted})}" if wanted else ""
            return HttpResponseRedirect(reverse(f"admin:{step}") + query)
        try:
            with lockout.one_at_a_time(request):
                shown: HttpResponse = super().login(request, extra_context)
        except lockout.Busy:
            return error_pages.busy(request)
        return shown

    def get_urls(self) -> list[URLPattern]:
        show = partial(views.show, site=self)
        set_up = partial(views.set_up, site=self)
        return [
            path("second-factor/", show, name="second_factor"),
            path("second-factor/set-up/", set_up, name="second_factor_set_up"),
            *super().get_urls(),
        ]
