"""Read Bluesky's numbers of posts and of the account, from the app, through the account's server.

Source: lexicons app.bsky.feed.getPosts (up to 25 posts; likeCount, replyCount, repostCount,
quoteCount) and app.bsky.actor.getProfile (followersCount) (read 2026-11-30).
"""

from collections.abc import Mapping, Sequence

from platforms.bluesky.pds import Pds, uri
from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.metrics import Metrics, complete_sum, objects_in

BATCH = 25


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    pds = Pds(account, http)
    wanted = {uri(pds.did, post_id): post_id for post_id in post_ids}
    answer = await pds.read_app("app.bsky.feed.getPosts", "uris", list(wanted))
    return {
        wanted[post["uri"]]: Metrics(
            likes=as_count(post.get("likeCount")),
            comments=as_count(post.get("replyCount")),
            shares=complete_sum(as_count(post.get(name)) for name in ("repostCount", "quoteCount")),
        )
        for post in objects_in(answer.json_object().get("posts"))
        if post.get("uri") in wanted
    }


async def read_followers(account: Credentials, http: Client) -> int | None:
    pds = Pds(account, http)
    answer = await pds.read_app("app.bsky.actor.getProfile", "actor", [pds.did])
    return as_count(answer.json_object().get("followersCount"))
