"""Read YouTube's numbers of videos and of the channel, by the scope that every login has.

Source: YouTube Data API v3, videos.list and channels.list, `statistics` (read 2026-11-26): 50 ids
in a call of one unit; numbers are digits in strings; what the owner hides is left out; no shares.
Since 2026-08-27 a view counts from the start of play (read 2026-12-02).
"""

from collections.abc import Mapping, Sequence

from platforms.drafts import Credentials
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.metrics import Metrics, objects_in, with_numbers
from platforms.youtube.lookup import API

BATCH = 50


async def read_metrics(
    post_ids: Sequence[str], account: Credentials, http: Client
) -> Mapping[str, Metrics]:
    params = {"part": "statistics", "id": ",".join(post_ids)}
    answer = await http.get(f"{API}/videos", params=params, headers=account.bearer)
    found = {}
    for video in objects_in(answer.take_list("items")):
        said = video.get("statistics")
        if isinstance(video.get("id"), str) and isinstance(said, dict):
            found[video["id"]] = Metrics(
                views=as_count(said.get("viewCount")),
                likes=as_count(said.get("likeCount")),
                comments=as_count(said.get("commentCount")),
            )
    return with_numbers(found)


async def read_followers(account: Credentials, http: Client) -> int | None:
    """Return the subscribers, rounded by YouTube to three digits; None if they are hidden."""
    params = {"part": "statistics", "mine": "true"}
    answer = await http.get(f"{API}/channels", params=params, headers=account.bearer)
    for channel in objects_in(answer.json_object().get("items")):
        said = channel.get("statistics")
        if isinstance(said, dict) and said.get("hiddenSubscriberCount") is not True:
            return as_count(said.get("subscriberCount"))
    return None
