"""The address at which calendar programs read a feed. They have no key: it is the secret."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotAllowed, HttpResponseNotFound
from django.utils.cache import get_conditional_response

from destinations.runtime.waiting_room import WaitingRoom
from posts import rate_windows
from posts.features.calendar_feeds import calendar, feeds
from posts.features.calendar_feeds.calendar import Shown
from posts.keys import rate_limits
from posts.keys.bounded_waits import RETRY_SECONDS

#: How often one feed may be read.
READS = rate_windows.parse("30/min,300/h")
CACHED_SECONDS = 300
_room = WaitingRoom()


def url(token: str) -> str:
    return f"{settings.PUBLIC_URL}/calendar/{token}.ics"


def serve(request: HttpRequest, token: str) -> HttpResponse:
    """Serve the calendar; 404 for an unknown or revoked address, 304 if the program has it."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    feed = feeds.by_token(token)
    if feed is None:
        return HttpResponseNotFound("There is no such calendar.", content_type="text/plain")
    full = rate_limits.refusing(rate_limits.take_of(str(feed.pk), "calendar", READS))
    if full:
        return _later("Read too often.", 429, full.wait_seconds)
    with _room.one(feed.workspace_id) as has_place:
        if not has_place:
            return _later("Other calendars are being read; try again.", 503, RETRY_SECONDS)
        found = calendar.shown(feed)
        feeds.note_read(feed)
        return _answer(request, found)


def _later(message: str, status: int, seconds: int) -> HttpResponse:
    refused = HttpResponse(message, status=status, content_type="text/plain")
    refused["Retry-After"] = str(seconds)
    return refused


def _answer(request: HttpRequest, found: Shown) -> HttpResponse:
    etag = f'"{found.version}"'
    response: HttpResponse | None = get_conditional_response(request, etag)
    if response is None:
        response = HttpResponse(found.written(), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="posts.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={CACHED_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
