"""The default queue, in the shapes of the published clients."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers.queues import DefaultQueueSerializer
from posts.features.posting_queues.api import views as reference


@extend_schema_view(get=extend_schema(responses=DefaultQueueSerializer))
class DefaultQueue(reference.DefaultQueue):
    shown: type[DefaultQueueSerializer] = DefaultQueueSerializer
