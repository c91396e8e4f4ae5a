"""What HTTP asks of bodies, whichever server runs Django."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from posts.api import errors
from posts.refusals import Refused


class BodyMiddleware:
    """Answers tell their length, and to HEAD nothing else.

    A body without a length is refused: Django takes it for an empty one, and a retry of some
    accounts would become one of all. Our own server has counted chunks before Django is called.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "Transfer-Encoding" in request.headers:
            return errors.answer(
                request, Refused("length_required", "Send the body with a Content-Length.")
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
