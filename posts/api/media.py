"""Media over HTTP."""

import uuid
from urllib.parse import urlsplit

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts import media, reading
from posts.api import shapes
from posts.api.auth import workspace_of
from posts.api.bodies import MediaQuery, UploadBody, read


class MediaList(APIView):
    @extend_schema(
        operation_id="list_media",
        parameters=[MediaQuery],
        responses=shapes.enveloped("MediaListAnswer", shapes.MediaList()),
    )
    def get(self, request: Request) -> Response:
        """Files, newest first."""
        query = read(MediaQuery, request.query_params.dict())
        found = reading.media(workspace_of(request))
        if "type" in query:
            found = found.filter(kind=query["type"])
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return Response(shapes.MediaList({"media": page}).data)


class MediaUpload(APIView):
    @extend_schema(
        operation_id="create_upload",
        request=UploadBody,
        responses={201: shapes.enveloped("UploadAnswer", shapes.Upload())},
    )
    def post(self, request: Request) -> Response:
        """Announce a file: PUT its bytes to `upload_url`, then complete it."""
        values = read(UploadBody, request.data)
        announced = media.announce(
            workspace_of(request), values["filename"], values["content_type"], values["size"]
        )
        url = media.upload_url(announced)
        data = {
            "media_id": announced.pk,
            "upload_url": url,
            "upload_method": {
                "method": "PUT",
                "content_type": announced.content_type,
                "field_name": None,
            },
            "provider": "local",
            "protocol": urlsplit(url).scheme,
            "expires_in": media.UPLOAD_SECONDS,
            "max_size": media.TYPES[announced.content_type].max_bytes,
        }
        return Response(shapes.Upload(data).data, status=201)


class MediaComplete(APIView):
    @extend_schema(
        operation_id="complete_upload",
        request=None,
        responses=shapes.enveloped("CompletedMediaAnswer", shapes.CompletedMedia()),
    )
    def post(self, request: Request, media_id: str) -> Response:
        """Check that the bytes arrived and are what was announced."""
        done = media.complete(workspace_of(request), _id(media_id))
        return Response(shapes.CompletedMedia(done).data)


class MediaDetail(APIView):
    @extend_schema(
        operation_id="get_media",
        responses=shapes.enveloped("MediaAnswer", shapes.MediaItem()),
    )
    def get(self, request: Request, media_id: str) -> Response:
        """One file."""
        found = reading.media(workspace_of(request)).filter(pk=_id(media_id)).first()
        if found is None:
            raise NotFound("There is no such file.")
        return Response(shapes.MediaItem(found).data)

    @extend_schema(
        operation_id="delete_media",
        responses={200: shapes.enveloped("DeletedMediaAnswer", shapes.Deleted())},
    )
    def delete(self, request: Request, media_id: str) -> Response:
        """Delete a file that no unfinished post uses."""
        key = _id(media_id)
        media.remove(workspace_of(request), key)
        return Response({"id": str(key), "deleted": True})


def _id(media_id: str) -> uuid.UUID:
    try:
        return uuid.UUID(media_id)
    except ValueError:
        raise NotFound("There is no such file.") from None
