"""What follows an upload: whose video it is, whether YouTube keeps it, and its thumbnail."""

from platforms.call import Call
from platforms.errors import Unauthorized
from platforms.http.client import Answer
from platforms.outcomes import Published
from platforms.youtube import formats, metadata, processing, thumbnail


async def note_video(answer: Answer, call: Call) -> None:
    """Remember the video, if it is on the channel it was meant for; else raises Unauthorized."""
    video_id = answer.take("id")
    body = answer.json_object()
    snippet, status = body.get("snippet"), body.get("status")
    owner = snippet.get("channelId") if isinstance(snippet, dict) else None
    if owner and owner != call.account.platform_account_id:
        # It is public on the wrong channel. The session keeps saying so: there is no second video.
        raise Unauthorized(
            f"YouTube put the video {_url(video_id)} on the channel {owner} instead of the "
            "connected one; reconnect the account.",
            platform_code="wrongChannel",
        )
    privacy = status.get("privacyStatus") if isinstance(status, dict) else None
    await call.checkpoint.save(video_id=video_id, privacy=str(privacy or ""))


async def finish(call: Call) -> Published:
    """What follows the upload. Raises Rejected if YouTube has already refused the video."""
    draft, checkpoint = call.draft, call.checkpoint
    video_id, short = str(checkpoint["video_id"]), formats.is_short(draft)
    url = _url(video_id, short=short)
    standing = await processing.ask(video_id, call)
    if refusal := standing.refusal(url):
        # The next try is a new upload. Saved together with the refusal.
        checkpoint.update(session="", video_id="", last_byte_sent=False)
        raise refusal
    notes: list[str] = []
    asked, got = metadata.privacy(draft), standing.privacy or checkpoint.get("privacy")
    if got and got != asked:
        notes.append(f"YouTube made the video {got}; {asked} was asked for.")
    if picture := formats.thumbnail(draft):
        notes += await thumbnail.put(picture, video_id, call, short=short)
    return Published(id=video_id, url=url, notes=tuple(notes))


def _url(video_id: str, *, short: bool = False) -> str:
    return f"https://www.youtube.com/{'shorts/' if short else 'watch?v='}{video_id}"
