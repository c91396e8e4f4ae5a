"""Files as callers receive them, and the bodies of requests about files."""

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
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
from posts.api.serializers.resources import NullIfBlankField
from posts.media.uploads import TYPES
from posts.models import Media


class MediaIdsField(serializers.ListField):
    """A file's id, as `media_ids` of a post takes it."""

    child = serializers.CharField()

    def to_representation(self, value: Any) -> list[str]:
        return [str(value)]


class UploadMethodSerializer(serializers.Serializer):
    method = serializers.CharField(help_text="The HTTP method.")
    content_type = serializers.CharField(help_text="The Content-Type to send.")
    field_name = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class UploadSerializer(serializers.Serializer):
    media_id = serializers.UUIDField()
    upload_url = serializers.URLField(help_text="Where to PUT the bytes, without a key.")
    upload_method = UploadMethodSerializer(help_text="How to send the bytes.")
    provider = serializers.CharField(help_text="The storage that receives the bytes.")
    protocol = serializers.CharField(help_text="The protocol of `upload_url`.")
    expires_in = serializers.IntegerField(help_text="Seconds.")
    max_size = serializers.IntegerField(help_text="Bytes.")
    media_ids = MediaIdsField(
        source="media_id", read_only=True, help_text="For `media_ids` of a post."
    )
    next_step = serializers.SerializerMethodField()

    def get_next_step(self, upload: Mapping[str, Any]) -> str:
        complete = f"POST /media/{upload['media_id']}/complete"
        return f"PUT the bytes to upload_url, then {complete}."


class KindField(serializers.ChoiceField):
    """Null while nothing is known of a file that is being fetched."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Media.Kind.values, allow_null=True, **options)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) or None


class DimensionsSerializer(serializers.Serializer):
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class MediaFieldsSerializer(serializers.Serializer):
    """The fields of every answer about a file."""

    id = serializers.UUIDField()
    media_id = serializers.UUIDField(source="id")
    status = serializers.ChoiceField(choices=Media.Status.values)
    type = KindField(source="kind")
    filename = serializers.CharField()
    content_type = NullIfBlankField()
    size = serializers.IntegerField(
        source="size_bytes", help_text="0 while it is unknown, for a file that is being fetched."
    )
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration = serializers.FloatField(source="duration_seconds", allow_null=True)
    url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_url(self, media: Media) -> str | None:
        ready = media.status == Media.Status.READY and media.public_key
        return default_storage.url(media.public_key) if ready else None

    def get_thumbnail_url(self, media: Media) -> str | None:
        return default_storage.url(media.thumbnail_key) if media.thumbnail_key else None


class MediaItemSerializer(MediaFieldsSerializer):
    mime_type = NullIfBlankField(source="content_type")
    file_size = serializers.IntegerField(source="size_bytes", help_text="The same as `size`.")
    original_name = serializers.CharField(source="filename", help_text="The same as `filename`.")
    media_status = serializers.ChoiceField(choices=Media.Status.values, source="status")
    error_message = NullIfBlankField(source="error", help_text="Why it failed.")
    dimensions = serializers.SerializerMethodField(help_text="Width and height.")
    aspect_ratio = serializers.SerializerMethodField()
    orientation = serializers.SerializerMethodField()

    @extend_schema_field(DimensionsSerializer)
    def get_dimensions(self, media: Media) -> dict[str, int | None]:
        return {"width": media.width, "height": media.height}

    @extend_schema_field(
        serializers.FloatField(allow_null=True, help_text="Width divided by height.")
    )
    def get_aspect_ratio(self, media: Media) -> float | None:
        if not media.width or not media.height:
            return None
        return round(media.width / media.height, 4)

    def get_orientation(self, media: Media) -> str | None:
        if not media.width or not media.height:
            return None
        if media.width == media.height:
            return "square"
        return "landscape" if media.width > media.height else "portrait"


class CompletedMediaSerializer(MediaFieldsSerializer):
    media_ids = MediaIdsField(source="id", read_only=True)
    message = serializers.SerializerMethodField()

    def get_message(self, media: Media) -> str:
        return "The file is ready; attach it to posts by its id."


class FetchedMediaSerializer(serializers.Serializer):
    media_id = serializers.UUIDField(source="id")
    media_ids = MediaIdsField(source="id", read_only=True)
    media_status = serializers.ChoiceField(choices=Media.Status.values, source="status")
    type = KindField(source="kind")
    url = serializers.SerializerMethodField()
    filename = serializers.CharField()
    size = serializers.SerializerMethodField(help_text="In bytes; null until it is known.")
    content_type = NullIfBlankField()
    source_url = serializers.SerializerMethodField(help_text="The URL it is fetched from.")
    next_step = serializers.SerializerMethodField()

    def get_url(self, media: Media) -> str | None:
        ready = media.status == Media.Status.READY and media.public_key
        return default_storage.url(media.public_key) if ready else None

    def get_size(self, media: Media) -> int | None:
        return media.size_bytes or None

    def get_source_url(self, media: Media) -> str:
        return str(self.context["source_url"])

    def get_next_step(self, media: Media) -> str:
        if media.status == Media.Status.READY:
            return "Attach it to posts by its id, in media_ids."
        return f"It is being fetched: GET /media/{media.pk} until it is ready, then attach it."


@extend_schema_serializer(many=False)
class MediaListSerializer(serializers.Serializer):
    media = MediaItemSerializer(many=True, help_text="The files of this page.")


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
