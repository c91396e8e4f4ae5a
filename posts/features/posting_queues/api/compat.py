"""The default queue, in the shapes of the published clients."""

from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from destinations.runtime import clock
from posts.api.compat.serializers.fields import ShownUUIDField
from posts.api.resources import Values
from posts.api.serializers.queries import QueryNumberField
from posts.features.posting_queues import slots
from posts.features.posting_queues.api import serializers as reference
from posts.features.posting_queues.api import views
from posts.models import PostingQueue


class PreviewQuery(reference.CountQuery):
    preview = QueryNumberField(
        min_value=1,
        max_value=reference.MOST_SHOWN,
        default=10,
        help_text="How many free slots to list.",
    )


class QueuedPostSerializer(reference.QueuedPostSerializer):
    post_id = ShownUUIDField(source="id")  # type: ignore[assignment]


class NamedQueueSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField(help_text="The IANA name of the zone of its slots.")


class UpcomingSlotSerializer(serializers.Serializer):
    date = serializers.DateField(help_text="In the queue's zone.")
    time = serializers.CharField(help_text="HH:MM in the queue's zone.")


class DefaultQueueSerializer(reference.DefaultQueueSerializer):
    posts = QueuedPostSerializer(many=True, help_text="Its next posts, in order of their times.")
    queue = NamedQueueSerializer(help_text="The queue itself.")
    upcoming = UpcomingSlotSerializer(many=True, help_text="Its next free slots, in order.")
    exhausted = serializers.BooleanField(
        help_text="Whether it has fewer free slots within 90 days than were asked for."
    )


@extend_schema_view(get=extend_schema(parameters=[PreviewQuery], responses=DefaultQueueSerializer))
class DefaultQueue(views.DefaultQueue):
    shown: type[DefaultQueueSerializer] = DefaultQueueSerializer
    query: type[PreviewQuery] = PreviewQuery

    def facts(self, queue: PostingQueue, asked: Values) -> dict[str, Any]:
        zone, wanted = ZoneInfo(queue.timezone), asked["preview"]
        found = list(islice(slots.available(queue, (), clock.now()), wanted))
        walls = [each.astimezone(zone) for each in found]
        return {
            **views.facts_of(queue),
            "next_slot": found[0] if found else None,
            "queue": queue,
            "upcoming": [{"date": each.date(), "time": f"{each:%H:%M}"} for each in walls],
            "exhausted": len(found) < wanted,
        }
