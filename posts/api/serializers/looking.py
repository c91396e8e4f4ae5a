"""What callers saw before they gave their word: it is about that try, and about no later one."""

import uuid
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from destinations import public_ids
from posts.api.serializers.fields import Number

MOST = 500


@extend_schema_field(
    {
        "type": "object",
        "minProperties": 1,
        "maxProperties": MOST,
        "additionalProperties": {"type": "integer", "minimum": 0},
    }
)
class SeenAttempts(serializers.Field):
    """{destination id: its `attempts` in the results}; the ids become UUIDs."""

    number = Number(min_value=0)
    default_error_messages = {
        "no_object": "This is a JSON object: the attempts seen, by destination id.",
        "count": f"Name 1 to {MOST} destinations.",
        "twice": "Name each destination once.",
    }

    def to_internal_value(self, data: Any) -> dict[uuid.UUID, int]:
        if not isinstance(data, Mapping):
            self.fail("no_object")
        if not 1 <= len(data) <= MOST:
            self.fail("count")
        found = {_key(name): self._count(name, count) for name, count in data.items()}
        if len(found) < len(data):
            self.fail("twice")
        return found

    def _count(self, name: str, count: Any) -> int:
        try:
            return int(self.number.run_validation(count))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name[:100]: error.detail}) from None


def _key(name: str) -> uuid.UUID:
    key = public_ids.decode(public_ids.DESTINATION, name)
    if key is None:
        raise serializers.ValidationError({name[:100]: "A destination's id looks like dest_001."})
    return key
