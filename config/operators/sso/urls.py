"""The addresses of single sign-on, below /admin/, where the session's cookie is sent."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path


def begin(request: HttpRequest) -> HttpResponse:
    _require_provider()
    # Not above: an HTTP client and more, which installations without a provider need not load.
    from config.operators.sso import views

    return views.begin(request)


def callback(request: HttpRequest) -> HttpResponse:
    _require_provider()
    from config.operators.sso import views

    return views.callback(request)


def logout_url(request: HttpRequest) -> str:
    """Where the operator ends their session at the provider as well; "" if it has no such page."""
    from config.operators.sso import provider

    return provider.logout_url(request)


def _require_provider() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


patterns: list[URLPattern] = [
    path("sso/", begin, name="sso"),
    path("sso/callback/", callback, name="sso_callback"),
]
