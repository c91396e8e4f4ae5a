"""Read Threads' numbers of posts and of the profile; all need `threads_manage_insights`.

Without it nothing is asked: a post's own fields hold no counts.
Source: Threads API, "Insights": Media Insights, User Insights (read 2026-11-26).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from platforms.http.foreign.stated import as_count
from platforms.meta import insights
from platforms.meta.graph import GraphClient
from platforms.metrics import Metrics, complete_sum, with_numbers
from platforms.oauth import has_any_scope

SCOPE = "threads_manage_insights"
SHARES = ("reposts", "quotes", "shares")
METRICS = ("views", "likes", "replies", *SHARES)


async def read_metrics(
    post_ids: Sequence[str], scopes: Sequence[str], graph: GraphClient
) -> Mapping[str, Metrics]:
    if not has_any_scope(scopes, SCOPE):
        return {}
    found = {}
    for post_id in post_ids:
        path = f"{quote(post_id, safe='')}/insights"
        said = await insights.read_permitted(graph.insights(path, *METRICS))
        found[post_id] = Metrics(
            views=as_count(said.get("views")),
            likes=as_count(said.get("likes")),
            comments=as_count(said.get("replies")),
            shares=complete_sum(as_count(said.get(name)) for name in SHARES),
        )
    return with_numbers(found)


async def read_followers(scopes: Sequence[str], graph: GraphClient) -> int | None:
    if not has_any_scope(scopes, SCOPE):
        return None
    said = await insights.read_permitted(graph.insights("me/threads_insights", "followers_count"))
    return as_count(said.get("followers_count"))
