"""Rate limits over HTTP: taken before a view runs, reported in every answer to a known key.

A request costs one unit of the bucket `requests` and what its view's `Options.costs` say, taken in
one step. A call whose cost is known only once its body is read takes the rest with `take_posts`.

A middleware, not DRF's throttle classes: those run inside a view, after authentication. Requests
that no view answers, that the key may not make, or that are replayed would then cost nothing and
carry no rate-limit headers.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from rest_framework.request import Request

from posts.api import auth, errors
from posts.api.endpoints import options_of
from posts.errors import RequestRefused
from posts.keys import rate_limits
from posts.keys.rate_limits import WindowUsage
from posts.models import ApiKey

API = "/api/"


class RateLimitMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        shown = _shown(request)
        if shown:
            response["X-RateLimit-Limit"] = str(shown.window.limit)
            response["X-RateLimit-Remaining"] = str(shown.remaining)
            response["X-RateLimit-Reset"] = str(ceil(shown.leaves_at))
            if response.status_code == 429:
                response["Retry-After"] = str(_wait_seconds(shown))
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.path.startswith(API):
            return None
        try:
            key = auth.known_key(request)
            if key is None:
                return None
            # An ended key gets a 401, and still its rate-limit headers.
            costs = {"requests": 0}
            if key.is_active:
                options = options_of(view, request.method)
                costs = {"requests": 1, **((options and options.costs) or {})}
                request.auth = key  # type: ignore[attr-defined]
            _take(request, key, costs)
        except (RequestRefused, Error) as error:
            return errors.answer(request, errors.explain(error))
        return None


def take_posts(request: Request, count: int) -> None:
    """Take `count` from the caller's bucket of posts, in addition to the request's cost.

    Raises RequestRefused, and has taken none of them, if there is no room.
    """
    _take(request._request, auth.key_of(request), {"posts": count})


def _take(request: HttpRequest, key: ApiKey, costs: Mapping[str, int]) -> None:
    found = rate_limits.take(key, costs)
    known: dict[Any, WindowUsage] = getattr(request, "rate_standings", {})
    newer = {(each.bucket, each.window): each for each in found}
    request.rate_standings = {**known, **newer}  # type: ignore[attr-defined]
    refusing = _refusing(found)
    if refusing:
        raise _refused(refusing)


def _refusing(standings: Iterable[WindowUsage]) -> WindowUsage | None:
    """The window that refuses; of several, the one that refuses longest."""
    full = [each for each in standings if each.excess]
    return max(full, key=lambda each: each.leaves_at) if full else None


def _shown(request: HttpRequest) -> WindowUsage | None:
    """The window that refused, else the one with the fewest requests left."""
    standings = list(getattr(request, "rate_standings", {}).values())
    fewest = min(standings, key=lambda each: (each.remaining, -each.leaves_at), default=None)
    return _refusing(standings) or fewest


def _wait_seconds(standing: WindowUsage) -> int:
    return max(1, ceil(standing.leaves_at - standing.now))


def _refused(standing: WindowUsage) -> RequestRefused:
    seconds = _wait_seconds(standing)
    return RequestRefused(
        "rate_limit_exceeded",
        f"This key's limit of {standing.window} for {standing.bucket} is reached; "
        f"try again in {seconds} s.",
        bucket=standing.bucket,
        limit=standing.window.limit,
        window_seconds=standing.window.seconds,
        retry_after_seconds=seconds,
    )
