"""Read TikTok's numbers of public posts and of the account.

Posts need `video.list`, which every login asks for; the followers need `user.info.stats`. Where one
is not granted, nothing is asked. Posts that are not public have no id here and no numbers.
Source: TikTok for Developers, "Query Videos", "Get User Info" (read 2026-11-26): 20 ids in a call.
"""

from collections.abc import Mapping, Sequence

from platforms.drafts import Credentials
from platforms.errors import Unauthorized
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.metrics import Metrics, objects_in, with_numbers
from platforms.oauth import has_any_scope
from platforms.tiktok import api, errors
from platforms.tiktok.lookup import SCOPE

BATCH = 20
STATS_SCOPE = "user.info.stats"
FIELDS = "id,view_count,like_count,comment_count,share_count"


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    public = [post_id for post_id in post_ids if post_id.isascii() and post_id.isdigit()]
    if not public or not has_any_scope(account.scopes, SCOPE):
        return {}
    body = {"filters": {"video_ids": public}}
    try:
        answer = await api.call(http, account.token, "video/query/", body, fields=FIELDS)
    except Unauthorized as refusal:
        if refusal.code != errors.SCOPE.code:
            raise
        return {}
    found = {
        str(video.get("id")): Metrics(
            views=as_count(video.get("view_count")),
            likes=as_count(video.get("like_count")),
            comments=as_count(video.get("comment_count")),
            shares=as_count(video.get("share_count")),
        )
        for video in objects_in(api.data(answer).get("videos"))
    }
    return with_numbers(found)


async def read_followers(account: Credentials, http: Client) -> int | None:
    if not has_any_scope(account.scopes, STATS_SCOPE):
        return None
    try:
        answer = await http.get(
            f"{api.API}/user/info/", headers=account.bearer, params={"fields": "follower_count"}
        )
        user = api.data(api.checked(http, answer)).get("user")
    except Unauthorized as refusal:
        if refusal.code != errors.SCOPE.code:
            raise
        return None
    return as_count(user.get("follower_count")) if isinstance(user, dict) else None
