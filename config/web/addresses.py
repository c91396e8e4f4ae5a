"""Refuse URLs that no page can have."""

from collections.abc import Callable

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
