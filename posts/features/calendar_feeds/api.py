"""Serve calendar feeds over HTTP: their settings, and the address at which calendar programs read
them.

These programs have no key: the address is the secret.
"""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotAllowed, HttpResponseNotFound
from django.urls import path
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from destinations.runtime.request_waits import RequestWaitLimiter
from platforms.registry import ADAPTERS, ALIASES
from posts import rate_windows
from posts.api import routing
from posts.api.auth import author
from posts.api.endpoints import Arguments, Json, Tool, tools
from posts.api.resources import PRIVATE, Resource, Values
from posts.api.serializers.fields import NumberField, StrictSerializer, TextField
from posts.api.serializers.queries import ChoicesField
from posts.api.serializers.resources import deleted_as
from posts.composing.destinations import Author
from posts.features.calendar_feeds import calendar, feeds
from posts.features.calendar_feeds.models import CalendarFeed
from posts.keys import rate_limits
from posts.keys.bounded_waits import RETRY_SECONDS
from posts.models import Post


class CreateCalendarFeedSerializer(StrictSerializer):
    name = TextField(max_length=100, help_text="Its name, which calendar programs show.")
    status = ChoicesField(Post.Status.values, required=False)
    platform = ChoicesField([*ADAPTERS, *ALIASES], required=False)
    account_id = NumberField(required=False, help_text="Only posts that go to this account.")
    campaign_id = NumberField(required=False, help_text="Only posts in this campaign.")

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        for name in ("status", "platform"):
            words = [ALIASES.get(word, word) for word in values.get(name, [])]
            values[name] = [] if "all" in words else list(dict.fromkeys(words))
        return values


class CalendarFeedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.SerializerMethodField(help_text="Only these statuses; null: all.")
    platform = serializers.SerializerMethodField(help_text="Only these networks; null: all.")
    account_id = serializers.IntegerField(
        source="account_number", allow_null=True, help_text="Only this account; null: all."
    )
    campaign_id = serializers.IntegerField(
        source="campaign_number", allow_null=True, help_text="Only this campaign; null: any."
    )
    created_at = serializers.DateTimeField()
    last_read_at = serializers.DateTimeField(
        allow_null=True, help_text="When a program last read it, within an hour; null: never."
    )

    def get_status(self, feed: CalendarFeed) -> str | None:
        return ",".join(feed.statuses) or None

    def get_platform(self, feed: CalendarFeed) -> str | None:
        return ",".join(feed.platforms) or None


class NewCalendarFeedSerializer(CalendarFeedSerializer):
    url = serializers.CharField(
        help_text="The address for calendar programs, shown this once. It opens the calendar to "
        "all who have it."
    )


def version_of(workspace_id: uuid.UUID, data: Values) -> str:
    """Return which address the feed that was made has; blank if it is gone."""
    found = CalendarFeed.objects.filter(
        workspace=workspace_id, pk=data["id"], revoked_at__isnull=True
    ).first()
    return found.digest if found else ""


def _after_making(arguments: Arguments, answer: Json) -> str:
    return (
        "Hand the url to the user, who subscribes to it in a calendar program; it is not shown "
        "again. An operator revokes it in the admin."
    )


CREATE_CALENDAR_FEED = Tool(
    title="Make a calendar of posts",
    description="Make a secret address at which a calendar program reads the posts that have a "
    "time. The address is in this answer alone, and opens the calendar to all who have it: hand "
    "it to the user only.",
    version_of=version_of,
    next_step=_after_making,
)


class CalendarFeedViewSet(Resource):
    one, many = "calendar_feed", "calendar_feeds"
    shown = CalendarFeedSerializer
    shown_by: ClassVar = {"make": NewCalendarFeedSerializer}
    new = CreateCalendarFeedSerializer
    order = "The feeds, oldest first."
    list_name = "CalendarFeeds"
    deleted = deleted_as("RevokedCalendarFeed", serializers.UUIDField)

    def rows(self, who: Author, asked: Values) -> QuerySet[CalendarFeed]:
        """List calendar feeds, oldest first; a restricted key sees those of its accounts."""
        return feeds.within(who.reach)

    @tools(CREATE_CALENDAR_FEED)
    def make(self, who: Author, values: Values) -> CalendarFeed:
        """Make an address at which calendar programs read posts that have a time.

        From 30 days back to a year ahead, at most 2,000. A workspace has at most 25 feeds.
        """
        made, token = feeds.create(who.reach, who.by, values)
        return _with_url(made, token)

    def remove(self, who: Author, row: CalendarFeed) -> None:
        """Revoke a feed: its address is gone at once."""
        feeds.revoke(row, who.by)

    @extend_schema(
        operation_id="rotate_calendar_feed", request=None, responses=NewCalendarFeedSerializer
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, **path: str) -> Response:
        """Give a feed a new address; the old one is gone at once."""
        feed = self.named(request, **path)
        shown = self.show(author(request), _with_url(feed, feeds.rotate(feed)), "make")
        return Response(shown, headers=PRIVATE)


def _with_url(feed: CalendarFeed, token: str) -> CalendarFeed:
    feed.url = url(token)  # type: ignore[attr-defined]
    return feed


#: How often one feed may be read.
READS = rate_windows.parse("30/min,300/h")
CACHED_SECONDS = 300
_room = RequestWaitLimiter()


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
        feeds.note_read(feed)
        return _answer(request, feed)


def _later(message: str, status: int, seconds: int) -> HttpResponse:
    refused = HttpResponse(message, status=status, content_type="text/plain")
    refused["Retry-After"] = str(seconds)
    return refused


def _answer(request: HttpRequest, feed: CalendarFeed) -> HttpResponse:
    # Before it is read: what changes in between makes the next answer another one.
    etag = f'"{calendar.version(feed)}"'
    response: HttpResponse | None = get_conditional_response(request, etag)
    if response is None:
        shown = calendar.build_calendar(feed).written()
        response = HttpResponse(shown, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="posts.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={CACHED_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


SHARED = routing.resource("calendar-feeds", CalendarFeedViewSet, "calendar-feed")
PUBLIC = [path("calendar/<str:token>.ics", serve)]
