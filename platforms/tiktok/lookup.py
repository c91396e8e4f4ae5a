"""Find a post among an account's public ones, if its publish id was lost.

Source: TikTok for Developers, List Videos (read 2026-11-24). The list shows public posts only, the
newest first, with their texts cut: a match proves a post, and the lack of one proves nothing.
"""

from datetime import datetime

from platforms.adapter import Call
from platforms.errors import Unauthorized
from platforms.outcomes import Absent, Finding, Undeterminable
from platforms.text import collapsed
from platforms.tiktok import api, errors, status

SCOPE = "video.list"
FIELDS = "id,create_time,title,video_description,share_url"
#: TikTok cuts texts at about 150 characters.
COMPARED_CHARS = 140


async def find(call: Call, sent_at: datetime) -> Finding:
    """Return the post whose publish id never arrived. A list without it proves nothing."""
    profile = status.profile_url(call.checkpoint)
    is_shown = call.checkpoint.get("public") and bool(call.draft.text.strip())
    if not is_shown or (call.account.scopes and SCOPE not in call.account.scopes):
        return Undeterminable(profile)
    try:
        found = await _matches(call, sent_at)
    except Unauthorized as problem:
        if problem.code == errors.SCOPE.code:
            return Undeterminable(profile)
        raise
    theirs = await call.checkpoint.others(found)
    ours = [post_id for post_id in found if post_id not in theirs]
    if not ours:
        return Absent(proven=False)
    return status.published(ours[-1:], call.checkpoint, call.draft)


async def _matches(call: Call, since: datetime) -> dict[str, str]:
    """Return the posts since then with the draft's text, newest first: their links by their ids."""
    body = {"max_count": 20}
    answer = await api.call(call.http, call.account.token, "video/list/", body, fields=FIELDS)
    wanted, found = collapsed(call.draft.text), {}
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
