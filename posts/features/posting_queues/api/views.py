"""Posting queues over HTTP."""

import uuid
from itertools import islice
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from destinations.runtime import clock
from posts.api.auth import author, reach_of
from posts.api.endpoints import options
from posts.api.serializers.validated import read
from posts.features.posting_queues import free_slots, listing, queues
from posts.features.posting_queues.api import serializers as shapes
from posts.features.posting_queues.queues import Caller
from posts.models import PostingQueue


class QueueViewSet(ViewSet):
    lookup_url_kwarg = "queue_id"
    lookup_value_converter = "queue"

    @extend_schema(
        operation_id="list_queues",
        parameters=[shapes.QueuePageQuery],
        responses=shapes.QueueListSerializer,
    )
    @options(reads_query=True)
    def list(self, request: Request) -> Response:
        """List posting queues, oldest first.

        Every workspace has a default one: 09:00, 12:00 and 17:00 UTC each day, until it is changed.
        """
        asked, reach = read(shapes.QueuePageQuery, request.query_params.dict()), reach_of(request)
        queues.default(reach.workspace_id)
        found = list(queues.within(reach))
        page = {"limit": asked["limit"], "offset": asked["offset"], "total": len(found)}
        end = asked["offset"] + asked["limit"]
        data = {
            "queues": shapes.shown_all(found[asked["offset"] : end], reach),
            "pagination": {**page, "has_more": end < len(found)},
        }
        return Response(data)

    @extend_schema(
        operation_id="create_queue",
        request=shapes.CreateQueueSerializer,
        responses={201: shapes.QueueSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make a posting queue; a workspace has at most 50."""
        values = read(shapes.CreateQueueSerializer, request.data)
        made = queues.create(_caller(request), values)
        return Response(shapes.shown(made, reach_of(request)), status=201)

    @extend_schema(operation_id="get_queue", responses=shapes.QueueSerializer)
    def retrieve(self, request: Request, queue_id: str) -> Response:
        """Read one posting queue."""
        return Response(shapes.shown(_find(request, queue_id), reach_of(request)))

    @extend_schema(
        operation_id="edit_queue",
        request=shapes.EditQueueSerializer,
        responses=shapes.EditedQueueSerializer,
    )
    def partial_update(self, request: Request, queue_id: str) -> Response:
        """Change a posting queue.

        With `active: false` its posts wait. When it is active again, those whose time is past get
        the next free slots; none is published at once.
        """
        known = _find(request, queue_id)
        values = read(shapes.EditQueueSerializer, request.data)
        reshuffle = values.pop("reshuffle_existing")
        changed = queues.change(_caller(request), known.pk, values, reshuffle=reshuffle)
        context = {"reach": reach_of(request), "reshuffled_count": changed.reshuffled_count}
        return Response(shapes.EditedQueueSerializer(changed.queue, context=context).data)

    @extend_schema(operation_id="delete_queue", responses={200: shapes.DeletedQueueSerializer})
    def destroy(self, request: Request, queue_id: str) -> Response:
        """Delete a posting queue; its posts keep their times.

        Not the default one, nor an inactive one in which posts wait.
        """
        key = uuid.UUID(queue_id)
        queues.delete(_caller(request), key)
        return Response({"id": str(key), "deleted": True})

    @extend_schema(operation_id="get_next_slot", responses=shapes.NextSlotSerializer)
    @action(detail=True, url_path="next-slot")
    def next_slot(self, request: Request, queue_id: str) -> Response:
        """Say which slot the next post gets, unless another one is faster."""
        return Response(shapes.NextSlotSerializer(_next_slot(_find(request, queue_id))).data)

    @extend_schema(
        operation_id="preview_queue",
        parameters=[shapes.CountQuery],
        responses=shapes.PreviewSerializer,
    )
    @action(detail=True)
    @options(reads_query=True)
    def preview(self, request: Request, queue_id: str) -> Response:
        """List the next free slots."""
        count = read(shapes.CountQuery, request.query_params.dict())["count"]
        found = free_slots.available(_find(request, queue_id), (), clock.now())
        return Response(shapes.PreviewSerializer({"slots": list(islice(found, count))}).data)


class DefaultQueue(APIView):
    #: Differs on the compatibility mount.
    shown: type[shapes.DefaultQueueSerializer] = shapes.DefaultQueueSerializer

    @extend_schema(
        operation_id="get_default_queue",
        parameters=[shapes.CountQuery],
        responses=shapes.DefaultQueueSerializer,
    )
    @options(reads_query=True)
    def get(self, request: Request) -> Response:
        """Read the default queue: its next free slot, and the posts that it publishes next."""
        count = read(shapes.CountQuery, request.query_params.dict())["count"]
        reach = reach_of(request)
        queue = queues.default(reach.workspace_id)
        if not queues.within(reach).filter(pk=queue.pk).exists():
            raise PermissionDenied("The default queue takes no posts of this key's accounts.")
        data = {
            **_next_slot(queue),
            "active": queue.active,
            "slots": queue.slots,
            "posts": listing.waiting(reach, queue, count),
        }
        return Response(self.shown(data).data)


def _caller(request: Request) -> Caller:
    who = author(request)
    return Caller(who.reach, who.by, who.request_id)


def _find(request: Request, queue_id: str) -> PostingQueue:
    return queues.find(reach_of(request), uuid.UUID(queue_id))


def _next_slot(queue: PostingQueue) -> dict[str, Any]:
    return {
        "next_slot": next(free_slots.available(queue, (), clock.now()), None),
        "timezone": queue.timezone,
        "queue_id": queue.pk,
        "queue_name": queue.name,
    }
