"""Rate limits over HTTP: taken before a view runs, reported in every answer to a known key.

A request costs one unit of the bucket `requests` and what its view's `Options.costs` say, taken in
one step. A call whose cost is known only once its body is read takes the rest with `take_posts`.
What is refused (4xx, 503) costs its request only: the other units are given back.

A middleware, not DRF's throttle classes: those run inside a view, after authentication. Requests
that no view answers, that the key may not make, or that are replayed would then cost nothing and
carry no rate-limit headers.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import ceil
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from rest_framework.request import Request

from posts.api import auth, errors, mounts
from posts.api.endpoints import options_of
from posts.api.mounts import is_compat
from posts.errors import RequestRefused
from posts.keys import near_limits, rate_limits
from posts.keys.rate_limits import WindowUsage
from posts.models import ApiKey

API = ("/api/", "/compat/")
#: A post for a later time is at no network now: on the compatibility mount it counts to windows
#: longer than this.
MINUTE = 60
TIMES = ("scheduled_for", "scheduled_at")


class RateLimitMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        status = response.status_code
        is_refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        if is_refused or status == HTTPStatus.SERVICE_UNAVAILABLE:
            _give_back(request)
        shown = _shown(request)
        if shown:
            response["X-RateLimit-Limit"] = str(shown.window.limit)
            response["X-RateLimit-Remaining"] = str(shown.remaining)
            response["X-RateLimit-Reset"] = str(ceil(shown.leaves_at))
            if response.status_code == 429:
                response["Retry-After"] = str(shown.wait_seconds)
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
                unit = 0 if mounts.internal_of(request).is_counted else 1
                costs = {"requests": unit, **((options and options.costs) or {})}
                request.auth = key  # type: ignore[attr-defined]
            _take(request, key, costs, later="posts" in costs and _is_of_later_post(request))
        except (RequestRefused, Error) as error:
            return errors.answer(request, errors.explain(error))
        return None


def take_request(request: HttpRequest, key: ApiKey) -> None:
    """Take one unit for a request that is answered outside the API. Raises RequestRefused."""
    _take(request, key, {"requests": 1})


def take_posts(request: Request, bodies: Collection[Any]) -> None:
    """Take one for each body from the caller's bucket of posts, beside the request's cost.

    Raises RequestRefused, and has taken none of them, if there is no room.
    """
    later = all(map(_is_for_later, bodies))
    _take(request._request, auth.key_of(request), {"posts": len(bodies)}, later=later)


def give_back_posts(request: Request, count: int) -> None:
    """Give back so many of what `take_posts` took, for posts that were refused."""
    _give_back(request._request, count)


def _give_back(request: HttpRequest, most: int | None = None) -> None:
    """Give back units of each bucket but that of requests; all of them without `most`."""
    taken: Taken | None = getattr(request, "taken_units", None)
    if taken is None or most == 0:
        return
    request.taken_units = None  # type: ignore[attr-defined]
    given = {
        bucket: count if most is None else min(most, count)
        for bucket, count in taken.counts.items()
        if bucket != "requests"
    }
    for bucket, count in given.items():
        rate_limits.give_back(taken.key, bucket, taken.call, range(1, count + 1))
    standings: dict[Any, WindowUsage] = getattr(request, "rate_standings", {})
    request.rate_standings = {  # type: ignore[attr-defined]
        name: replace(each, used=each.used - given.get(each.bucket, 0))
        for name, each in standings.items()
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """The units of a call by bucket, which can be given back."""

    key: ApiKey
    call: str
    counts: Mapping[str, int]


def _take(
    request: HttpRequest, key: ApiKey, costs: Mapping[str, int], *, later: bool = False
) -> None:
    call = rate_limits.new_call()
    if is_compat(request):
        limits = {**settings.RATE_LIMITS, **settings.COMPAT_RATE_LIMITS}
        over = MINUTE if later else 0
        found = rate_limits.take(key, costs, limits, over_seconds=over, call=call)
    else:
        found = rate_limits.take(key, costs, call=call)
    near_limits.note(key, found)
    known: dict[Any, WindowUsage] = getattr(request, "rate_standings", {})
    newer = {(each.bucket, each.window): each for each in found}
    request.rate_standings = {**known, **newer}  # type: ignore[attr-defined]
    refusing = rate_limits.refusing(found)
    if refusing:
        raise _refused(refusing)
    if any(count for bucket, count in costs.items() if bucket != "requests"):
        request.taken_units = Taken(key, call, costs)  # type: ignore[attr-defined]


def _is_of_later_post(request: HttpRequest) -> bool:
    if not is_compat(request):
        return False
    try:
        return _is_for_later(json.loads(request.body))
    except (ValueError, RecursionError, RequestDataTooBig):
        return False  # refused when it is read


def _is_for_later(body: Any) -> bool:
    """Return whether a post has a time; one in the past is refused when it is read."""
    return isinstance(body, Mapping) and any(body.get(name) for name in TIMES)


def _shown(request: HttpRequest) -> WindowUsage | None:
    """The window that refused, else the one with the fewest requests left."""
    standings = list(getattr(request, "rate_standings", {}).values())
    fewest = min(standings, key=lambda each: (each.remaining, -each.leaves_at), default=None)
    return rate_limits.refusing(standings) or fewest


def _refused(standing: WindowUsage) -> RequestRefused:
    seconds = standing.wait_seconds
    return RequestRefused(
        "rate_limit_exceeded",
        f"This key's limit of {standing.window} for {standing.bucket} is reached; "
        f"try again in {seconds} s.",
        bucket=standing.bucket,
        limit=standing.window.limit,
        window_seconds=standing.window.seconds,
        retry_after_seconds=seconds,
    )
