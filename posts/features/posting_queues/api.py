"""Posting queues over HTTP."""

from collections.abc import Sequence
from datetime import time
from itertools import islice
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from destinations.access import Reach
from destinations.runtime import clock
from posts.api.auth import reach_of
from posts.api.endpoints import options, tools
from posts.api.resources import Resource, Values
from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    NumberField,
    StrictListField,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.queries import QueryNumberField, QuerySerializer, ResourceQuery
from posts.api.serializers.resources import (
    ChangesSerializer,
    PaginationSerializer,
    deleted_as,
    read,
)
from posts.composing import times
from posts.composing.destinations import Author
from posts.features.posting_queues import mcp, queues, slots
from posts.features.posting_queues.slots import Slot
from posts.models import Post, PostingQueue

#: The most slots or posts of a queue that one answer lists.
MOST_SHOWN = 100


class SlotSerializer(StrictSerializer):
    day_of_week = NumberField(min_value=0, max_value=6, help_text="0 is Sunday.")
    time = serializers.RegexField(
        r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        max_length=5,
        trim_whitespace=False,
        help_text="HH:MM in the queue's zone. A time that clocks skip is the first moment after.",
    )


class SlotsField(StrictListField):
    """Times of the week, sorted, each once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            child=SlotSerializer(),
            allow_empty=False,
            max_length=queues.MOST_SLOTS,
            help_text="When it publishes, in wall times of its zone; duplicates count once.",
            **options,
        )

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        given = super().to_internal_value(data)
        week = {Slot(each["day_of_week"], time.fromisoformat(each["time"])) for each in given}
        return [slot.as_json() for slot in sorted(week)]


class CreateQueueSerializer(StrictSerializer):
    """What a new queue has and an edit may change."""

    null_is_said = frozenset({"account_ids"})
    name = TextField(max_length=100, help_text="1 to 100 characters; need not be unique.")
    slots = SlotsField()
    timezone = TextField(required=False, help_text="An IANA name; default UTC.")
    active = FlagField(
        required=False, help_text="false: its posts wait until it is active again; default true."
    )
    is_default = FlagField(
        required=False, help_text="true: posts that name no queue enter it, instead of another one."
    )
    account_ids = AccountNumbersField(
        allow_empty=False, help_text="It takes posts of these accounts only; null: of all."
    )
    max_posts_per_slot = NumberField(
        required=False,
        min_value=1,
        max_value=queues.MOST_POSTS_PER_SLOT,
        help_text="How many posts one slot takes, each for other accounts; default 1.",
    )
    jitter_minutes = NumberField(
        required=False,
        min_value=0,
        max_value=queues.MOST_JITTER_MINUTES,
        help_text="Publish up to so many minutes after the slot, by chance; default 0.",
    )

    def validate_name(self, value: str) -> str:
        return value.strip()

    def validate_timezone(self, value: str) -> str:
        return times.zone(value).key

    def validate_account_ids(self, value: list[int] | None) -> list[int] | None:
        return value and list(dict.fromkeys(value))


class EditQueueSerializer(ChangesSerializer, CreateQueueSerializer):
    texts: ClassVar = {"name": "1 to 100 characters."}
    reshuffle_existing = FlagField(
        default=False,
        help_text="true: all its posts that have not begun get slots anew, by priority, then in "
        "the order of their creation. Otherwise they keep their times.",
    )


class CountQuery(QuerySerializer):
    count = QueryNumberField(
        min_value=1, max_value=MOST_SHOWN, default=20, help_text="How many to list."
    )


class ShownSlotSerializer(serializers.Serializer):
    day_of_week = serializers.IntegerField(help_text="0 is Sunday.")
    time = serializers.CharField(help_text="HH:MM in the queue's zone.")


class QueueSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField(help_text="The IANA name of the zone of its slots.")
    slots = ShownSlotSerializer(many=True, help_text="When it publishes, each week.")
    active = serializers.BooleanField(help_text="Whether its posts are published.")
    is_default = serializers.BooleanField(help_text="Whether posts that name no queue enter it.")
    account_ids = serializers.SerializerMethodField(
        help_text="The accounts whose posts it takes, as far as this key may use them; null: all."
    )
    max_posts_per_slot = serializers.IntegerField(help_text="How many posts one slot takes.")
    jitter_minutes = serializers.IntegerField(
        help_text="Posts are published up to so many minutes after their slot."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    @extend_schema_field({"type": "array", "items": {"type": "integer"}, "nullable": True})
    def get_account_ids(self, queue: Any) -> list[int] | None:
        reach: Reach = self.context["reach"]
        shown: list[int] | None = queue.account_ids
        if shown is None or reach.only is None:
            return shown
        return [number for number in shown if number in reach.only]


class EditedQueueSerializer(QueueSerializer):
    reshuffled_count = serializers.IntegerField(
        read_only=True, help_text="How many of its posts have another time now."
    )


class QueuePaginationSerializer(PaginationSerializer):
    """A workspace has few queues, which are always counted."""

    total = serializers.IntegerField(help_text="How many queues there are.")
    total_is_exact = None  # type: ignore[assignment]


class NextSlotSerializer(serializers.Serializer):
    next_slot = serializers.DateTimeField(
        allow_null=True, help_text="The first free slot; null: none within 90 days."
    )
    timezone = serializers.CharField(help_text="The IANA name of the zone of its slots.")
    queue_id = serializers.UUIDField(help_text="The queue's id.")
    queue_name = serializers.CharField(help_text="The queue's name.")


class PreviewSerializer(serializers.Serializer):
    slots = serializers.ListField(
        child=serializers.DateTimeField(), help_text="The next free slots, in order."
    )


class QueuedPostSerializer(serializers.Serializer):
    post_id = serializers.CharField(source="public_id")
    content = serializers.CharField()
    scheduled_for = serializers.DateTimeField(help_text="When it is published.")
    slot = serializers.DateTimeField(
        source="slot_at", help_text="Its slot, which is before the jitter."
    )
    priority = serializers.SerializerMethodField(help_text="high, medium or low.")

    def get_priority(self, post: Post) -> str:
        return Post.QueuePriority(post.queue_priority or Post.QueuePriority.MEDIUM).name.lower()


class DefaultQueueSerializer(NextSlotSerializer):
    active = serializers.BooleanField(help_text="Whether its posts are published.")
    slots = ShownSlotSerializer(many=True, help_text="When it publishes, each week.")
    posts = QueuedPostSerializer(many=True, help_text="Its next posts, in order of their times.")


class QueueViewSet(Resource):
    one, many = "queue", "queues"
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

    @tools(mcp.LIST_QUEUES)
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

    @tools(mcp.GET_NEXT_SLOT)
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
    #: Differs on the compatibility mount.
    shown: type[DefaultQueueSerializer] = DefaultQueueSerializer

    @extend_schema(
        operation_id="get_default_queue",
        parameters=[CountQuery],
        responses=DefaultQueueSerializer,
    )
    @options(reads_query=True)
    def get(self, request: Request) -> Response:
        """Read the default queue: its next free slot, and the posts that it publishes next."""
        count = read(CountQuery, request.query_params.dict())["count"]
        reach = reach_of(request)
        queue = queues.default(reach.workspace_id)
        if not queues.within(reach).filter(pk=queue.pk).exists():
            raise PermissionDenied("The default queue takes no posts of this key's accounts.")
        data = {
            **_next_slot(queue),
            "active": queue.active,
            "slots": queue.slots,
            "posts": queues.waiting(reach, queue, count),
        }
        return Response(self.shown(data).data)


def _next_slot(queue: PostingQueue) -> dict[str, Any]:
    return {
        "next_slot": next(slots.available(queue, (), clock.now()), None),
        "timezone": queue.timezone,
        "queue_id": queue.pk,
        "queue_name": queue.name,
    }
