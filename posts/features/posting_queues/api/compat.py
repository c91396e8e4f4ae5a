"""The default queue, in the shapes of the published clients."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers.fields import ShownUUIDField
from posts.features.posting_queues.api import serializers, views


class QueuedPostSerializer(serializers.QueuedPostSerializer):
    post_id = ShownUUIDField(source="id")  # type: ignore[assignment]


class DefaultQueueSerializer(serializers.DefaultQueueSerializer):
    posts = QueuedPostSerializer(many=True, help_text="Its next posts, in order of their times.")


@extend_schema_view(get=extend_schema(responses=DefaultQueueSerializer))
class DefaultQueue(views.DefaultQueue):
    shown: type[DefaultQueueSerializer] = DefaultQueueSerializer
