"""Requests that this process makes to its own API, in the name of one that it answers."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Internal:
    """What such a request says of itself. No client can: it is no header.

    `is_counted`: the request that it is made for has paid its unit of the bucket `requests`.

    `collapse_seconds`: for so long an equal request without an Idempotency-Key gets its answer,
    unless `version_of` (posts/api/endpoints.py) tells that this is no longer true.
    """

    is_counted: bool = False
    collapse_seconds: int = 0
    version_of: Callable[..., str] | None = None


_EXTERNAL = Internal()


def mark(request: HttpRequest, says: Internal) -> None:
    request.internal = says  # type: ignore[attr-defined]


def is_internal(request: HttpRequest) -> bool:
    return "internal" in request.__dict__


def of(request: HttpRequest) -> Internal:
    """Return what the request says of itself; nothing for one that a client sent."""
    found: Internal = request.__dict__.get("internal", _EXTERNAL)
    return found
