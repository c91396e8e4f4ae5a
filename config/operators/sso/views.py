"""To the provider, and back from it."""

import jwt
import requests
import structlog
from django.contrib import auth
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from mozilla_django_oidc import views as oidc

from config.operators.lockout import address, counted_network
from config.operators.sso import provider
from config.operators.sso.backend import NoRole
from config.web import error_pages
from destinations.runtime.request_waits import Busy, RequestWaitLimiter
from posts import rate_windows
from posts.keys import rate_limits

log = structlog.get_logger("operators")
#: Where mozilla-django-oidc keeps what it sent to the provider, in the session.
STATES = "oidc_states"
NEXT = "oidc_login_next"
#: From one address.
BEGINS = rate_windows.parse("30/min,300/h")
#: Any client may begin a login, and the provider may not answer.
_room = RequestWaitLimiter(4)


class _Begin(oidc.OIDCAuthenticationRequestView):
    get_settings = staticmethod(provider.setting)


class _Callback(oidc.OIDCAuthenticationCallbackView):
    get_settings = staticmethod(provider.setting)

    def login_success(self) -> HttpResponse:
        # Also where the session has this user already: it begins anew, with a new key.
        wanted = self.request.session.pop(NEXT, None) or self.success_url
        auth.login(self.request, self.user)
        return HttpResponseRedirect(wanted)

    def login_failure(self) -> HttpResponse:
        """The user is inactive here."""
        raise NoRole


@never_cache
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    # Each leaves a session behind.
    network = counted_network(request) or "unknown"
    if rate_limits.refusing(rate_limits.take_of(network, "sso_logins", BEGINS)):
        return _refused(request, error_pages.busy, "too often")
    try:
        with _room.enter(provider):
            found: HttpResponse = _Begin.as_view()(request)
    except (provider.Away, Busy) as why:
        return _refused(request, error_pages.sso_away, str(why))
    return found


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """The provider has sent the browser back, with a code or an error."""
    states = request.session.get(STATES) or {}
    # Someone else's link, one that was used, or a login that began in another browser.
    if request.GET.get("state") not in states:
        return _refused(request, error_pages.sso_stale, "state")
    if "error" in request.GET or "code" not in request.GET:
        del states[request.GET["state"]]
        request.session.modified = True
        return _refused(request, error_pages.sso_stale, request.GET.get("error", "no code")[:100])
    return _logged_in(request)


def _logged_in(request: HttpRequest) -> HttpResponse:
    try:
        with _room.enter(provider):
            found: HttpResponse = _Callback.as_view()(request)
    except NoRole:
        return _refused(request, error_pages.sso_no_role, "no role")
    except (jwt.PyJWTError, SuspiciousOperation, KeyError) as why:
        # It names a claim that is wrong, never a token.
        return _refused(request, error_pages.sso_stale, f"{type(why).__name__}: {why}")
    except requests.HTTPError as why:
        # The provider refuses a code that is old or was used.
        code = getattr(why.response, "status_code", 500)
        page = error_pages.sso_stale if code < 500 else error_pages.sso_away
        return _refused(request, page, f"HTTP {code}")
    except (provider.Away, Busy, requests.RequestException, ValueError) as why:
        return _refused(request, error_pages.sso_away, type(why).__name__)
    return found


def _refused(request: HttpRequest, page: error_pages.View, reason: str) -> HttpResponse:
    log.warning("sso_refused", reason=reason, ip=address(request))
    return page(request)
