"""Fields that show which posts come again, and what a post that comes again cannot be."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


def check_alone(values: dict[str, Any]) -> None:
    """Raises ValidationError for a recurrence of a post without a time of its own."""
    if "recurrence" not in values:
        return
    if "recycling" in values:
        raise serializers.ValidationError({"recycling": "Send either recycling or recurrence."})
    if values["draft"]:
        raise serializers.ValidationError(
            {"recurrence": "A draft does not recur: send the post with its time instead."}
        )
    if "queue" in values:
        raise serializers.ValidationError(
            {"use_queue": "A post that recurs has a time of its own, not a queue's."}
        )
    if values.get("when") is None:
        raise serializers.ValidationError(
            {"scheduled_at": "A post that recurs needs the time of its first occurrence."}
        )


class OmittedField(serializers.Field):
    """Shown only by posts that have it."""

    omitted_if_empty = True

    def get_attribute(self, instance: Any) -> Any:
        found = super().get_attribute(instance)
        if not found:
            raise serializers.SkipField
        return found

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.UUID)
class ShownRecurrenceIdField(OmittedField):
    def __init__(self) -> None:
        super().__init__(
            required=False, help_text="The recurrence that it belongs to; absent if to none."
        )


@extend_schema_field(OpenApiTypes.DATE)
class ShownOccurrenceDateField(OmittedField):
    def __init__(self) -> None:
        super().__init__(
            required=False, help_text="Which of the recurrence's dates it is; absent if of none."
        )


@extend_schema_field(OpenApiTypes.STR)
class ShownRecycledFromField(OmittedField):
    def __init__(self) -> None:
        super().__init__(
            required=False, help_text="The recycled post that it is a turn of; absent if of none."
        )
