"""Bodies and answers that resources share."""

import copy
from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from posts.api.serializers.fields import StrictSerializer

Answer = type[serializers.Serializer]


class ChangesSerializer(StrictSerializer):
    """At least one of the fields of something new: inherit from this first, then from those."""

    #: Help texts that differ from those of the fields of something new.
    texts: ClassVar[Mapping[str, str]] = {}

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = False
            field.allow_null = self._may_be_null(name, field)
            field.help_text = self.texts.get(name, field.help_text)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        return attrs


class NullIfBlankField(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        return str(value) if value else None


def answer(name: str, **fields: serializers.Field) -> Answer:
    """Return a serializer of these fields, which the OpenAPI document calls `name`."""
    # Copied, because fields are sorted by the time when they were made.
    copied = {field: copy.deepcopy(shape) for field, shape in fields.items()}
    made: Answer = type(f"{name}Serializer", (serializers.Serializer,), copied)
    extend_schema_serializer(many=False)(made)
    return made


def deleted_as(name: str, id_field: type[serializers.Field] = serializers.CharField) -> Answer:
    """Return the answer to a deletion: the id of what was deleted."""
    return answer(name, id=id_field(), deleted=serializers.BooleanField(help_text="Always true."))


DeletedSerializer = deleted_as("Deleted")


@extend_schema_serializer(component_name="CampaignPage")
class ResourcePageSerializer(serializers.Serializer):
    """Which page of a list this is; `total` is always exact."""

    limit = serializers.IntegerField(help_text="The most items of a page.")
    offset = serializers.IntegerField(help_text="How many items come before this page.")
    total = serializers.IntegerField(help_text="How many match.")
    has_more = serializers.BooleanField(help_text="Whether more follow this page.")
