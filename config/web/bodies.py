"""HTTP's rules for bodies, for any server that runs Django."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from posts.api import errors, parsers
from posts.errors import RequestRefused
from posts.features.importing.formats import files

UPLOADS = "/uploads/"
#: Where files of posts are sent.
IMPORTS = ("/api/v1/posts/import", "/compat/api/v1/posts/import")


def is_upload(method: str | None, path: str) -> bool:
    """Return whether the URL itself says how large the body is."""
    return method == "PUT" and path.startswith(UPLOADS)


def most_bytes(method: str | None, path: str) -> int:
    """The largest body of any other request; `path` is without its query."""
    is_import = method == "POST" and path in IMPORTS
    return files.BODY_BYTES if is_import else parsers.BODY_BYTES


class BodyMiddleware:
    """Sets Content-Length on answers, and sends no body to HEAD.

    A request body without a length is refused: Django reads it as empty, and a retry of some
    accounts would become a retry of all. Our own server counts chunks before it calls Django.

    A larger body than its request may have is refused before anything reads it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return errors.answer(
                request, RequestRefused("length_required", "Send the body with a Content-Length.")
            )
        most = most_bytes(request.method, request.path_info)
        if _length(request) > most and not is_upload(request.method, request.path_info):
            return errors.answer(request, parsers.too_large(most))
        response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):
            if request.method == "HEAD":
                response.streaming_content = ()
            return response
        assert isinstance(response, HttpResponse)  # noqa: S101  # there is no third kind
        if "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))
        if request.method == "HEAD":
            response.content = b""
        return response


def _length(request: HttpRequest) -> int:
    """Return Content-Length, or 0 if it is not a number: Django then reads no body."""
    told = request.META.get("CONTENT_LENGTH") or ""
    return int(told) if told.isdecimal() else 0
