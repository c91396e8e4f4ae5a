"""Occurrences, whose posts are named by their UUIDs."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field

from posts.api.compat.serializers.fields import ShownUUIDField
from posts.features.repeating.api import serializers as recurrences


class OccurrenceSerializer(recurrences.OccurrenceSerializer):
    post_id = ShownUUIDField(allow_null=True, help_text="Its post; null: there is none.")


class WholeRecurrenceSerializer(recurrences.WholeRecurrenceSerializer):
    occurrence: ClassVar[type[OccurrenceSerializer]] = OccurrenceSerializer

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_next_occurrences(self, row: Any) -> Any:
        return super().get_next_occurrences(row)

    @extend_schema_field(OccurrenceSerializer(many=True))
    def get_last_occurrences(self, row: Any) -> Any:
        return super().get_last_occurrences(row)
