"""HTTP's rules for bodies, for any server that runs Django."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from posts.api import errors
from posts.errors import RequestRefused


class BodyMiddleware:
    """Sets Content-Length on answers, and sends no body to HEAD.

    A request body without a length is refused: Django reads it as empty, and a retry of some
    accounts would become a retry of all. Our own server counts chunks before it calls Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return errors.answer(
                request, RequestRefused("length_required", "Send the body with a Content-Length.")
            )
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
