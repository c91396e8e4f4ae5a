"""The fields of a post about its links."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

DEFAULT = "default"


@extend_schema_field({"oneOf": [{"type": "boolean"}, {"type": "string", "enum": [DEFAULT]}]})
class FlagOrDefaultField(serializers.Field):
    """true, false, or "default" (None inside)."""

    default_error_messages = {"invalid": f'This is true, false or "{DEFAULT}".'}

    def to_internal_value(self, data: Any) -> bool | None:
        if data == DEFAULT and isinstance(data, str):
            return None
        if not isinstance(data, bool):
            self.fail("invalid")
        return data
