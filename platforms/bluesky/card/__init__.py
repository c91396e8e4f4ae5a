"""Make the card of a link: the network fetches nothing, so the client reads the page.

The page and its picture are a stranger's: both are read as such, up to a bound, and a page that
cannot be read still gets a card with its address. A picture that is larger than a card takes is
scaled in the sandbox, and left out if that fails.

Source: lexicon app.bsky.embed.external: `uri`, `title`, `description`, and a `thumb` of up to
1,000,000 bytes (read 2026-11-30). https://ogp.me for what a page says of itself.
"""

import asyncio
import html
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platforms import sandbox
from platforms.adapter import Call
from platforms.bluesky import facets
from platforms.bluesky.pds import Pds
from platforms.errors import PlatformError, Unavailable
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import as_url
from platforms.sandbox import ResourceLimits, SandboxSlots

THUMB_BYTES = 1000 * 1000
TITLE_CHARS, TEXT_CHARS = 300, 1000
#: How much of a page is looked at: its head comes first.
HEAD_CHARS = 256 * 1024
#: How long a page, or its picture, may take with all redirects: a post waits for it.
SECONDS = 8.0
MOVED, MOST_MOVES = (301, 302, 303, 307, 308), 3
META = re.compile(r"<meta\s([^<>]{1,2000})>", re.IGNORECASE)
#: What has no closing quote goes to the end, and is not looked through again.
ATTRIBUTE = re.compile(r"([a-z:-]{1,40})=(?:\"([^\"]*)\"?|'([^']*)'?)", re.IGNORECASE)
TITLE = re.compile(r"<title(?:\s[^<>]{0,500})?>([^<]{1,2000})", re.IGNORECASE)
#: The beginnings of the pictures that the network shows.
PICTURES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"RIFF": "image/webp",
}
SCALING = ResourceLimits(seconds=SECONDS, cpu_seconds=4, memory_bytes=400 * 10**6)
SLOTS = SandboxSlots(2, patience_seconds=2)
#: No answer of a stranger's page says anything about the account.
AWAY = (PlatformError, TimeoutError)


async def embed(call: Call, pds: Pds) -> dict[str, Any] | None:
    """Return the card of the draft's link; None if it gets none. Raises PlatformError."""
    url = facets.card_link(call.draft)
    if not url:
        return None
    made: dict[str, Any] | None = call.checkpoint.get("card")
    if made is None:
        page, said = await _page(url, call.http)
        made = {
            "uri": url,
            "title": (said.get("og:title") or said.get("title") or _host(url))[:TITLE_CHARS],
            "description": (said.get("og:description") or said.get("description") or "")[
                :TEXT_CHARS
            ],
        }
        if picture := as_url(page, said.get("og:image", "")):
            made |= await _thumb(picture, call.http, pds)
        await call.checkpoint.save(card=made)
    return {"$type": "app.bsky.embed.external", "external": made}


async def _page(url: str, http: Client) -> tuple[str, Mapping[str, str]]:
    """Return the page's own address, and what it says of itself; nothing if it cannot be read."""
    try:
        page, answer = await _fetched(url, http)
    except AWAY:
        return url, {}
    if "html" not in answer.headers.get("content-type", ""):
        return url, {}
    return page, said_by(answer.content.decode("utf-8", "replace")[:HEAD_CHARS])


def said_by(page: str) -> dict[str, str]:
    """Return what a page's head says: its title, and its `meta` by their names."""
    found: dict[str, str] = {}
    for meta in META.finditer(page):
        pairs = {each[1].lower(): each[2] or each[3] or "" for each in ATTRIBUTE.finditer(meta[1])}
        name = pairs.get("property") or pairs.get("name") or ""
        found.setdefault(name.lower(), _plain(pairs.get("content", "")))
    if title := TITLE.search(page):
        found.setdefault("title", _plain(title[1]))
    return found


async def _thumb(url: str, http: Client, pds: Pds) -> dict[str, Any]:
    """Return the picture of a card, stored; nothing if it cannot be had."""
    try:
        content = (await _fetched(url, http))[1].content
    except AWAY:
        return {}
    kind = next((kind for start, kind in PICTURES.items() if content.startswith(start)), "")
    is_webp, is_jpeg = content[8:12] == b"WEBP", content[3:4] >= b"\xc0"
    if (kind == "image/webp" and not is_webp) or (kind == "image/jpeg" and not is_jpeg):
        kind = ""
    if kind and len(content) > THUMB_BYTES:
        kind, content = "image/jpeg", await asyncio.to_thread(_scaled, content)
    if not kind or not content:
        return {}
    return {"thumb": await pds.send_file(kind, len(content), lambda: content)}


def _scaled(content: bytes) -> bytes:
    """Return a picture as a small JPEG; empty if it cannot be read."""
    with tempfile.TemporaryDirectory(prefix="dovecote-card-") as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        source.write_bytes(content)
        request = {"source": str(source), "target": str(target), "most_bytes": THUMB_BYTES}
        try:
            with SLOTS.one():
                sandbox.run("platforms.bluesky.card.thumb_sandboxed", request, SCALING)
        except (sandbox.TooBusy, sandbox.NoResult, sandbox.LimitExceeded):
            return b""
        return target.read_bytes()


async def _fetched(url: str, http: Client) -> tuple[str, Answer]:
    """Return the last address of a page, and the answer there. Raises one of AWAY."""
    async with asyncio.timeout(SECONDS):
        for _ in range(MOST_MOVES + 1):
            # Pages that are linked without TLS nearly all have it too.
            url = re.sub("^http://", "https://", url, flags=re.IGNORECASE)
            answer = await http.get(url, accept=MOVED, is_foreign=True)
            if answer.status not in MOVED:
                return url, answer
            url = as_url(url, answer.headers.get("location", ""))
    raise Unavailable("The page redirects too often.")


def _plain(text: str) -> str:
    return " ".join("".join(filter(_is_shown, html.unescape(text))).split())


def _is_shown(char: str) -> bool:
    return char.isprintable() or char.isspace()


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
