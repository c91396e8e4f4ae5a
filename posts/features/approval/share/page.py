"""The page behind a share link: a post as its networks will show it, and buttons to decide.

It is for people without a login. Mail scanners and link previewers open every link, so opening it
changes nothing; only its form does. The form needs no cookie, which readers of mail often lack: it
holds a signed note of what was shown, and a program that could forge a request
would have to know the secret address.
"""

from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from destinations.runtime import addresses
from posts import rate_windows
from posts.errors import RequestRefused
from posts.features.approval.models import ShareLink
from posts.features.approval.share import client_view, links
from posts.features.approval.share.client_view import ClientView
from posts.keys import rate_limits

#: How often one network opens share pages, and sends their forms.
OPENS = rate_windows.parse("120/min,1200/h")
SENDS = rate_windows.parse("20/min,100/h")
SALT = "dovecote.share"


class _Page(Protocol):
    def __call__(self, request: HttpRequest, token: str) -> HttpResponse: ...


def _private(page: _Page) -> _Page:
    """Keep the answer out of caches, search engines, frames and referrers."""

    @wraps(page)
    def answer(request: HttpRequest, token: str) -> HttpResponse:
        response = page(request, token)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers["X-Frame-Options"] = "DENY"
        return response

    return answer


@dataclass(frozen=True, slots=True)
class Note:
    """The signed note in the form that names what was shown: link, version and stage."""

    revision: str
    stage: str

    @classmethod
    def of(cls, view: ClientView) -> str:
        return signing.dumps([str(view.link.pk), view.revision, view.stage], salt=SALT)

    @classmethod
    def read(cls, link: ShareLink, text: str) -> "Note | None":
        try:
            number, revision, stage = signing.loads(text, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        return cls(revision, stage) if number == str(link.pk) else None


@csrf_exempt
@_private
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the post, or take down what a person says about it."""
    network = addresses.network(request.META.get("REMOTE_ADDR") or "") or "unknown"
    rolling = SENDS if request.method == "POST" else OPENS
    try:
        name = f"share_{str(request.method).lower()}"
        rate_limits.demand_of(network, name, rolling, "requests from this address")
    except RequestRefused as refused:
        return _ended(request, "busy", 429, refused.message)
    link = links.find(token)
    if link is None:
        return _ended(request, "unknown", 404)
    if link.state != "active":
        return _ended(request, link.state, 410)
    if request.method == "POST":
        return _take(request, link, token)
    return _shown(request, link)


def _take(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    note = Note.read(link, request.POST.get("note", ""))
    if note is None:
        return _shown(request, link, 400, "This form is not valid any more. Please try again.")
    try:
        said = links.read_message(request.POST)
        links.say_by_link(link, said, note.revision, note.stage)
    except RequestRefused as refused:
        status = 400 if refused.code == "validation_error" else 409
        return _shown(request, link, status, refused.message)
    return HttpResponseRedirect(f"/share/{token}", status=303)


def _shown(
    request: HttpRequest, link: ShareLink, status: int = 200, problem: str = ""
) -> HttpResponse:
    view = client_view.read(link)
    context: dict[str, Any] = {
        "view": view,
        "note": Note.of(view),
        "problem": problem,
        "name": request.POST.get("name", "") or link.reviewer,
        "comment": request.POST.get("comment", "") if problem else "",
    }
    return render(request, "posts/share/page.html", context, status=status)


def _ended(request: HttpRequest, why: str, status: int, message: str = "") -> HttpResponse:
    context = {"why": why, "message": message}
    return render(request, "posts/share/ended.html", context, status=status)
