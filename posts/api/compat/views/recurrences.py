"""Rules of repeating posts, whose posts are named by their UUIDs."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from posts.api.compat.serializers.recurrences import WholeRecurrenceSerializer
from posts.features.repeating.api import views as reference

SHOWN = extend_schema(responses=WholeRecurrenceSerializer)


@extend_schema_view(retrieve=SHOWN, partial_update=SHOWN, pause=SHOWN, resume=SHOWN)
class RecurrenceViewSet(reference.RecurrenceViewSet):
    whole: type[WholeRecurrenceSerializer] = WholeRecurrenceSerializer
