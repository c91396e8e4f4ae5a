"""Read Facebook's numbers of a Page's posts, videos and reels, and of the Page.

Shares of a post and views of a video come with `pages_read_engagement`. Counts of reactions and
comments need `pages_read_user_content`, which every login asks for; one that lacks it would be
refused the whole call. Views and clicks of a post need `read_insights`: `post_media_view` replaces
the post_impressions metrics, which Meta has retired. Stories have none of these fields.
Source: Graph API, "Page Post", "Video", "Page Insights" and its "Deprecated Metrics"
(read 2026-11-26); which permission the counts need, as seen by others.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from platforms.checkpoint import Checkpoint, forget
from platforms.drafts import Credentials
from platforms.errors import PlatformError
from platforms.facebook.page import UNSEEN, PageClient
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.meta import insights
from platforms.metrics import Metrics, with_numbers
from platforms.oauth import has_any_scope

COUNTS_SCOPE, INSIGHTS_SCOPE = "pages_read_user_content", "read_insights"
SUMMARY = "summary(total_count).limit(0)"


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    page = _page(account, http)
    return with_numbers(
        {post_id: await _object(post_id, account.scopes, page) for post_id in post_ids}
    )


async def _object(object_id: str, scopes: Sequence[str], page: PageClient) -> Metrics:
    """Return the numbers of a post, whose id begins with its Page's, or of a video."""
    path, is_post = quote(object_id, safe=""), "_" in object_id
    basic, liked = ("shares", "reactions") if is_post else ("views", "likes")
    try:
        said = await _fields(path, basic, liked, scopes, page)
    except PlatformError as refusal:
        if insights.cannot_be_had(refusal):
            return Metrics()
        raise
    more = {}
    if is_post and said.get("id") and has_any_scope(scopes, INSIGHTS_SCOPE):
        asked = {"metric": "post_media_view,post_clicks", "period": "lifetime"}
        more = await insights.read_permitted(page.read(f"{path}/insights", **asked))
    return Metrics(
        views=as_count(more.get("post_media_view") if is_post else said.get("views")),
        likes=_at(said, liked, "summary", "total_count"),
        comments=_at(said, "comments", "summary", "total_count"),
        shares=_at(said, "shares", "count"),
        clicks=as_count(more.get("post_clicks")),
    )


async def _fields(
    path: str, basic: str, liked: str, scopes: Sequence[str], page: PageClient
) -> Mapping[str, Any]:
    """Return the object's own counts: all of them, or those that need no further permission."""
    if has_any_scope(scopes, COUNTS_SCOPE):
        try:
            return await page.read(path, fields=f"{basic},{liked}.{SUMMARY},comments.{SUMMARY}")
        except PlatformError as refusal:
            if not insights.cannot_be_had(refusal) or refusal.platform_code == UNSEEN:
                raise
    return await page.read(path, fields=basic)


def _at(said: Mapping[str, Any], *path: str) -> int | None:
    value: Any = said
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return as_count(value)


async def read_followers(account: Credentials, http: Client) -> int | None:
    page = _page(account, http)
    return as_count((await page.read(page.id, fields="followers_count")).get("followers_count"))


def _page(account: Credentials, http: Client) -> PageClient:
    return PageClient(account, http, Checkpoint({}, forget))
