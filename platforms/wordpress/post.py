"""Publish a post: files and a draft first, which no reader sees, and then the draft by its id.

Making a draft public twice is making it public once, so a lost answer is found by reading the post
by its id. What is made before is found again by names that no other has, so that drafts and files
do not pile up: a draft's slug and a file's name hold the checkpoint's `key`. The slug of the public
post is the customer's, or else the site makes one of the title.

The checkpoint's `terms` has the ids of categories and tags, `media` the id and address of each file
by its key, `post` the draft's id, `left_out` how many comments of the HTML it does not have.

Source: https://developer.wordpress.org/rest-api/reference/posts/#update-a-post and
https://developer.wordpress.org/rest-api/reference/media/#create-a-media-item (read 2026-11-30).
"""

import asyncio
import html
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from platforms.adapter import Call
from platforms.checkpoint import Checkpoint
from platforms.drafts import Draft
from platforms.errors import PlatformError, Rejected, Unavailable
from platforms.http.uploads import multipart
from platforms.outcomes import Absent, Finding, Outcome, Published, RefusedLater
from platforms.wordpress import comments, text
from platforms.wordpress.errors import GONE
from platforms.wordpress.site import POSTS, TERMS, Site, number_of

PUBLIC, DRAFT, PENDING = "publish", "draft", "pending"
#: What a draft knows before it has anything.
NOTHING_MADE = {"key": None, "post": None}
#: What is said of posts that no reader sees.
HIDDEN = {
    DRAFT: "It is a draft on the site, as was asked for: no reader sees it.",
    PENDING: "It waits for a review on the site, as was asked for: no reader sees it.",
}


async def publish(call: Call) -> Outcome:
    """Publish, or go on with what an earlier call has made. Raises PlatformError."""
    site, kept = Site(call.account, call.http), call.checkpoint
    is_first = not kept.get("key")
    if is_first:
        await kept.save(key=secrets.token_hex(8))
    if not kept.get("post"):
        found = "" if is_first else await site.draft(_slug(kept))
        await kept.save(post=found or await _make_draft(call, site, is_first=is_first))
    public = {"status": wanted(call.draft), "slug": call.draft.settings.get("slug") or ""}
    try:
        answer = await site.send(f"{POSTS}/{kept['post']}", public, irreversible=True)
    except Rejected as refusal:
        if refusal.platform_code != GONE:
            raise
        await kept.save(**NOTHING_MADE)
        why = "The site no longer has the draft; another one is made."
        raise refusal.as_(Unavailable, why) from refusal
    if answer.take("id") != kept["post"] or not answer.take("status"):
        answer.unreadable("it names another post")
    if held := _held(call.draft, answer.json_object()):
        raise held
    return _published(call, site, answer.json_object())


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return what became of the draft. Raises PlatformError."""
    site, kept = Site(call.account, call.http), call.checkpoint
    if not kept.get("post"):
        return Absent()
    post = await site.post(kept["post"])
    if post is None or post["status"] == "trash":
        kept.update(NOTHING_MADE)
        gone = "The post was deleted on the site before it was known to be public."
        return RefusedLater(Rejected(gone, code="not_published"))
    is_made = post["status"] == DRAFT and post.get("slug") == _slug(kept)
    if is_made or (post["status"] == DRAFT and wanted(call.draft) != DRAFT):
        return Absent()
    held = _held(call.draft, post)
    return RefusedLater(held) if held else _published(call, site, post)


def wanted(draft: Draft) -> str:
    """Return the status that the post is to have on the site."""
    return str(draft.settings.get("status") or PUBLIC)


async def _make_draft(call: Call, site: Site, *, is_first: bool) -> str:
    draft, settings = call.draft, call.draft.settings
    terms: dict[str, list[int]] = call.checkpoint.setdefault("terms", {})
    for kind in TERMS:
        if settings.get(kind) and kind not in terms:
            terms[kind] = await _term_ids(site, kind, settings[kind])
            await call.checkpoint.save()
    files = await _upload(call, site, is_first=is_first)
    # A long text takes seconds to convert.
    content, left_out = await asyncio.to_thread(text.content, draft, files)
    if left_out:
        await call.checkpoint.save(left_out=left_out)
    body = {
        "status": DRAFT,
        "slug": _slug(call.checkpoint),
        "title": html.escape(settings.get("title") or "", quote=False),
        "excerpt": html.escape(settings.get("excerpt") or "", quote=False),
        "content": content,
        **terms,
    }
    if settings.get("format"):
        body["format"] = settings["format"]
    if featured := text.featured(draft):
        body["featured_media"] = files[featured - 1]["id"]
    return str(number_of(await site.send(POSTS, body)))


async def _term_ids(site: Site, kind: str, names: Sequence[str | int]) -> list[int]:
    """Return the ids of terms. Raises Rejected for a number that the site does not have."""
    await site.check_terms(kind, [each for each in names if isinstance(each, int)])
    return [each if isinstance(each, int) else await site.term(kind, each) for each in names]


async def _upload(call: Call, site: Site, *, is_first: bool) -> list[dict[str, Any]]:
    """Return the id and address of each file, in their order."""
    kept: dict[str, Any] = call.checkpoint.setdefault("media", {})
    for number, item in enumerate(call.draft.media, 1):
        if item.key in kept:
            continue
        stem = f"{call.checkpoint['key']}-{number}"
        found = None if is_first else await site.file(stem)
        given = {"alt_text": item.alt_text} if item.alt_text else {}
        kept[item.key] = found or await site.send_file(multipart(given, "file", item, stem=stem))
        await call.checkpoint.save()
    return [kept[item.key] for item in call.draft.media]


def _slug(kept: Checkpoint) -> str:
    return f"draft-{kept['key']}"


def _held(draft: Draft, post: Mapping[str, Any]) -> PlatformError | None:
    """Return why the post is not as it was asked to be: some sites hold posts for a review."""
    if post["status"] == wanted(draft):
        return None
    return Rejected(
        f"The site did not publish the post but made it {str(post['status'])[:20]!r}: something "
        "there, such as a plugin, holds it back.",
        code="account_restricted",
    )


def _published(call: Call, site: Site, post: Mapping[str, Any]) -> Published:
    link = post.get("link")
    is_link = isinstance(link, str) and link.startswith("https://") and len(link) <= 1000
    url = str(link) if is_link else f"https://{site.place}/?p={post['id']}"
    notes = (HIDDEN.get(wanted(call.draft)), comments.note(call.checkpoint.get("left_out", 0)))
    return Published(str(post["id"]), url, tuple(filter(None, notes)))
