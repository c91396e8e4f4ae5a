"""What callers receive, field for field."""

from math import gcd
from typing import Any

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from destinations.models import Destination
from posts.models import Media, Post

S = Destination.Status
#: As customers see it, a destination we are asking the network about is still on its way.
WIRE_STATUS = {S.UNCONFIRMED: S.PUBLISHING}


def wire_status(status: str) -> str:
    return str(WIRE_STATUS.get(S(status), status))


class Meta(serializers.Serializer):
    request_id = serializers.CharField()
    timestamp = serializers.DateTimeField()


class Note(serializers.Serializer):
    destination_id = serializers.CharField(source="public_id")
    note = serializers.CharField()


class ResultsMeta(Meta):
    notes = Note(many=True, required=False, help_text="What else happened; absent without notes.")


class Pagination(serializers.Serializer):
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    total = serializers.IntegerField()
    has_more = serializers.BooleanField()


class PageMeta(Meta):
    pagination = Pagination()


def pagination(limit: int, offset: int, total: int) -> dict[str, Any]:
    """What `meta` says of a page."""
    shown = {"limit": limit, "offset": offset, "total": total}
    return {"pagination": {**shown, "has_more": offset + limit < total}}


class Problem(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class Verdict(serializers.Serializer):
    """What POST /posts would say of one account."""

    account_id = serializers.IntegerField(source="target.number")
    platform = serializers.CharField(source="target.platform")
    valid = serializers.SerializerMethodField()
    errors = Problem(many=True, source="problems")  # type: ignore[assignment]
    warnings = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())

    def get_valid(self, verdict: Any) -> bool:
        return not verdict.problems


class Validated(serializers.Serializer):
    valid = serializers.BooleanField()
    accounts = Verdict(many=True)


def enveloped(
    name: str,
    data: serializers.Field | serializers.BaseSerializer,
    meta: type[serializers.Serializer] = Meta,
) -> Any:
    """The documented shape of an answer whose data is `data`."""
    return inline_serializer(name, {"data": data, "meta": meta()})


