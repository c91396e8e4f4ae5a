"""What a post says per platform and per file."""

import uuid
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from platforms.registry import ADAPTERS, ALIASES
from posts.api.serializers.fields import StrictSerializer, TextField
from posts.api.serializers.resources import read
from posts.content import MOST_FILES

#: The most that any network takes.
ALT_TEXT_CHARS = 4086


class SettingsField(serializers.DictField):
    """The platform's own options; they are validated where the platform is known."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        return data


class PlatformPartSerializer(StrictSerializer):
    """One platform's part; GET /platform-rules lists its options and post types."""

    content = TextField(
        required=False,
        allow_blank=True,
        help_text="Replaces the post's content; may be blank as there.",
    )
    contentType = TextField(required=False, help_text="The post type, such as Story.")  # noqa: N815
    settings = SettingsField(required=False, help_text="The platform's own options, by name.")


@extend_schema_field({"$ref": "#/components/schemas/PlatformContent"})
class PlatformContentField(serializers.Field):
    """{platform: {content, contentType, settings}}, each optional; aliases are resolved."""

    def to_internal_value(self, data: Any) -> dict[str, dict[str, Any]]:
        _require_object(data)
        found: dict[str, dict[str, Any]] = {}
        for name, part in data.items():
            platform = ALIASES.get(name, name)
            if platform not in ADAPTERS:
                known = ", ".join(ADAPTERS)
                raise serializers.ValidationError({name[:100]: f"The platforms are {known}."})
            if platform in found:
                raise serializers.ValidationError(
                    {name: f"This is {platform}, which is given already."}
                )
            try:
                found[platform] = read(PlatformPartSerializer, part)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({name: error.detail}) from None
        return found


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_FILES,
        "additionalProperties": {"type": "string", "maxLength": ALT_TEXT_CHARS},
    }
)
class AltTextsField(serializers.Field):
    """{media id: what the file shows}."""

    text = TextField(max_length=ALT_TEXT_CHARS)

    def to_internal_value(self, data: Any) -> dict[uuid.UUID, str]:
        _require_object(data)
        if len(data) > MOST_FILES:
            raise serializers.ValidationError(f"Describes at most {MOST_FILES} files.")
        found = {}
        for name, text in data.items():
            if text is None:
                continue
            try:
                key = uuid.UUID(name)
                found[key] = self.text.run_validation(text)
            except ValueError:
                raise serializers.ValidationError(
                    {name[:100]: "The keys are media ids, as in media_ids."}
                ) from None
            except serializers.ValidationError as error:
                raise serializers.ValidationError({name: error.detail}) from None
        return found


def _require_object(data: Any) -> None:
    if not isinstance(data, Mapping):
        raise serializers.ValidationError("This is a JSON object.")
