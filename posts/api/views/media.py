"""Media over HTTP."""

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from posts.api.auth import key_of, workspace_of
from posts.api.endpoints import Arguments, Json, ReplayPolicy, Tool, options, tools
from posts.api.idempotency import versions
from posts.api.serializers import media
from posts.api.serializers.media import CreateUploadSerializer, ImportMediaSerializer
from posts.api.serializers.posts.queries import DeleteMediaQuery, MediaQuery
from posts.api.serializers.resources import DeletedSerializer, read
from posts.errors import known
from posts.media import delete as media_delete
from posts.media import quotas, uploads
from posts.media.convert import jobs
from posts.media.fetch import request as fetch_request
from posts.models import Media
from posts.read_models import queries


def _after_import(arguments: Arguments, answer: Json) -> str:
    return _of_file(answer["data"]["media_id"], answer)


def _after_reading(arguments: Arguments, answer: Json) -> str:
    return _of_file(answer["data"]["id"], answer)


def _of_file(key: str, answer: Json) -> str:
    status = answer["data"]["media_status"]
    if status == "uploading":
        return f"Call get_media with media_id {key} every few seconds until it is ready."
    if status == "failed":
        return "Import it again, or another file, with import_media_from_url."
    return ""


IMPORT_MEDIA_FROM_URL = Tool(
    name="import_media_from_url",
    description="Import an image, video or document from a public URL, for media_ids of a post. "
    "What takes longer than a few seconds is `uploading` in the answer: poll get_media.",
    open_world=True,
    version_of=versions.of_imported,
    next_step=_after_import,
)
GET_MEDIA = Tool(
    description="Read one file: whether it is ready, uploading or failed, and why.",
    next_step=_after_reading,
)


class MediaViewSet(ViewSet):
    """What stands before its endpoints differs on the compatibility mount."""

    new: type[CreateUploadSerializer] = CreateUploadSerializer
    item: type[media.MediaItemSerializer] = media.MediaItemSerializer
    completed: type[media.CompletedMediaSerializer] = media.CompletedMediaSerializer
    lookup_url_kwarg = "media_id"
    lookup_value_converter = "file"

    @extend_schema(
        operation_id="list_media", parameters=[MediaQuery], responses=media.MediaListSerializer
    )
    @options(reads_query=True)
    def list(self, request: Request) -> Response:
        """List files, newest first."""
        query = read(MediaQuery, request.query_params.dict())
        found = queries.media(workspace_of(request))
        if "type" in query:
            found = found.filter(kind=query["type"])
        if "status" in query:
            found = found.filter(status=query["status"])
        return self.show_page(found, query)

    def show_page(self, found: QuerySet[Media], asked: dict[str, Any]) -> Response:
        shown = list(found[asked["offset"] : asked["offset"] + asked["limit"]])
        jobs.request_missing_stripped(shown)
        return Response(media.MediaListSerializer({"media": shown}).data)

    def show_deleted(self, key: uuid.UUID) -> dict[str, Any]:
        return {"id": str(key), "deleted": True}

    @extend_schema(
        operation_id="create_upload",
        request=CreateUploadSerializer,
        responses={201: media.UploadSerializer},
    )
    @action(detail=False, methods=["post"])
    def upload(self, request: Request) -> Response:
        """Start an upload: PUT the bytes to `upload_url`, then complete it."""
        values = read(self.new, request.data)
        announced = uploads.announce(
            workspace_of(request), values["filename"], values["content_type"], values.get("size")
        )
        url = uploads.upload_url(announced)
        how = {"method": "PUT", "content_type": announced.content_type, "field_name": None}
        data = {
            "media_id": announced.pk,
            "upload_url": url,
            "upload_method": how,
            "provider": uploads.provider(),
            "protocol": urlsplit(url).scheme,
            "expires_in": quotas.UPLOAD_SECONDS,
            "max_size": uploads.TYPES[announced.content_type].max_bytes,
        }
        return Response(media.UploadSerializer(data).data, status=201)

    @tools(IMPORT_MEDIA_FROM_URL)
    @extend_schema(
        operation_id="upload_from_url",
        request=ImportMediaSerializer,
        responses={201: media.FetchedMediaSerializer},
    )
    @action(detail=False, methods=["post"], url_path="upload-from-url")
    @options(replay=ReplayPolicy.AFTER_WORK)  # it waits for a worker, which must see the request
    def upload_from_url(self, request: Request) -> Response:
        """Import a file from a URL.

        The file is fetched in the background. An image or document that arrives within a few
        seconds is `ready` in the answer, or refused. Any other file is `uploading`: poll it until
        it is `ready` or `failed`.
        """
        values = read(ImportMediaSerializer, request.data)
        fetched = fetch_request.fetch(
            workspace_of(request), values["url"], values.get("filename", "")
        )
        context = {"source_url": values["url"]}
        return Response(media.FetchedMediaSerializer(fetched, context=context).data, status=201)

    @extend_schema(
        operation_id="complete_upload", request=None, responses=media.CompletedMediaSerializer
    )
    @action(detail=True, methods=["post"])
    @options(replay=ReplayPolicy.AFTER_WORK)  # the file is read, which takes a while for a video
    def complete(self, request: Request, media_id: str) -> Response:
        """Complete an upload: check that the bytes arrived and match what was announced."""
        done = uploads.complete(workspace_of(request), uuid.UUID(media_id))
        return Response(self.completed(done).data)

    @tools(GET_MEDIA)
    @extend_schema(operation_id="get_media", responses=media.MediaItemSerializer)
    def retrieve(self, request: Request, media_id: str) -> Response:
        """Read one file."""
        row = queries.media(workspace_of(request)).filter(pk=uuid.UUID(media_id)).first()
        found = known(row, "file")
        jobs.request_missing_stripped([found])
        return Response(self.item(found).data)

    @extend_schema(
        operation_id="delete_media",
        parameters=[DeleteMediaQuery],
        responses={200: DeletedSerializer},
    )
    @options(reads_query=True)
    def destroy(self, request: Request, media_id: str) -> Response:
        """Delete a file that no unfinished post uses; with `force`, any file.

        Unfinished posts that use the file fail at the destinations that would have sent it, unless
        they get new `media_ids` before they are due. Until then, any other edit of them, and
        scheduling a draft, is a 400 `invalid_media`: no post is published without a file it had.
        """
        key = uuid.UUID(media_id)
        query = read(DeleteMediaQuery, request.query_params.dict())
        media_delete.remove(key_of(request).reach, key, force=query["force"])
        return Response(self.show_deleted(key))
