"""Read X's numbers of posts and of the account.

Each post that is read costs money, so installations read none unless they say so.
Source: docs.x.com, "Get Posts by IDs", "Metrics" and "Get my User" (read 2026-11-26): 100 ids in a
call; `public_metrics` has like_count, reply_count, quote_count, impression_count, and the count of
reposts by a name of `dialect`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import as_count
from platforms.metrics import Metrics, complete_sum, objects_in
from platforms.x import dialect

BATCH = 100


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    url, asked = "https://api.x.com/2/tweets", {"ids": ",".join(post_ids)}
    answer = await dialect.get_fields(http, url, account, asked, ("public_metrics",))
    found = {post.get("id"): post.get("public_metrics") for post in objects_in(_data(answer))}
    return {
        post_id: _metrics(public)
        for post_id, public in found.items()
        if isinstance(post_id, str) and isinstance(public, dict)
    }


def _data(answer: Answer) -> Any:
    return answer.json_object().get("data")


def _metrics(public: Mapping[str, Any]) -> Metrics:
    return Metrics(
        likes=as_count(public.get("like_count")),
        comments=as_count(public.get("reply_count")),
        shares=complete_sum([dialect.reposts(public), as_count(public.get("quote_count"))]),
        impressions=as_count(public.get("impression_count")),
    )


async def read_followers(account: Credentials, http: Client) -> int | None:
    answer = await http.get(
        "https://api.x.com/2/users/me",
        headers=account.bearer,
        params={"user.fields": "public_metrics"},
    )
    data = _data(answer)
    public = data.get("public_metrics") if isinstance(data, dict) else None
    return as_count(public.get("followers_count")) if isinstance(public, dict) else None