class NullIfBlank(serializers.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        return str(value) if value else None


class ListedDestination(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    platform = serializers.CharField()
    status = serializers.SerializerMethodField()
    account_name = serializers.CharField()

    @extend_schema_field(serializers.ChoiceField(["queued", "publishing", "published", "failed"]))
    def get_status(self, row: Destination) -> str:
        return wire_status(row.status)


class DetailedDestination(ListedDestination):
    account_id = serializers.IntegerField(source="account_number")
    published_at = serializers.DateTimeField(allow_null=True)
    platform_post_id = NullIfBlank()
    error = NullIfBlank()
    attempts = serializers.IntegerField()


class Result(DetailedDestination):
    platform_post_url = NullIfBlank()
    next_retry_at = serializers.DateTimeField(allow_null=True)


class AttachedMedia(serializers.Serializer):
    id = serializers.UUIDField(source="media.id")
    type = serializers.ChoiceField(choices=Media.Kind.values, source="media.kind")
    url = serializers.SerializerMethodField()

    def get_url(self, row: Any) -> str:
        return default_storage.url(row.media.storage_key)


class ListedPost(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    content = serializers.CharField()
    media = AttachedMedia(many=True, source="attachments.all")
    scheduled_for = serializers.DateTimeField(allow_null=True)
    timezone = serializers.CharField()
    status = serializers.ChoiceField(choices=Post.Status.values)
    destinations = ListedDestination(many=True, source="destinations.all")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DetailedPost(ListedPost):
    destinations = DetailedDestination(many=True, source="destinations.all")


class CreatedPost(serializers.Serializer):
    post_id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(choices=Post.Status.values)
    scheduled_for = serializers.DateTimeField(allow_null=True)
    accounts_count = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    def get_accounts_count(self, post: Post) -> int:
        return int(self.context["accounts_count"])

    def get_message(self, post: Post) -> str:
        return message(post, self.get_accounts_count(post))


def message(post: Post, count: int) -> str:
    verb = "scheduled for" if post.scheduled_for else "publishing to"
    return f"Post {verb} {count} account{'' if count == 1 else 's'}"


class EditedPost(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    content = serializers.CharField()
    scheduled_for = serializers.DateTimeField(allow_null=True)
    status = serializers.ChoiceField(choices=Post.Status.values)
    updated_at = serializers.DateTimeField()


class Deleted(serializers.Serializer):
    id = serializers.CharField()
    deleted = serializers.BooleanField()


class RevivedDestination(serializers.Serializer):
    id = serializers.CharField(source="public_id")
    platform = serializers.CharField()
    new_status = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(["queued"]))
    def get_new_status(self, row: Destination) -> str:
        return str(S.QUEUED)


class Retried(serializers.Serializer):
    retried_count = serializers.IntegerField()
    destinations = RevivedDestination(many=True)


class UploadMethod(serializers.Serializer):
    method = serializers.CharField()
    content_type = serializers.CharField()
    field_name = serializers.CharField(allow_null=True)  # type: ignore[assignment]


class Upload(serializers.Serializer):
    media_id = serializers.UUIDField()
    upload_url = serializers.URLField()
    upload_method = UploadMethod()
    provider = serializers.CharField()
    protocol = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    max_size = serializers.IntegerField(help_text="Bytes.")


class Dimensions(serializers.Serializer):
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class MediaFields(serializers.Serializer):
    """What every answer about a file holds."""

    id = serializers.UUIDField()
    media_id = serializers.UUIDField(source="id")
    status = serializers.ChoiceField(choices=Media.Status.values)
    type = serializers.ChoiceField(choices=Media.Kind.values, source="kind")
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(
        source="size_bytes", help_text="0 while it is not known, of a film that is being fetched."
    )
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration = serializers.FloatField(source="duration_seconds", allow_null=True)
    url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_url(self, media: Media) -> str | None:
        ready = media.status == Media.Status.READY
        return default_storage.url(media.storage_key) if ready else None

    def get_thumbnail_url(self, media: Media) -> str | None:
        return default_storage.url(media.thumbnail_key) if media.thumbnail_key else None


class MediaItem(MediaFields):
    mime_type = serializers.CharField(source="content_type")
    file_size = serializers.IntegerField(source="size_bytes")
    original_name = serializers.CharField(source="filename")
    media_status = serializers.ChoiceField(choices=Media.Status.values, source="status")
    error_message = NullIfBlank(source="error", help_text="Why it failed.")
    dimensions = serializers.SerializerMethodField()
    aspect_ratio = serializers.SerializerMethodField()
    orientation = serializers.SerializerMethodField()

    @extend_schema_field(Dimensions)
    def get_dimensions(self, media: Media) -> dict[str, int | None]:
        return {"width": media.width, "height": media.height}

    def get_aspect_ratio(self, media: Media) -> str | None:
        if not media.width or not media.height:
            return None
        shared = gcd(media.width, media.height)
        return f"{media.width // shared}:{media.height // shared}"

    def get_orientation(self, media: Media) -> str | None:
        if not media.width or not media.height:
            return None
        if media.width == media.height:
            return "square"
        return "landscape" if media.width > media.height else "portrait"


class CompletedMedia(MediaFields):
    media_ids = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()

    def get_media_ids(self, media: Media) -> list[str]:
        return [str(media.pk)]

    def get_message(self, media: Media) -> str:
        return "The file is ready; attach it to posts by its id."


class FetchedMedia(serializers.Serializer):
    media_id = serializers.UUIDField(source="id")
    media_ids = serializers.SerializerMethodField()
    media_status = serializers.ChoiceField(choices=Media.Status.values, source="status")
    type = serializers.ChoiceField(choices=Media.Kind.values, source="kind")
    url = serializers.SerializerMethodField()
    filename = serializers.CharField()
    size = serializers.SerializerMethodField()
    content_type = serializers.CharField()
    source_url = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()

    def get_media_ids(self, media: Media) -> list[str]:
        return [str(media.pk)]

    def get_url(self, media: Media) -> str | None:
        return default_storage.url(media.storage_key) if media.storage_key else None

    def get_size(self, media: Media) -> int | None:
        return media.size_bytes or None

    def get_source_url(self, media: Media) -> str:
        return str(self.context["source_url"])

    def get_next_step(self, media: Media) -> str:
        if media.status == Media.Status.READY:
            return "Attach it to posts by its id, in media_ids."
        return f"It is being fetched: GET /media/{media.pk} until it is ready, then attach it."


class MediaList(serializers.Serializer):
    media = MediaItem(many=True)
