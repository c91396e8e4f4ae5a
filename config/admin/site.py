"""The admin site: who may enter it, how they log in, and who may see Flower."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from config.admin import banners, replica
from config.operators import lockout, second_factor, sessions, sso, views
from config.operators.sso import urls as sso_urls
from config.web import error_pages

#: Flower's list of tasks is asked for by POST.
READS = ("GET", "HEAD")
LIST = "/tasks/datatable"


@never_cache
def show_flower(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Answer 204 to operators who may see Flower, and others with the login or a refusal."""
    # Not above: it imports pages of models, which register themselves with the site.
    from destinations.admin import flower

    wanted = request.headers.get("X-Forwarded-Uri", "")
    if not site.has_permission(request):
        home = reverse("admin:index")
        query = urlencode({REDIRECT_FIELD_NAME: wanted if wanted.startswith("/admin/") else home})
        return HttpResponseRedirect(f"{reverse('admin:login')}?{query}")
    if not request.user.has_perm(flower.PERMISSION):
        return error_pages.forbidden(request)
    reads = request.headers.get("X-Forwarded-Method", "GET") in READS
    if not reads and not wanted.partition("?")[0].endswith(LIST):
        return error_pages.forbidden(request)
    return HttpResponse(status=204)


class Site(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether this is staff, past every required factor, in a session not too old."""
        if not super().has_permission(request):
            return False
        if not sessions.is_fresh(request):
            logout(request)
            return False
        return second_factor.is_satisfied(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(replica.reads(view), cacheable)

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
        sso_url = self._sso_url(request)
        if settings.OIDC_ONLY and request.method == "GET" and request.GET.get("by") != "password":
            context = {**self.each_context(request), "title": "Log in", "sso_url": sso_url}
            return TemplateResponse(request, "admin/sso/login.html", context)
        extra_context = {"sso_url": sso_url, **(extra_context or {})}
        try:
            with lockout.one_at_a_time(request):
                shown: HttpResponse = super().login(request, extra_context)
        except lockout.TooManyLogins:
            return error_pages.busy(request)
        return shown

    def _sso_url(self, request: HttpRequest) -> str:
        """Return where the operator's way through single sign-on begins; "" without it."""
        if not settings.OIDC_ISSUER:
            return ""
        wanted = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return f"{reverse('admin:sso')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}"

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session here, and offer to end that at the provider."""
        end = sso.is_by_sso(request) and sso_urls.logout_url(request)
        context = {"provider_logout_url": end, **(extra_context or {})}
        left: HttpResponse = super().logout(request, context)
        return left

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        # Not above: it imports pages, which register themselves with the site.
        from config.admin import links

        context["place"] = partial(links.place, context.get("sidebar_navigation", []))
        # Read where a page shows them, not for answers without them.
        context["banners"] = partial(banners.banners_for, request)
        return context

    def get_urls(self) -> list[URLPattern]:
        # They import the pages of models, which register themselves with this site.
        from config.admin import search
        from config.admin.overview import views as overview
        from posts.keys.admin import consent

        show = partial(views.show, site=self)
        set_up = partial(views.set_up, site=self)
        find = self.admin_view(partial(search.show, site=self))
        device_login = self.admin_view(partial(consent.by_code, site=self))
        oauth = self.admin_view(partial(consent.by_oauth, site=self))
        return [
            path("second-factor/", show, name="second_factor"),
            path("second-factor/set-up/", set_up, name="second_factor_set_up"),
            # In place of the theme's own, which searches the names of models.
            path("search/", find, name="search"),
            path("device/", device_login, name="device_login"),
            path("oauth/", oauth, name="oauth"),
            *sso_urls.patterns,
            *overview.patterns(self),
            path("flower-access/", partial(show_flower, site=self), name="flower_access"),
            *super().get_urls(),
        ]
