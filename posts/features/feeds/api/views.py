"""Feeds over HTTP."""

import uuid
from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from destinations import public_ids
from posts.api.auth import reach_of
from posts.api.endpoints import options
from posts.api.mounts import is_compat
from posts.api.pagination import page
from posts.api.serializers.validated import read
from posts.features.campaigns.api.serializers import CampaignPageSerializer
from posts.features.feeds import feeds
from posts.features.feeds.api import serializers as shapes
from posts.features.feeds.models import Feed


class FeedViewSet(ViewSet):
    lookup_url_kwarg = "feed_id"
    lookup_value_converter = "feed"

    @extend_schema(
        operation_id="list_feeds",
        parameters=[shapes.FeedQuery],
        responses=shapes.FeedListSerializer,
    )
    @options(may_lag=True, reads_query=True)
    def list(self, request: Request) -> Response:
        """List feeds, newest first."""
        asked = read(shapes.FeedQuery, request.query_params.dict())
        rows, meta = page(feeds.within(reach_of(request)), asked)
        shown = shapes.FeedSerializer(rows, many=True).data
        return Response({"feeds": shown, "pagination": _pagination(meta)})

    @extend_schema(
        operation_id="create_feed",
        request=shapes.CreateFeedSerializer,
        responses={201: shapes.FeedSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make posts of a feed's new items.

        What the feed has now is not posted. It is read each 15 minutes; at most five items of a
        reading are posted, the others after the next ones.
        """
        values = read(shapes.CreateFeedSerializer, request.data)
        return Response(_shown(feeds.create(reach_of(request), values)), status=201)

    @extend_schema(operation_id="get_feed", responses=shapes.FeedSerializer)
    def retrieve(self, request: Request, feed_id: str) -> Response:
        """Read one feed."""
        return Response(_shown(_find(request, feed_id)))

    @extend_schema(
        operation_id="edit_feed",
        request=shapes.EditFeedSerializer,
        responses=shapes.FeedSerializer,
    )
    def partial_update(self, request: Request, feed_id: str) -> Response:
        """Change a feed, or switch it off or on; posts that were made stay as they are."""
        known = _find(request, feed_id)
        values = read(shapes.EditFeedSerializer, request.data)
        return Response(_shown(feeds.change(reach_of(request), known.pk, values)))

    @extend_schema(operation_id="delete_feed", responses={200: shapes.DeletedFeedSerializer})
    def destroy(self, request: Request, feed_id: str) -> Response:
        """Delete a feed; its posts stay."""
        feeds.delete(reach_of(request), key := uuid.UUID(feed_id))
        return Response({"id": str(key), "deleted": True})

    @extend_schema(
        operation_id="list_feed_items",
        parameters=[shapes.FeedItemQuery],
        responses=shapes.FeedItemListSerializer,
    )
    @action(detail=True)
    @options(may_lag=True, reads_query=True)
    def items(self, request: Request, feed_id: str) -> Response:
        """List a feed's items and what became of them, newest first."""
        feed = _find(request, feed_id)
        asked = read(shapes.FeedItemQuery, request.query_params.dict())
        rows, meta = page(feeds.items(feed, asked.get("state")), asked)
        form = str if is_compat(request) else partial(public_ids.encode, public_ids.POST)
        shown = shapes.FeedItemSerializer(rows, many=True, context={"post_id": form}).data
        return Response({"items": shown, "pagination": _pagination(meta)})


def _find(request: Request, feed_id: str) -> Feed:
    return feeds.find(reach_of(request), uuid.UUID(feed_id))


def _shown(feed: Feed) -> Any:
    return shapes.FeedSerializer(feed).data


def _pagination(meta: dict[str, Any]) -> Any:
    return CampaignPageSerializer(meta["pagination"]).data
