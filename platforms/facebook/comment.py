"""The first comment below a post: sent once after the post is public; its failure is a note.

Source: Graph API, comments of a post and of a video (read 2026-11-24).
"""

from collections.abc import Awaitable, Mapping
from dataclasses import replace

from platforms.drafts import Draft
from platforms.errors import PlatformError
from platforms.facebook.page import PageClient
from platforms.http.client import Answer
from platforms.meta import listing
from platforms.outcomes import Published
from platforms.text import collapsed

#: Of a page of a list: a comment has up to 8,000 letters.
COMMENTS = 15


def tried(page: PageClient) -> bool:
    """Return whether the comment may have been sent: it is never sent again."""
    return bool(page.checkpoint.get("commented"))


async def remember(post: Published, page: PageClient, **values: bool) -> None:
    """Save that the post is public and only its comment is left."""
    public = {"id": post.id, "url": post.url, "notes": list(post.notes)}
    await page.checkpoint.save(public=public, **values)


async def add(draft: Draft, post: Published, page: PageClient) -> Published:
    """Add the comment; return the post, with a note if that failed."""
    text = draft.settings["firstComment"]
    await remember(post, page, commented=True)
    try:
        answer = await page.write(f"{post.id}/comments", json={"message": text})
        answer.take("id")
    except PlatformError as error:
        if await _is_there(post.id, text, page):
            return post
        return _without(post, error.message)
    return post


async def look(draft: Draft, post: Published, page: PageClient) -> Published:
    """Return the post of a comment that may have been sent, with a note if it is not found."""
    if await _is_there(post.id, draft.settings["firstComment"], page):
        return post
    return _without(post, "It may be missing, because the answer to it was lost.")


def missed(post: Published) -> Published:
    """Return the post of a comment that was never sent, because only a lookup found the post.

    It is not sent now: a lookup publishes nothing, and one that left the destination open for its
    comment could end with a public post recorded as failed.
    """
    return _without(post, "The answer to the post was lost, and a lookup found the post.")


async def _is_there(post_id: str, text: str, page: PageClient) -> bool:
    def ask(params: Mapping[str, str]) -> Awaitable[Answer]:
        return page.ask(f"{post_id}/comments", fields="id,message,from", **params)

    try:
        async for entry in listing.entries(ask, COMMENTS):
            is_same = collapsed(str(entry.get("message", ""))) == collapsed(text)
            if is_same and str((entry.get("from") or {}).get("id", page.id)) == page.id:
                return True
    except PlatformError:
        return False
    return False


def _without(post: Published, why: str) -> Published:
    return replace(post, notes=(*post.notes, f"The first comment was not added. {why}"))
