"""Files, in the shapes of the published clients."""

import uuid
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from posts.api.compat.pages import page_data
from posts.api.compat.serializers import inputs, media
from posts.api.pagination import page
from posts.api.renderers import EnvelopeResponse
from posts.api.views.media import media as reference
from posts.media.convert import stripped_copies
from posts.models import Media


@extend_schema_view(
    list=extend_schema(responses=media.MediaListSerializer),
    upload=extend_schema(request=inputs.CreateUploadSerializer),
    complete=extend_schema(responses=media.CompletedMediaSerializer),
    retrieve=extend_schema(responses=media.MediaItemSerializer),
    destroy=extend_schema(responses={200: media.DeletedMediaSerializer}),
)
class MediaViewSet(reference.MediaViewSet):
    new: type[inputs.CreateUploadSerializer] = inputs.CreateUploadSerializer
    item: type[media.MediaItemSerializer] = media.MediaItemSerializer
    completed: type[media.CompletedMediaSerializer] = media.CompletedMediaSerializer

    def show_page(self, found: QuerySet[Media], asked: dict[str, Any]) -> Response:
        shown, meta = page(found, asked)
        stripped_copies.request_missing(shown)
        listed = {"media": shown, "media_ids": [each.pk for each in shown]}
        data = media.MediaListSerializer({**listed, **page_data(meta, "total")}).data
        return EnvelopeResponse(data, meta)

    def show_deleted(self, key: uuid.UUID) -> dict[str, Any]:
        shown = str(key)
        return {"id": shown, "media_id": shown, "deleted": True, "message": "File deleted."}
