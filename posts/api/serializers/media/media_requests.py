"""Request bodies about files."""

from typing import Any

from rest_framework import serializers

from platforms.downloads import fetch
from posts.api.serializers.fields import (
    NumberField,
    SecondsField,
    StrictListField,
    StrictSerializer,
    TextField,
    one_of,
)
from posts.media.uploads import TYPES


class CreateUploadSerializer(StrictSerializer):
    needs_size = True
    filename = TextField(max_length=255)
    content_type = serializers.ChoiceField(choices=sorted(TYPES))
    size = NumberField(required=False, min_value=1, help_text="Bytes.")
    file_size = NumberField(required=False, min_value=1, help_text="An alias of size.")
    platforms = StrictListField(child=TextField(), required=False, max_length=50)
    width = NumberField(required=False, min_value=1)
    height = NumberField(required=False, min_value=1)
    duration = SecondsField(required=False)

    def validate_filename(self, value: str) -> str:
        return _printable(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = one_of(attrs, "size", "file_size")
        if "size" not in values and self.needs_size:
            raise serializers.ValidationError({"size": "This field is required."})
        return values


class ImportMediaSerializer(StrictSerializer):
    url = TextField(
        max_length=fetch.URL_CHARS,
        help_text="The public URL of the file itself: https or http, not in a private network.",
    )
    filename = TextField(max_length=255, required=False, help_text="Absent: taken from the URL.")

    def validate_filename(self, value: str) -> str:
        return _printable(value)


def _printable(value: str) -> str:
    if not value.isprintable():
        raise serializers.ValidationError("Must not hold control characters.")
    return value
