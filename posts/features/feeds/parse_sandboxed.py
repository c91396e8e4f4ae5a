"""Parses a document that may be a feed; the work of documents.py that runs in the sandbox."""

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser

#: The newest entries of a feed that are looked at.
MOST_ENTRIES = 200
MOST_TITLE = 1_000
MOST_SUMMARY = 5_000
MOST_URL = 4_096
FEED_TYPES = {"application/rss+xml", "application/atom+xml"}
#: Their text is not shown.
_UNSEEN = {"script", "style", "template", "noscript"}
_BREAKS = {"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote"}


def work(request: dict[str, Any]) -> dict[str, Any]:
    """`{"feed", "entries"}` of a feed, `{"alternate"}` of a page with one, or `{}`."""
    content = Path(request["path"]).read_bytes()
    headers = {"content-type": request["type"], "content-location": request["url"]}
    found = feedparser.parse(io.BytesIO(content), response_headers=headers)
    if found.get("version"):
        entries = found.entries[:MOST_ENTRIES]
        return {
            "feed": plain(found.feed.get("title", ""), MOST_TITLE),
            "entries": [_entry(each, request["url"]) for each in entries],
        }
    page = _Page()
    page.feed(content[:1_000_000].decode("utf-8", "replace"))
    return {"alternate": urljoin(request["url"], page.alternate)} if page.alternate else {}


def _entry(entry: Any, base: str) -> dict[str, str]:
    link = urljoin(base, entry.get("link", "")) if entry.get("link") else ""
    link = link if link.startswith(("http://", "https://")) and len(link) <= MOST_URL else ""
    title = plain(entry.get("title", ""), MOST_TITLE)
    return {
        "identity": entry.get("id") or link or title,
        "title": title,
        "link": link,
        "summary": plain(entry.get("summary", ""), MOST_SUMMARY),
        "author": plain(entry.get("author", ""), MOST_TITLE),
        "image": next(_images(entry, base), ""),
    }


def _images(entry: Any, base: str) -> Iterator[str]:
    """Yield where the item's image may be: media:content, enclosures, media:thumbnail."""
    found = [each.get("url", "") for each in entry.get("media_content", []) if _is_image(each)]
    found += [each.get("href", "") for each in entry.get("enclosures", []) if _is_image(each)]
    found += [each.get("url", "") for each in entry.get("media_thumbnail", [])]
    for url in found:
        whole = urljoin(base, url)
        if url and whole.startswith(("http://", "https://")) and len(whole) <= MOST_URL:
            yield whole


def _is_image(attributes: Any) -> bool:
    return attributes.get("medium") == "image" or str(attributes.get("type", "")).startswith(
        "image/"
    )


def plain(markup: str, most: int) -> str:
    """Return the text of HTML, without markup and with single spaces."""
    text = _Text()
    text.feed(markup[: most * 20])
    text.close()
    lines = (" ".join(line.split()) for line in "".join(text.found).split("\n"))
    shown = "\n".join(line for line in lines if line).replace("\x00", "")
    return shown[:most]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found.append(data)


class _Page(HTMLParser):
    """Finds the first feed that a page names."""

    alternate = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        is_feed = given.get("type", "").strip().lower() in FEED_TYPES
        is_alternate = "alternate" in given.get("rel", "").lower().split()
        if tag == "link" and is_feed and is_alternate and not self.alternate:
            self.alternate = given.get("href", "").strip()
