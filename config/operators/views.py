"""The pages on which an operator logs in: the password, a new second factor, and its code."""

from typing import Any

import django_otp
import structlog
from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_otp.models import Device
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from config.operators import second_factor, sessions
from config.operators.lockout import address

log = structlog.get_logger("operators")

#: The session key that holds the secret of an app that is being set up.
NEW_KEY = "second_factor_key"


class LoginForm(AuthenticationForm):
    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if settings.OIDC_ONLY and not getattr(user, "is_superuser", False):
            raise ValidationError("Only superusers log in by password. Use single sign-on.")


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=30,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split()).lower()


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask for a code after the password."""
    user = _operator(request)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    if "leave" in request.POST:
        logout(request)
        return HttpResponseRedirect(reverse("admin:login"))
    if not second_factor.has(user) or user.is_verified():  # type: ignore[attr-defined]
        return _go_on(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = second_factor.matched(user, form.cleaned_data["code"])
        if device:
            _verify(request, device)
            log.info("second_factor_shown", user=user.get_username(), ip=address(request))
            return _go_on(request)
        form.add_error("code", "This code is wrong, used, or too soon after a wrong one: wait.")
        log.warning("second_factor_failed", user=user.get_username(), ip=address(request))
    return _page(request, site, "show", "One more step", form=form)


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Add an app or replace it; the recovery codes are shown once."""
    user = _operator(request)
    if user is None:
        return HttpResponseRedirect(reverse("admin:login"))
    if second_factor.has(user) and not user.is_verified():  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("admin:second_factor"))
    key = request.session.setdefault(NEW_KEY, second_factor.new_key())
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = second_factor.set_up(user, key, form.cleaned_data["code"])
        if made:
            device, codes = made
            del request.session[NEW_KEY]
            _verify(request, device)
            log.info("second_factor_set_up", user=user.get_username())
            return _page(request, site, "codes", "Your recovery codes", codes=codes)
        form.add_error("code", "This code is wrong. Is the clock of your phone right?")
    return _page(
        request,
        site,
        "set_up",
        "Set up a second factor",
        form=form,
        invitation=second_factor.invitation(user, key),
        is_required=not second_factor.is_satisfied(request),
        is_replaced=second_factor.has(user),
    )


def _operator(request: HttpRequest) -> User | None:
    """The operator who gave a password and lacks only the second factor."""
    user = request.user
    is_operator = isinstance(user, User) and user.is_active and user.is_staff
    return user if is_operator and sessions.is_fresh(request) else None  # type: ignore[return-value]


def _verify(request: HttpRequest, device: Device) -> None:
    django_otp.login(request, device)
    # An earlier session key that was intercepted must not work now.
    request.session.cycle_key()


def _go_on(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(wanted if is_ours else reverse("admin:index"))


def _page(
    request: HttpRequest, site: AdminSite, name: str, title: str, **more: Any
) -> TemplateResponse:
    context = {**site.each_context(request), "title": title, **more}
    return TemplateResponse(request, f"admin/second_factor/{name}.html", context)
