"""Looking for a post among an account's public ones, when its publish id was lost.

Source: TikTok for Developers, List Videos (read 2026-11-24). The list shows public posts only, the
newest first, with their text cut: a match proves a post, and the lack of one proves nothing.
"""

from datetime import datetime

from platforms.drafts import Draft
from platforms.http.client import Client
from platforms.matching import collapsed
from platforms.tiktok import api

SCOPE = "video.list"
FIELDS = "id,create_time,title,video_description,share_url"
#: TikTok cuts texts at about 150 characters.
COMPARED_CHARS = 140


async def find(draft: Draft, token: str, http: Client, since: datetime) -> dict[str, str]:
    """The posts made since then with the draft's text, newest first: their links by their ids."""
    answer = await api.call(http, token, "video/list/", {"max_count": 20}, fields=FIELDS)
    wanted, found = collapsed(draft.text), {}
    for entry in api.data(answer).get("videos") or ():
        texts = (entry.get("video_description"), entry.get("title"))
        same = any(_is_same(wanted, collapsed(str(text or ""))) for text in texts)
        if same and int(entry["create_time"]) >= int(since.timestamp()):
            found[str(entry["id"])] = str(entry.get("share_url") or "")
    return found


def _is_same(wanted: str, shown: str) -> bool:
    if len(wanted) <= COMPARED_CHARS:
        return wanted == shown
    return wanted[:COMPARED_CHARS] == shown[:COMPARED_CHARS]
