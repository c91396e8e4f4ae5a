"""Rules of repeating posts, whose posts are named by their UUIDs."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view

from posts.api.compat.serializers.fields import ShownUUIDField
from posts.features.repeating.api import serializers, views


class OccurrenceSerializer(serializers.OccurrenceSerializer):
    post_id = ShownUUIDField(allow_null=True, help_text="Its post; null: there is none.")


class WholeRecurrenceSerializer(serializers.WholeRecurrenceSerializer):
    occurrence: ClassVar[type[OccurrenceSerializer]] = OccurrenceSerializer

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_next_occurrences(self, row: Any) -> Any:
        return super().get_next_occurrences(row)

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_last_occurrences(self, row: Any) -> Any:
        return super().get_last_occurrences(row)


SHOWN = extend_schema(responses=WholeRecurrenceSerializer)


@extend_schema_view(pause=SHOWN, resume=SHOWN)
class RecurrenceViewSet(views.RecurrenceViewSet):
    shown = WholeRecurrenceSerializer
