"""Short links: codes, where each leads, following one in a browser, and counting off that path."""

import json
import secrets
import string
import threading
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

import structlog
from crawlerdetect import CrawlerDetect
from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from destinations.runtime import clock, database
from destinations.runtime.flushing import Flusher, flusher
from posts.features.links import text_urls
from posts.features.links.models import ShortLink

_ALPHABET = string.ascii_letters + string.digits
#: 62^10 codes: no two of a billion links are likely to get the same one.
CODE_CHARS = 10


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to where a short link goes. It is counted; nothing of the visitor is kept."""
    url = target(code)
    if url is None:
        raise Http404
    if request.method == "GET":
        counting.add(code, is_bot=is_bot(request.META))
    answer = HttpResponseRedirect(url)
    # Each click is to be counted, and the target must not learn of our address.
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


log = structlog.get_logger()

#: How many numbers are held while the database is away; further clicks are not counted.
CAPACITY = 10_000
WRITE = """
INSERT INTO posts_linkclicks (link_id, day, clicks, bots)
SELECT given.link, given.day, given.clicks, given.bots
FROM jsonb_to_recordset(%s) AS given(link text, day date, clicks bigint, bots bigint)
JOIN posts_shortlink known ON known.code = given.link
ORDER BY 1, 2
ON CONFLICT (link_id, day) DO UPDATE
SET clicks = posts_linkclicks.clicks + excluded.clicks, bots = posts_linkclicks.bots + excluded.bots
"""
#: Headers by which browsers and mail programs say that they only look ahead.
_AHEAD = ("HTTP_PURPOSE", "HTTP_SEC_PURPOSE", "HTTP_X_MOZ")
_crawlers = CrawlerDetect()


def is_bot(meta: Mapping[str, str]) -> bool:
    """Return whether a request says that no person makes it."""
    if any("prefetch" in meta.get(name, "").lower() for name in _AHEAD):
        return True
    agent = meta.get("HTTP_USER_AGENT", "")[:500]
    return not agent or bool(_crawlers.isCrawler(agent))


class Counting:
    def __init__(self, flusher: Flusher) -> None:
        self._flusher = flusher
        self.forget()

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, date, bool]] = Counter()

    def add(self, code: str, *, is_bot: bool) -> None:
        """Count one click. Does nothing in processes that do not serve."""
        if not self._flusher.is_on:
            return
        key = (code, clock.now().date(), is_bot)
        with self._lock:
            if key in self._counts or len(self._counts) < CAPACITY:
                self._counts[key] += 1
        self._flusher.request_flush()

    def flush(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            _write(counts)
        except Error as failure:
            log.warning("clicks_not_written", failure=repr(failure))
            with self._lock:
                self._counts += counts
            self._flusher.request_flush()


def _write(counts: Mapping[tuple[str, date, bool], int]) -> None:
    found: dict[tuple[str, date], dict[str, int]] = {}
    for (code, day, is_bot), count in counts.items():
        each = found.setdefault((code, day), {"clicks": 0, "bots": 0})
        each["bots" if is_bot else "clicks"] += count
    rows = [{"link": code, "day": str(day), **each} for (code, day), each in found.items()]
    database.execute(WRITE, [json.dumps(rows)])


def new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARS))


def is_short(link: str) -> bool:
    """Return whether a link is short already: by us, or by a well-known service."""
    return (
        link.startswith(f"{settings.SHORT_LINK_URL}/l/")
        or text_urls.host(link) in text_urls.SHORT_HOSTS
    )


def of_post(post_id: uuid.UUID) -> dict[tuple[int, str], str]:
    """Return the codes that a post has, by account number and link."""
    rows = ShortLink.objects.filter(post_id=post_id).values_list("account_number", "url", "code")
    return {(number, url): code for number, url, code in rows}


def store(rows: Iterable[ShortLink]) -> None:
    ShortLink.objects.bulk_create(rows)


def target(code: str) -> str | None:
    """Return where a code leads; None if it is unknown."""
    if len(code) != CODE_CHARS or not code.isascii() or not code.isalnum():
        return None
    return ShortLink.objects.filter(pk=code).values_list("url", flat=True).first()


counting = Counting(flusher)
flusher.add(counting)
