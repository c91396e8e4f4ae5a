"""Posting queues over HTTP."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.runtime import clock
from posts.api.auth import reach_of
from posts.api.endpoints import Tool, options, tools
from posts.api.resources import Resource, Values
from posts.api.serializers.queries import ResourceQuery
from posts.api.serializers.resources import (
    deleted_as,
    read,
)
from posts.composing.destinations import Author
from posts.features.posting_queues import queues, slots
from posts.features.posting_queues.api.serializers import (
    CountQuery,
    CreateQueueSerializer,
    DefaultQueueSerializer,
    EditedQueueSerializer,
    EditQueueSerializer,
    NextSlotSerializer,
    PreviewSerializer,
    QueuePaginationSerializer,
    QueueSerializer,
)
from posts.models import PostingQueue

LIST_QUEUES = Tool(
    description="List posting queues: weekly schedules whose free slots posts with use_queue get."
)
GET_NEXT_SLOT = Tool(
    title="Get a queue's next free slot",
    description="Say when the next post with use_queue would be published by this queue.",
)


class QueueViewSet(Resource):
    one, many = "queue", "queues"
    has_long_changes = True
    shown = QueueSerializer
    shown_by: ClassVar = {"change": EditedQueueSerializer}
    new = CreateQueueSerializer
    changes = EditQueueSerializer
    query = ResourceQuery
    order = "Oldest first."
    pagination = QueuePaginationSerializer()
    # It makes the default queue.
    may_lag = False
    reads = "Read one posting queue."
    deleted = deleted_as("DeletedQueue")

    def context(self, who: Author, rows: Sequence[PostingQueue]) -> dict[str, Any]:
        return {"reach": who.reach}

    @tools(LIST_QUEUES)
    def rows(self, who: Author, asked: Values) -> QuerySet[PostingQueue]:
        """List posting queues, oldest first.

        Every workspace has a default one: 09:00, 12:00 and 17:00 UTC each day, until it is changed.
        """
        if asked:
            queues.default(who.workspace_id)
        return queues.within(who.reach)

    def make(self, who: Author, values: Values) -> PostingQueue:
        """Make a posting queue; a workspace has at most 50."""
        return queues.create(who, values)

    def change(self, who: Author, row: PostingQueue, values: Values) -> PostingQueue:
        """Change a posting queue.

        With `active: false` its posts wait. When it is active again, those whose time is past get
        the next free slots; none is published at once.
        """
        reshuffle = values["reshuffle_existing"]
        changes = {name: value for name, value in values.items() if name != "reshuffle_existing"}
        changed = queues.change(who, row.pk, changes, reshuffle=reshuffle)
        changed.queue.reshuffled_count = changed.reshuffled_count  # type: ignore[attr-defined]
        return changed.queue

    def remove(self, who: Author, row: PostingQueue) -> None:
        """Delete a posting queue; its posts keep their times.

        Not the default one, nor an inactive one in which posts wait.
        """
        queues.delete(who, row.pk)

    @tools(GET_NEXT_SLOT)
    @extend_schema(operation_id="get_next_slot", responses=NextSlotSerializer)
    @action(detail=True, url_path="next-slot")
    def next_slot(self, request: Request, **path: str) -> Response:
        """Say which slot the next post gets, unless another one is faster."""
        return Response(NextSlotSerializer(_next_slot(self.named(request, **path))).data)

    @extend_schema(
        operation_id="preview_queue",
        parameters=[CountQuery],
        responses=PreviewSerializer,
    )
    @action(detail=True)
    @options(reads_query=True)
    def preview(self, request: Request, **path: str) -> Response:
        """List the next free slots."""
        count = read(CountQuery, request.query_params.dict())["count"]
        found = slots.available(self.named(request, **path), (), clock.now())
        return Response(PreviewSerializer({"slots": list(islice(found, count))}).data)


class DefaultQueue(APIView):
    #: These and `facts` differ on the compatibility mount.
    shown: type[DefaultQueueSerializer] = DefaultQueueSerializer
    query: type[CountQuery] = CountQuery

    @extend_schema(
        operation_id="get_default_queue",
        parameters=[CountQuery],
        responses=DefaultQueueSerializer,
    )
    @options(reads_query=True)
    def get(self, request: Request) -> Response:
        """Read the default queue: its next free slot, and the posts that it publishes next."""
        asked = read(self.query, request.query_params.dict())
        reach = reach_of(request)
        queue = queues.default(reach.workspace_id)
        if not queues.within(reach).filter(pk=queue.pk).exists():
            raise PermissionDenied("The default queue takes no posts of this key's accounts.")
        data = {
            **self.facts(queue, asked),
            "active": queue.active,
            "slots": queue.slots,
            "posts": queues.waiting(reach, queue, asked["count"]),
        }
        return Response(self.shown(data).data)

    def facts(self, queue: PostingQueue, asked: Values) -> dict[str, Any]:
        return _next_slot(queue)


def _next_slot(queue: PostingQueue) -> dict[str, Any]:
    first = next(slots.available(queue, (), clock.now()), None)
    return {**facts_of(queue), "next_slot": first}


def facts_of(queue: PostingQueue) -> dict[str, Any]:
    """Return how answers about a queue's slots name it."""
    return {
        "timezone": queue.timezone,
        "queue_id": queue.pk,
        "queue_name": queue.name,
    }
