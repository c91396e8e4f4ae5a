"""Calendar feeds over HTTP. The calendars themselves: `posts.features.calendar_feeds.address`."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from posts.api.auth import key_of, reach_of
from posts.api.endpoints import options
from posts.api.serializers.validated import read
from posts.features.calendar_feeds import address, feeds
from posts.features.calendar_feeds.api import serializers as shapes
from posts.features.calendar_feeds.models import CalendarFeed

#: An answer with a secret is for its reader alone.
PRIVATE = {"Cache-Control": "no-store"}


class CalendarFeedViewSet(ViewSet):
    lookup_url_kwarg = "calendar_feed_id"
    lookup_value_converter = "calendar_feed"

    @extend_schema(operation_id="list_calendar_feeds", responses=shapes.CalendarFeedsSerializer)
    @options(may_lag=True)
    def list(self, request: Request) -> Response:
        """List calendar feeds, oldest first; a restricted key sees those of its accounts."""
        found = feeds.within(reach_of(request))
        return Response(shapes.CalendarFeedsSerializer({"calendar_feeds": found}).data)

    @extend_schema(
        operation_id="create_calendar_feed",
        request=shapes.CreateCalendarFeedSerializer,
        responses={201: shapes.NewCalendarFeedSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make an address at which calendar programs read posts that have a time.

        From 30 days back to a year ahead, at most 2,000. A workspace has at most 25 feeds.
        """
        values = read(shapes.CreateCalendarFeedSerializer, request.data)
        made, token = feeds.create(reach_of(request), f"key:{key_of(request).prefix}", values)
        return Response(_shown(made, token), status=201, headers=PRIVATE)

    @extend_schema(
        operation_id="delete_calendar_feed",
        responses={200: shapes.RevokedCalendarFeedSerializer},
    )
    def destroy(self, request: Request, calendar_feed_id: str) -> Response:
        """Revoke a feed: its address is gone at once."""
        feed = _find(request, calendar_feed_id)
        feeds.revoke(feed, f"key:{key_of(request).prefix}")
        return Response({"id": str(feed.pk), "deleted": True})

    @extend_schema(
        operation_id="rotate_calendar_feed",
        request=None,
        responses=shapes.NewCalendarFeedSerializer,
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, calendar_feed_id: str) -> Response:
        """Give a feed a new address; the old one is gone at once."""
        feed = _find(request, calendar_feed_id)
        return Response(_shown(feed, feeds.rotate(feed)), headers=PRIVATE)


def _find(request: Request, feed_id: str) -> CalendarFeed:
    """The caller's feed. Raises NotFound."""
    found = feeds.find(reach_of(request), uuid.UUID(feed_id))
    if found is None:
        raise NotFound("There is no such calendar feed.")
    return found


def _shown(feed: CalendarFeed, token: str) -> dict[str, Any]:
    return {**shapes.CalendarFeedSerializer(feed).data, "url": address.url(token)}
