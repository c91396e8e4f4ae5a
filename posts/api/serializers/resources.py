"""Bodies, answers and `meta` that resources share, and the validation of bodies and queries."""

import copy
from collections.abc import Mapping
from functools import cache
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


class MetaSerializer(serializers.Serializer):
    request_id = serializers.CharField(help_text="The request's id, as in the logs.")
    timestamp = serializers.DateTimeField(help_text="When the answer was given.")


class PaginationSerializer(serializers.Serializer):
    limit = serializers.IntegerField(help_text="The most items that a page has.")
    offset = serializers.IntegerField(help_text="How many items were skipped before this page.")
    total = serializers.IntegerField(
        help_text="How many items match in all; at least so many if it is not exact."
    )
    total_is_exact = serializers.BooleanField(
        help_text="false: not all were counted, because they are more than 10,000, or many of "
        "more than 10,000 posts."
    )
    has_more = serializers.BooleanField(help_text="Whether another page follows.")


class PageMetaSerializer(MetaSerializer):
    pagination = PaginationSerializer(help_text="Which page of the list this is.")


def read(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The validated data. Raises ValidationError or RequestRefused."""
    if data is None:
        raise serializers.ValidationError({"non_field_errors": ["No data provided"]})
    values: dict[str, Any] = _shared(serializer).run_validation(data)
    return values


@cache
def _shared(serializer: type[serializers.Serializer]) -> serializers.Serializer:
    """One instance for all requests: `run_validation` keeps nothing in it.

    DRF copies the declared fields for each instance, which takes as long as to validate a post.
    """
    return serializer()
