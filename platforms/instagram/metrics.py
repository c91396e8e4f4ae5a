"""Read Instagram's numbers of posts and of the account.

The likes, comments and followers come with the basic permission of each login. Views and shares
need `instagram_business_manage_insights`, or `instagram_manage_insights` with Facebook Login. A
story is there for a day, and has no insights while fewer than five people have seen it. A carousel
is counted as a whole.
Source: Instagram Platform, "Media", "Media Insights", "IG User" (read 2026-11-26).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from platforms.errors import PlatformError
from platforms.http.foreign.stated import as_count
from platforms.meta import insights
from platforms.meta.graph import GraphClient
from platforms.metrics import Metrics, with_numbers
from platforms.oauth import has_any_scope

SCOPES = ("instagram_business_manage_insights", "instagram_manage_insights")


async def read_metrics(
    post_ids: Sequence[str], scopes: Sequence[str], graph: GraphClient
) -> Mapping[str, Metrics]:
    return with_numbers({post_id: await _post(post_id, scopes, graph) for post_id in post_ids})


async def _post(post_id: str, scopes: Sequence[str], graph: GraphClient) -> Metrics:
    path = quote(post_id, safe="")
    try:
        answer = await graph.read(path, "id,like_count,comments_count")
    except PlatformError as refusal:
        if insights.cannot_be_had(refusal):
            return Metrics()
        raise
    answer.take("id")
    basic, more = answer.json_object(), {}
    if has_any_scope(scopes, *SCOPES):
        more = await insights.read_permitted(graph.insights(f"{path}/insights", "views", "shares"))
    return Metrics(
        views=as_count(more.get("views")),
        likes=as_count(basic.get("like_count")),
        comments=as_count(basic.get("comments_count")),
        shares=as_count(more.get("shares")),
    )


async def read_followers(account_id: str, graph: GraphClient) -> int | None:
    answer = await graph.read(account_id, "followers_count")
    return as_count(answer.json_object().get("followers_count"))
