"""Name what a caller wants to know of posts: X's API document has two dialects.

Document 2.167 (July 2026), and X's own SDKs made of it, know `post.fields` and `repost_count`.
Until then they were `tweet.fields` and `retweet_count`. Which ones production takes is not stated,
so the present ones are asked for first, and the others if X refuses these or answers nothing of
them. What it took last is asked for first the next time.
Source: X API v2 OpenAPI documents 2.166 and 2.167, GET /2/tweets and GET /2/users/{id}/tweets (read
2026-11-29). A post that is read twice on one UTC day is paid for once (docs.x.com, "Pricing").
"""

from collections.abc import Mapping, Sequence
from typing import Any

from platforms.drafts import Credentials
from platforms.http.client import Answer, Client
from platforms.http.foreign.stated import as_count
from platforms.metrics import objects_in

PRESENT, FORMER = "post.fields", "tweet.fields"
BAD_REQUEST = 400
#: How often a post was shared without words of one's own, in either dialect.
REPOSTS = ("repost_count", "retweet_count")
#: The dialect that X took last comes first.
_names = [PRESENT, FORMER]


async def get_fields(
    http: Client,
    url: str,
    account: Credentials,
    params: Mapping[str, str],
    fields: Sequence[str],
) -> Answer:
    """X's answer, whose posts have these fields if it has them. Raises PlatformError."""
    first, second = _names

    async def ask(name: str, *accept: int) -> Answer:
        asked = {**params, name: ",".join(fields)}
        return await http.get(url, headers=account.bearer, params=asked, accept=accept)

    answer = await ask(first, BAD_REQUEST)
    if answer.status != BAD_REQUEST and not _is_ignored(answer, fields):
        return answer
    other = await ask(second)
    if answer.status == BAD_REQUEST or not _is_ignored(other, fields):
        _names[:] = [second, first]
    return other


def reposts(public: Mapping[str, Any]) -> int | None:
    """Return a post's count of REPOSTS; None if X does not say."""
    return next((n for name in REPOSTS if (n := as_count(public.get(name))) is not None), None)


def _is_ignored(answer: Answer, fields: Sequence[str]) -> bool:
    """Return whether an answer's posts have none of the fields, as if X ignored the parameter."""
    posts = [post for post in objects_in(answer.json_object().get("data")) if "id" in post]
    return bool(posts) and not any(name in post for post in posts for name in fields)
