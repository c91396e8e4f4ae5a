"""Refuse URLs that no page can have, and methods that a page does not take."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from config.web import error_pages
from posts.api import errors


class AddressMiddleware:
    """Answers 400 to a null character, which PostgreSQL cannot store and so no name contains.

    The API is left out: it reports such characters itself, field by field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        has_null = "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", "")
        if has_null and not errors.is_api(request):
            return error_pages.bad_request(request)
        return self.get_response(request)


class MethodMiddleware:
    """Fills the 405 of Django's own views, which is empty; the API's says what it is itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        # WhiteNoise streams even nothing.
        if not response.streaming and response.content:
            return response
        page = error_pages.method_not_allowed(request)
        page.headers["Content-Length"] = str(len(page.content))
        # With the headers (Allow) and cookies that the empty answer had.
        for name, value in response.headers.items():
            page.headers.setdefault(name, value)
        page.cookies.update(response.cookies)
        return page
