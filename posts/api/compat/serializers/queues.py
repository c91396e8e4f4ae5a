"""The default queue, whose posts are named by their UUIDs."""

from posts.api.compat.serializers.fields import ShownUUIDField
from posts.features.posting_queues.api import serializers as queues


class QueuedPostSerializer(queues.QueuedPostSerializer):
    post_id = ShownUUIDField(source="id")  # type: ignore[assignment]


class DefaultQueueSerializer(queues.DefaultQueueSerializer):
    posts = QueuedPostSerializer(many=True, help_text="Its next posts, in order of their times.")
