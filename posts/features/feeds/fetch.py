"""Reads a feed over HTTP. Its document is parsed in the sandbox, because anyone may write it."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from platforms import sandbox
from platforms.downloads.fetch import Download, FetchFailed, TryLater, fetch
from platforms.sandbox import ResourceLimits, SandboxSlots
from posts.features.feeds.models import Feed

SECONDS = 20
MOST_BYTES = 5_000_000
LIMITS = ResourceLimits(seconds=30, cpu_seconds=10, memory_bytes=300_000_000)
_CHUNK = 65_536
_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/html;q=0.5"
_slots = SandboxSlots(2, patience_seconds=30)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    identity: bytes
    title: str
    link: str
    image: str
    #: By the names of texts.FIELDS.
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed's items, newest first as feeds are written; `url` is the feed's own."""

    url: str
    entries: list[FeedEntry]
    etag: str
    last_modified: str


def read(feed: Feed) -> FeedDocument:
    """Return the feed's document. Raises FetchFailed, NotModified if nothing is new."""
    conditions = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    url = feed.source_url or feed.url
    document, alternate = _read(url, {name: text for name, text in conditions.items() if text})
    if alternate:
        document, alternate = _read(alternate, {})
    if document is None:
        raise FetchFailed("There is no RSS or Atom feed at this URL, and no link to one.")
    return document


def _read(url: str, conditions: Mapping[str, str]) -> tuple[FeedDocument | None, str]:
    """Return the feed at this URL; or the URL of the feed that this page names, blank if none."""
    headers = {"Accept": _ACCEPT, **conditions}
    with (
        tempfile.NamedTemporaryFile(prefix="dovecote-") as file,
        fetch(
            url, seconds=SECONDS, trusted=settings.FETCH_PRIVATE_HOSTS, headers=headers
        ) as download,
    ):
        file.write(_content(download))
        file.flush()
        told = download.headers
        answer = _parsed(Path(file.name), download.url, told.get("Content-Type") or "")
    if "entries" not in answer:
        return None, answer.get("alternate", "")
    entries = [_entry(each, answer["feed"]) for each in answer["entries"] if each["identity"]]
    etag, modified = told.get("ETag") or "", told.get("Last-Modified") or ""
    return FeedDocument(url, entries, _header(etag), _header(modified)), ""


def _content(download: Download) -> bytes:
    found = bytearray()
    while chunk := download.read(_CHUNK):
        found += chunk
        if len(found) > MOST_BYTES:
            raise FetchFailed(f"The feed is larger than {MOST_BYTES // 10**6} MB.")
    return bytes(found)


def _parsed(path: Path, url: str, content_type: str) -> dict:
    request = {"path": str(path), "url": url, "type": content_type}
    try:
        with _slots.one():
            return sandbox.run("posts.features.feeds.parse_sandboxed", request, LIMITS)
    except sandbox.LimitExceeded:
        raise FetchFailed("The feed takes too much time or memory to read.") from None
    except (sandbox.NoResult, sandbox.TooBusy):
        raise TryLater("The feed could not be read now.") from None


def _entry(found: Mapping[str, str], feed: str) -> FeedEntry:
    values = {name: found[name] for name in ("title", "link", "summary", "author")}
    return FeedEntry(
        identity=hashlib.sha256(found["identity"].encode("utf-8", "replace")).digest(),
        title=found["title"],
        link=found["link"],
        image=found["image"],
        values={**values, "feed": feed},
    )


def _header(text: str) -> str:
    """Return a header that may be sent back."""
    return text if len(text) <= 1_000 and text.isprintable() and text.isascii() else ""
