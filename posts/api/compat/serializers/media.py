"""Files, with the fields of every published client."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from posts.api.serializers.media import media
from posts.api.serializers.meta import PageMetaSerializer, PaginationSerializer
from posts.models import Media


class NamesSerializer(serializers.Serializer):
    """Other names of a file's fields."""

    media_type = media.KindField(source="kind", help_text="The same as `type`.")
    upload_status = serializers.ChoiceField(
        choices=Media.Status.values, source="status", help_text="The same as `status`."
    )


class MediaItemSerializer(media.MediaItemSerializer, NamesSerializer):
    """A file with every client's names."""


class CompletedMediaSerializer(media.CompletedMediaSerializer, NamesSerializer):
    """A file whose upload was completed, with every client's names."""


@extend_schema_serializer(many=False)
class MediaListSerializer(serializers.Serializer):
    meta_serializer: ClassVar = PageMetaSerializer

    media = MediaItemSerializer(many=True, help_text="The files of this page.")
    items = MediaItemSerializer(many=True, source="media", help_text="The same as `media`.")
    media_ids = serializers.ListField(
        child=serializers.UUIDField(), help_text="The ids of the files of this page."
    )
    pagination = PaginationSerializer(help_text="Which page of the list this is.")
    total = serializers.IntegerField(help_text="The same as `pagination.total`.")


class DeletedMediaSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    media_id = serializers.UUIDField(help_text="The same as `id`.")
    deleted = serializers.BooleanField(help_text="Always true.")
    message = serializers.CharField()
