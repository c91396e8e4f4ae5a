"""What Threads says of posts and of the profile: everything needs `threads_manage_insights`.

Without it nothing is asked: a post's own fields hold no counts.
Source: Threads API, "Insights": Media Insights, User Insights (read 2026-11-26).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from platforms.meta import insights
from platforms.meta.graph import GraphClient
from platforms.metrics import Metrics, count, given, total
from platforms.oauth import may

SCOPE = "threads_manage_insights"
METRICS = ("views", "likes", "replies", "reposts", "quotes", "shares")


async def read(
    post_ids: Sequence[str], scopes: Sequence[str], graph: GraphClient
) -> Mapping[str, Metrics]:
    if not may(scopes, SCOPE):
        return {}
    found = {}
    for post_id in post_ids:
        path = f"{quote(post_id, safe='')}/insights"
        said = await insights.given(graph.insights(path, *METRICS))
        found[post_id] = Metrics(
            views=count(said.get("views")),
            likes=count(said.get("likes")),
            comments=count(said.get("replies")),
            shares=total(count(said.get(name)) for name in ("reposts", "quotes", "shares")),
        )
    return given(found)


async def followers(scopes: Sequence[str], graph: GraphClient) -> int | None:
    if not may(scopes, SCOPE):
        return None
    said = await insights.given(graph.insights("me/threads_insights", "followers_count"))
    return count(said.get("followers_count"))
