"""The address at which calendar programs read a feed. They have no key: it is the secret."""

import hashlib

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import (
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseNotModified,
)
from django.utils.http import parse_etags

from posts import rate_windows
from posts.calendar_feeds import calendar, feeds
from posts.keys import rate_limits

#: How often one feed may be read.
READS = rate_windows.parse("30/min,300/h")
CACHED_SECONDS = 300


def url(token: str) -> str:
    return f"{settings.PUBLIC_URL}/calendar/{token}.ics"


def serve(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar; 404 for an unknown or revoked address, 304 if the program has it already."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    feed = feeds.by_token(token)
    if feed is None:
        return HttpResponseNotFound("There is no such calendar.", content_type="text/plain")
    full = rate_limits.refusing(rate_limits.take_of(str(feed.pk), "calendar", READS))
    if full:
        refused = HttpResponse("Read too often.", status=429, content_type="text/plain")
        refused["Retry-After"] = str(full.wait_seconds)
        return refused
    body = calendar.build(feed)
    feeds.note_read(feed)
    return _answer(request, body)


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    has_it = "*" in asked or etag in {each.removeprefix("W/") for each in asked}
    response: HttpResponse = HttpResponseNotModified() if has_it else HttpResponse(body)
    if not has_it:
        response["Content-Type"] = "text/calendar; charset=utf-8"
        response["Content-Disposition"] = 'inline; filename="posts.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={CACHED_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
