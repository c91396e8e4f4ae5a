"""Files by signed URL: networks and browsers fetch them without a key."""

import re
from typing import BinaryIO, ClassVar

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotAllowed, HttpResponseNotFound
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from posts.errors import RequestRefused
from posts.media import storage, uploads

_BLOCK_BYTES = 64 * 1024
#: One range; of several, none is honoured and the whole file is sent, as HTTP allows.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class UploadBytes(APIView):
    """PUT to an upload URL."""

    authentication_classes: ClassVar = []
    permission_classes: ClassVar = []

    @extend_schema(exclude=True)
    def put(self, request: Request, token: str) -> Response:
        announced = uploads.of_upload(token)
        if announced is None:
            raise NotFound(uploads.UNKNOWN_UPLOAD)
        given = (request.content_type or "").partition(";")[0].strip().lower()
        if given != announced.content_type:
            raise UnsupportedMediaType(
                given, f"The file was announced as {announced.content_type}; send that type."
            )
        length = request.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) == 0:
            raise RequestRefused(
                "validation_error", "Send the bytes with a Content-Length, or in chunks."
            )
        # The raw stream: nothing has read it, and it is never held in memory.
        uploads.receive(announced, request._request.META["wsgi.input"], int(length))
        return Response({"media_id": str(announced.pk), "size": int(length)})


def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored file, whole or one range of it."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not storage.is_signed(name, request.GET.get("s", "")):
        return HttpResponseNotFound("This link is not valid or has expired.")
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        return HttpResponseNotFound("This file is gone.")
    response = _ranged(file, file.size, request.headers.get("Range", ""))  # type: ignore[arg-type]
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    # A browser must not run a file, even one that it takes for a page.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    for header, value in storage.link_headers(name).items():
        response[header] = value
    return response


def _ranged(file: BinaryIO, size: int, wanted: str) -> HttpResponseBase:
    first, last, status = 0, size - 1, 200
    match = _RANGE.fullmatch(wanted)
    if match and any(match.groups()):
        start, end = match.groups()
        first = int(start) if start else max(size - int(end), 0)
        last = min(int(end), size - 1) if start and end else size - 1
        status = 206
        if first > last:
            if start and end and int(start) > int(end):
                first, last, status = 0, size - 1, 200  # not a range at all: ignored
            else:
                file.close()
                refused = HttpResponse(status=416)
                refused["Content-Range"] = f"bytes */{size}"
                return refused
    # The web server sends it from the file; no thread waits for a slow reader.
    response = FileResponse(Slice(file, first, last + 1 - first), status=status)
    response.block_size = _BLOCK_BYTES
    response["Content-Length"] = str(last + 1 - first)
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


class Slice:
    """A part of a file, as a file; closed with the response even if it was not read."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file, self._left = file, length
        file.seek(start)

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        content = self._file.read(wanted)
        self._left -= len(content)
        return content

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        """Raises OSError if it is not on this machine."""
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
