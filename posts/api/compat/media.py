"""Files, in the shapes of the published clients."""

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.response import Response

from posts.api.compat.serializers import inputs
from posts.api.compat.serializers.fields import page_data
from posts.api.pagination import page
from posts.api.renderers import EnvelopeResponse
from posts.api.serializers import media
from posts.api.serializers.resources import PageMetaSerializer, PaginationSerializer
from posts.api.views import media as reference
from posts.media.convert import jobs
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


@extend_schema_view(
    list=extend_schema(responses=MediaListSerializer),
    upload=extend_schema(request=inputs.CreateUploadSerializer),
    complete=extend_schema(responses=CompletedMediaSerializer),
    retrieve=extend_schema(responses=MediaItemSerializer),
    destroy=extend_schema(responses={200: DeletedMediaSerializer}),
)
class MediaViewSet(reference.MediaViewSet):
    new: type[inputs.CreateUploadSerializer] = inputs.CreateUploadSerializer
    item: type[MediaItemSerializer] = MediaItemSerializer
    completed: type[CompletedMediaSerializer] = CompletedMediaSerializer

    def show_page(self, found: QuerySet[Media], asked: dict[str, Any]) -> Response:
        shown, meta = page(found, asked)
        jobs.request_missing_stripped(shown)
        listed = {"media": shown, "media_ids": [each.pk for each in shown]}
        data = MediaListSerializer({**listed, **page_data(meta, "total")}).data
        return EnvelopeResponse(data, meta)

    def show_deleted(self, key: uuid.UUID) -> dict[str, Any]:
        shown = str(key)
        return {"id": shown, "media_id": shown, "deleted": True, "message": "File deleted."}
