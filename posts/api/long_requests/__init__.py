"""Places for requests that keep a thread busy for long, few of them for one workspace.

Without them, a few files of one workspace take all threads of a process, and every other workspace
waits until they are imported. A middleware gives back the place that a request has.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import SAFE_METHODS

from destinations.runtime.request_waits import RequestWaitLimiter
from posts.api import auth, errors, throttling
from posts.api.endpoints import options_of
from posts.errors import RequestRefused
from posts.keys import bounded_waits
from posts.models import ApiKey

#: A request with more of either, or a larger body, may take 200 ms of CPU on a slow machine. A
#: free slot of a queue is looked for among all that are taken.
MOST_POSTS, MOST_QUEUED_POSTS, BODY_BYTES = 20, 4, 100_000
BUSY = "Other long requests are being worked on; try again."
_room = RequestWaitLimiter()


class LongRequestMiddleware:
    """Stands after the rate limits, which refuse first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as held:
            request.long_request = held  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """Refuse a long request without a place."""
        options = options_of(view, request.method)
        if options is None or not request.path.startswith(throttling.API):
            return None
        is_large = request.method not in SAFE_METHODS and _length(request) > BODY_BYTES
        # The view refuses a request without a key.
        if (options.is_long or is_large) and (key := auth.active_key(request)):
            try:
                take_place(request, key)
            except RequestRefused as refused:
                return errors.answer(request, refused)
        return None


def take_place(request: Any, key: ApiKey) -> None:
    """Take a place until the request is answered, unless it has one. Raises RequestRefused."""
    held: ExitStack | None = request.long_request
    if held is not None:
        held.enter_context(bounded_waits.enter(_room, key.workspace_id, BUSY))
        getattr(request, "_request", request).long_request = None


def take_place_for(request: Any, bodies: Collection[Any]) -> None:
    """Take a place if to make so many posts takes long. Raises RequestRefused."""
    queued = sum(isinstance(each, Mapping) and bool(each.get("use_queue")) for each in bodies)
    if len(bodies) > MOST_POSTS or queued > MOST_QUEUED_POSTS:
        take_place(request, auth.key_of(request))


def _length(request: HttpRequest) -> int:
    told = request.META.get("CONTENT_LENGTH") or ""
    return int(told) if told.isdecimal() else 0
