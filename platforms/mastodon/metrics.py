"""Read the numbers of a post and of the account.

Source: https://docs.joinmastodon.org/entities/Status/ (replies_count, reblogs_count,
favourites_count, quotes_count) and https://docs.joinmastodon.org/entities/Account/#followers_count
(read 2026-11-30). Only Mastodon itself gives several by their ids, so one is read at a time.
"""

from collections.abc import Mapping, Sequence

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.mastodon.server import Server
from platforms.metrics import Metrics

BATCH = 1


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    found = {}
    for post_id in post_ids[:BATCH]:
        post = await Server(account, http).post(post_id)
        if post is not None:
            found[post_id] = Metrics(
                likes=as_count(post.get("favourites_count")),
                comments=as_count(post.get("replies_count")),
                shares=_shares(post.get("reblogs_count"), post.get("quotes_count", 0)),
            )
    return found


def _shares(boosts: object, quotes: object) -> int | None:
    counted = as_count(boosts)
    return None if counted is None else counted + (as_count(quotes) or 0)


async def read_followers(account: Credentials, http: Client) -> int | None:
    answer = await Server(account, http).get("v1/accounts/verify_credentials")
    return as_count(answer.json_object().get("followers_count"))
