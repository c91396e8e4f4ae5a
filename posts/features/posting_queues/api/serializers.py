"""Posting queues and their slots, in requests and answers."""

from datetime import time
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations.access import Reach
from posts.api.serializers.fields import (
    AccountNumbersField,
    FlagField,
    NumberField,
    StrictListField,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.queries import QueryNumberField, QuerySerializer
from posts.api.serializers.resources import (
    ChangesSerializer,
    PaginationSerializer,
)
from posts.composing import times
from posts.features.posting_queues import queues
from posts.features.posting_queues.slots import Slot
from posts.models import Post

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
