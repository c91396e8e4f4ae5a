"""Errors that reach a browser: a page that says what to do, with the request's id.

Below /api and /uploads programs get the envelope instead. No page queries the database, so that
they can be shown while it is away.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from destinations.runtime import database
from posts.api import errors
from posts.errors import Code, RequestRefused

#: How long a browser should wait before it asks again while the database is away.
RETRY_AFTER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class WebErrorPage:
    """`code` and `message` go to programs, `title` and `text` to people."""

    status: int
    title: str
    text: str
    code: Code
    message: str
    #: Where to go on, and what the button there says.
    link: str = ""
    link_text: str = ""


MALFORMED = WebErrorPage(
    400,
    "This request cannot be understood",
    "The address or the form is malformed. Go back, and try again from the page before.",
    "validation_error",
    "The request is malformed.",
)
FORBIDDEN = WebErrorPage(
    403,
    "You have no permission for this",
    "Your user may not open this page. Ask the operator of this installation for permission.",
    "insufficient_scope",
    "This is not allowed.",
)
STALE_FORM = WebErrorPage(
    403,
    "This form has expired",
    "It was open for too long, came from another site, or cookies are disabled. Go back, "
    "reload the page and send it again. Nothing was changed.",
    "insufficient_scope",
    "This is not allowed.",
)
TOO_MANY_LOGINS = WebErrorPage(
    429,
    "Too many wrong passwords",
    "This user cannot log in from here for {minutes} minutes. Logging in from elsewhere still "
    "works. Another operator can remove the lock.",
    "rate_limit_exceeded",
    "Too many wrong passwords.",
)
BUSY = WebErrorPage(
    429,
    "Too many logins at once",
    "Others are logging in from the same address. Try again in a moment.",
    "rate_limit_exceeded",
    "Too many logins at once.",
)
BUSY_CHANGES = WebErrorPage(
    503,
    "Your other changes are still being made",
    "Nothing of this one was done. Try again in a moment.",
    "service_unavailable",
    "Other changes are being made; try again.",
)
SSO_AWAY = WebErrorPage(
    503,
    "Single sign-on does not answer",
    "Your organisation's login cannot be reached right now, or answers wrongly. Try again in a "
    "moment. Posts go out in the meantime.",
    "service_unavailable",
    "Single sign-on does not answer.",
    "/admin/login/",
    "Back to the login",
)
SSO_STALE = WebErrorPage(
    400,
    "This login did not finish",
    "It was cancelled, took too long, was used already, or began in another browser. Log in again.",
    "validation_error",
    "This login did not finish.",
    "/admin/login/",
    "Back to the login",
)
SSO_NO_ROLE = WebErrorPage(
    403,
    "You have no role here",
    "Your login is right, but none of your groups has a role in Dovecote, or your user was "
    "deactivated. Ask the operator of this installation for a role, then log in again.",
    "insufficient_scope",
    "This is not allowed.",
    "/admin/login/",
    "Back to the login",
)
MISSING = WebErrorPage(
    404,
    "Page not found",
    "The address is wrong, or the page was removed.",
    "not_found",
    "There is no such endpoint.",
)
WRONG_METHOD = WebErrorPage(
    405,
    "This page does not accept this method",
    "Go back, and try again from the page before.",
    "method_not_allowed",
    "This method is not allowed here.",
)
BROKEN = WebErrorPage(
    500,
    "Something went wrong on our side",
    "The error was recorded. Try again; if it happens again, tell the operator of this "
    "installation the request's number below.",
    "internal_error",
    "Something went wrong on our side.",
)
AWAY = WebErrorPage(
    503,
    "Dovecote is not available right now",
    "Its database does not answer. Nothing is lost: try again in a moment.",
    "service_unavailable",
    "Try again in a moment.",
)


def too_many_logins(request: HttpRequest) -> HttpResponse:
    minutes = math.ceil(settings.LOGIN_LOCK_SECONDS / 60)
    text = TOO_MANY_LOGINS.text.format(minutes=minutes)
    answer = _answer(request, replace(TOO_MANY_LOGINS, text=text))
    answer.headers["Retry-After"] = str(settings.LOGIN_LOCK_SECONDS)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls this while the exception is being handled."""
    error = sys.exc_info()[1]
    return _answer(request, AWAY if error and database.is_away(error) else BROKEN)


def _answer(request: HttpRequest, page: WebErrorPage) -> HttpResponse:
    if errors.is_api(request):
        return errors.answer(request, RequestRefused(page.code, page.message))
    link, link_text = (page.link, page.link_text) if page.link else _way_on(request)
    context = {"page": page, "link": link, "link_text": link_text}
    answer = render(request, "error.html", context, status=page.status)
    answer.headers["Cache-Control"] = "no-store"
    if page in (AWAY, BUSY_CHANGES):
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def _way_on(request: HttpRequest) -> tuple[str, str]:
    """Return where who sees an error goes on from: operators, owners of accounts, developers.

    By the address alone: who asks is not known while the database is away.
    """
    path = request.path_info
    if path.startswith("/admin"):
        return "/admin/", "To the overview"
    if path.startswith(("/connect/", "/media/", "/static/")):
        return "", ""
    return "/api/docs", "To the API's documentation"


#: A view that shows a page.
View = Callable[..., HttpResponse]


def _view(page: WebErrorPage) -> View:
    """A view that shows the page; Django passes the exception, or the reason, as well."""

    def view(request: HttpRequest, exception: object = None, reason: str = "") -> HttpResponse:
        return _answer(request, page)

    return view


bad_request = _view(MALFORMED)
forbidden = _view(FORBIDDEN)
not_found = _view(MISSING)
#: Django's CSRF_FAILURE_VIEW.
stale_form = _view(STALE_FORM)
#: Without the header Allow, which only the view knows.
method_not_allowed = _view(WRONG_METHOD)
#: The answer to a login that waited for too many others.
busy = _view(BUSY)
#: The answer to an operator's third change at once.
busy_changes = _view(BUSY_CHANGES)
#: A login by single sign-on that comes to nothing.
sso_away = _view(SSO_AWAY)
sso_stale = _view(SSO_STALE)
sso_no_role = _view(SSO_NO_ROLE)
