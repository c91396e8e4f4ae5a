"""Hashtag sets, and a workspace's defaults for posts."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from platforms.registry import ADAPTERS
from posts.api.serializers.fields import (
    StrictListField,
    StrictSerializer,
    TextField,
)
from posts.api.serializers.posts.parts.hashtags import IN_HELP
from posts.api.serializers.posts.parts.platform_content import PLATFORM_ALIASES
from posts.api.serializers.posts.posts import NullIfBlankField
from posts.features.campaigns.api.serializers import TrimmedField
from posts.features.hashtags import tags
from posts.features.hashtags.defaults import PLACES
from posts.features.hashtags.models import MOST_CHARS

#: Of a set, or by default.
MOST_TAGS = 30
#: Instagram's limit, which is the shortest.
MOST_COMMENT_CHARS = 2200


class HashtagField(TextField):
    """A hashtag with or without its sign; becomes the word alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_CHARS + 1, **options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return tags.cleaned(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None


class HashtagsField(StrictListField):
    """At most 30, each once in any case."""

    child = HashtagField()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_TAGS, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        return tags.without_known(super().to_internal_value(data))


class PlatformField(serializers.ChoiceField):
    """A network by its name or an alias."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[*ADAPTERS, *PLATFORM_ALIASES], **options)

    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        return PLATFORM_ALIASES.get(name, name)


class HashtagSetFields(StrictSerializer):
    null_is_said = frozenset({"platforms"})
    name = TrimmedField(max_length=100, help_text="No other set of the workspace has it; trimmed.")
    hashtags = HashtagsField(
        allow_empty=False,
        help_text="1 to 30, with or without #: letters, digits and underscores, with at least one "
        "letter. Each is kept once, in any case.",
    )
    platforms = StrictListField(
        child=PlatformField(),
        required=False,
        allow_empty=False,
        max_length=len(ADAPTERS) + len(PLATFORM_ALIASES),
        help_text="Only posts on these platforms get them; null: on all.",
    )

    def validate_platforms(self, value: list[str] | None) -> list[str] | None:
        return value and list(dict.fromkeys(value))


class CreateHashtagSetSerializer(HashtagSetFields):
    pass


class EditHashtagSetSerializer(HashtagSetFields):
    """At least one field."""

    name = TrimmedField(
        max_length=100,
        required=False,
        help_text="No other set of the workspace has it; trimmed.",
    )
    hashtags = HashtagsField(
        allow_empty=False, required=False, help_text="Replaces them: 1 to 30, with or without #."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        return attrs


class HashtagSetSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    hashtags = serializers.ListField(
        child=serializers.CharField(), help_text="In their order, without #."
    )
    platforms = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="The platforms whose posts get them; null: all.",
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


@extend_schema_serializer(many=False)
class HashtagSetListSerializer(serializers.Serializer):
    hashtag_sets = HashtagSetSerializer(many=True, help_text="By name.")


class DeletedHashtagSetSerializer(serializers.Serializer):
    id = serializers.CharField()
    deleted = serializers.BooleanField(help_text="Always true.")


class PostDefaultsBodySerializer(StrictSerializer):
    """Only what changes; at least one field."""

    hashtags = HashtagsField(
        required=False,
        allow_empty=True,
        help_text="For posts that name no hashtag sets, with or without #; []: none.",
    )
    hashtags_in = serializers.ChoiceField(
        choices=PLACES,
        required=False,
        help_text=f"Where hashtags go unless a post says. {IN_HELP} Default text.",
    )
    first_comment = TextField(
        required=False,
        allow_blank=True,
        max_length=MOST_COMMENT_CHARS,
        help_text="For posts without a `firstComment` of their own, on networks where Dovecote "
        "makes one; blank: none.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError("Send at least one field to change.")
        return attrs


class PostDefaultsSerializer(serializers.Serializer):
    hashtags = serializers.ListField(
        child=serializers.CharField(), help_text="Of posts that name no hashtag sets, without #."
    )
    hashtags_in = serializers.ChoiceField(
        choices=PLACES, help_text="Where hashtags go unless a post says."
    )
    first_comment = NullIfBlankField(
        help_text="Of posts that have no first comment of their own; null: none."
    )
