"""The few middlewares that requests of programs pass: a third of the work."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from posts.api import errors, mounts

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiMiddleware:
    """Requests of programs leave MIDDLEWARE here, and pass API_MIDDLEWARE instead of the rest."""

    def __init__(self, get_response: GetResponse) -> None:
        self._pages = get_response
        self._api: GetResponse = chain(settings.API_MIDDLEWARE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not errors.is_api(request):
            return self._pages(request)
        mounts.route(request)
        return self._api(request)


def chain(paths: Sequence[str]) -> Any:
    """Middlewares around the URL map's views, as Django makes of MIDDLEWARE.

    Django can do so only with that setting. Here are the hooks that ours have: `__call__` and
    `process_view`.
    """
    handler: Any = BaseHandler()
    handler._view_middleware = []
    handler._template_response_middleware = []
    handler._exception_middleware = []
    get_response: Any = convert_exception_to_response(handler._get_response)
    for path in reversed(paths):
        layer = import_string(path)(get_response)
        if hasattr(layer, "process_view"):
            handler._view_middleware.insert(0, layer.process_view)
        get_response = convert_exception_to_response(layer)
    return get_response
