"""Lists from a standby of the database, where there is one.

A middleware, because the limits of a key, which are its only reads before the view, are taken
before it, on the primary.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from destinations.runtime.replica import lag, reading
from posts.api.auth import active_key
from posts.api.endpoints import options_of
from posts.keys import keys
from posts.models import ApiKey


class ReplicaMiddleware(MiddlewareMixin):
    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """The answer of a list; None: Django calls the view."""
        options = options_of(view, request.method)
        if options is None or not options.may_lag:
            return None
        key = active_key(request)
        if key is None:
            return None
        # Which the view does otherwise.
        keys.note_use(key)

        def answer() -> Response:
            shown: Response = view(request, *args, **kwargs)
            # What rendering still reads is read here.
            shown.render()
            return shown

        return reading.read(_author(key), answer)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Remember who has written, so that their next list has it."""
        # A refusal has changed nothing; a failure may have.
        if request.method not in SAFE_METHODS and not 400 <= response.status_code < 500:
            key = request.__dict__.get("known_key")
            if key is not None:
                lag.note_write(_author(key))
        return response


def _author(key: ApiKey) -> str:
    return f"workspace:{key.workspace_id}"
