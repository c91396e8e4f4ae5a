"""Files that rows name by their URLs."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from platforms.downloads import fetch as downloads
from posts.errors import invalid

FIELD = "media_urls"
#: How many files a row may name; networks take fewer.
MOST = 20


def of(body: Mapping[str, Any]) -> list[str]:
    """Return the row's URLs, each once. Raises RequestRefused for one that is not allowed."""
    given = body.get(FIELD) or []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise invalid(FIELD, "This is a list of addresses.")
    urls = list(dict.fromkeys(given))
    if len(urls) > MOST:
        raise invalid(FIELD, f"A row names at most {MOST} addresses.")
    for url in urls:
        _check(url)
    return urls


def any_in(bodies: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether files must be fetched for any of these rows."""
    return any(body.get(FIELD) for body in bodies)


def _check(url: str) -> None:
    try:
        downloads.check(url, settings.FETCH_PRIVATE_HOSTS)
    except downloads.ForbiddenURL as error:
        raise invalid(FIELD, str(error)) from None
