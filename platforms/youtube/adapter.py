"""YouTube videos and Shorts. Source: YouTube Data API v3 discovery document, revision 20261104,
videos.insert, errors and quota pages (read 2026-11-24).

The irreversible call is the PUT that carries the last byte. A post counts as published as soon as
YouTube has the video and has not refused it: processing takes minutes to hours, and a film that
fails in it later is seen in YouTube Studio only.

`media` has the upload, `metadata` the words, `formats` the files, `fate` what became of the video,
`channel` the search for it, `refusals` what an error means.
"""

from dataclasses import replace
from datetime import datetime

from platforms.adapter import Adapter
from platforms.checkpoint import Checkpoint
from platforms.drafts import Credentials, Draft, Media
from platforms.errors import PlatformError, Rejected, Unauthorized, Unsupported
from platforms.http.client import Answer, Client
from platforms.limits import Limits
from platforms.outcomes import Absent, Finding, Outcome, Processing, Published, Refused
from platforms.retry import RetryPolicy
from platforms.youtube import errors, formats, lookup, metadata, processing, thumbnail
from platforms.youtube.media import INCOMPLETE, Upload, is_gone
from platforms.youtube.oauth import GoogleOAuth
from platforms.youtube.options import OPTIONS, THUMBNAIL


class YouTube(Adapter):
    """`platform_account_id` is the channel id (UC…). Optional `extra`: `uploads_playlist_id`.

    The text is the description.
    """

    key = "youtube"
    name = "YouTube"
    limits = formats.LIMITS
    options = OPTIONS
    post_types = (formats.VIDEO, formats.SHORT)
    logins = {"youtube": GoogleOAuth()}
    features = ("shorts", "thumbnail")
    #: Lists of a channel can lag by half an hour.
    retry = RetryPolicy(find_delays_seconds=(15, 60, 300, 900, 900))
    #: Time for 32 MiB at 1 Mbit/s.
    deadline_seconds = 300

    def text_length(self, text: str) -> int:
        """UTF-8 bytes, as YouTube counts descriptions."""
        return len(text.encode("utf-8", "surrogatepass"))

    def limits_for(self, draft: Draft) -> Limits:
        return formats.limits_for(draft)

    def pick(self, draft: Draft) -> tuple[Media, ...]:
        """The video; with `useImageAsThumbnail` the first picture too, which needs no alt text."""
        if draft.settings.get(THUMBNAIL) is not True:
            return super().pick(draft)
        pictures = [replace(item, alt_text="") for item in draft.media if item.kind == "image"]
        return tuple(item for item in draft.media if item.kind != "image") + tuple(pictures[:1])

    def check(self, draft: Draft) -> None:
        formats.check(draft)
        super().check(draft)
        if self.text_length(draft.text) > self.limits.text_chars:
            raise Unsupported("A YouTube description holds at most 5,000 bytes of UTF-8.")
        metadata.check(draft)

    async def publish(
        self, draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
    ) -> Outcome:
        if not checkpoint.get("video_id"):
            answer = await Upload(draft, account, http, checkpoint).complete()
            if answer.status == INCOMPLETE:
                return Processing(after_seconds=answer.retry_after_seconds() or 5)
            await _note_video(answer, account, checkpoint)
        return await _finish(draft, account, http, checkpoint)

    async def find(
        self,
        draft: Draft,
        account: Credentials,
        http: Client,
        checkpoint: Checkpoint,
        sent_at: datetime,
    ) -> Finding:
        """The session knows; the channel's list is asked only when the session is gone.

        A thumbnail is set here too: that publishes nothing, and the post must not wait for it.
        """
        if not checkpoint.get("video_id"):
            instead = await _look(draft, account, http, checkpoint)
            if instead is not None:
                return instead
        try:
            return await _finish(draft, account, http, checkpoint)
        except Rejected as refusal:
            return Refused(refusal)

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        return await lookup.shows_as_own(post_id, account, http)

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)


async def _look(
    draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
) -> Finding | None:
    """What is to be said instead of a video; None once the checkpoint names one."""
    if not checkpoint.get("session"):
        return Absent(proven=True)
    upload = Upload(draft, account, http, checkpoint)
    answer = await upload.ask()
    if answer.status == INCOMPLETE:
        if upload.holds_all(answer):
            return Processing(after_seconds=answer.retry_after_seconds() or 15)
        return Absent(proven=True)
    if is_gone(answer):
        if not upload.may_be_whole:
            return Absent(proven=True)
        found = await lookup.look(metadata.title(draft), account, http, checkpoint)
        if isinstance(found, Absent):
            # From now on only a person can have it sent again.
            await checkpoint.save(searched=True)
        if not isinstance(found, Published):
            return found
        checkpoint["video_id"] = found.id
        return None
    if answer.status == 400:
        return Refused(http.refused(answer))
    try:
        await _note_video(answer, account, checkpoint)
    except Unauthorized as wrong_channel:
        return Refused(wrong_channel)
    return None


async def _note_video(answer: Answer, account: Credentials, checkpoint: Checkpoint) -> None:
    """Remember the video, if it is on the channel it was meant for; else raises Unauthorized."""
    video_id = answer.take("id")
    body = answer.json_object()
    snippet, status = body.get("snippet"), body.get("status")
    owner = snippet.get("channelId") if isinstance(snippet, dict) else None
    if owner and owner != account.platform_account_id:
        # It is out, at the wrong place. Asked again, the session says the same: no second video.
        raise Unauthorized(
            f"YouTube put the video {_url(video_id)} on the channel {owner} instead of the "
            "connected one; reconnect the account.",
            platform_code="wrongChannel",
        )
    privacy = status.get("privacyStatus") if isinstance(status, dict) else None
    await checkpoint.save(video_id=video_id, privacy=str(privacy or ""))


async def _finish(
    draft: Draft, account: Credentials, http: Client, checkpoint: Checkpoint
) -> Published:
    """What comes after the upload. Raises Rejected where YouTube has already refused the film."""
    video_id, short = str(checkpoint["video_id"]), formats.is_short(draft)
    url = _url(video_id, short=short)
    standing = await processing.ask(video_id, account, http)
    if refusal := standing.refusal(url):
        # The next try, if somebody wants one, is a new upload. Kept together with the refusal.
        checkpoint.update(session="", video_id="", last_byte_sent=False)
        raise refusal
    notes: list[str] = []
    asked, got = metadata.privacy(draft), standing.privacy or checkpoint.get("privacy")
    if got and got != asked:
        notes.append(f"YouTube made the video {got}; {asked} was asked for.")
    if picture := formats.thumbnail(draft):
        notes += await thumbnail.put(picture, video_id, account, http, short=short)
    return Published(id=video_id, url=url, notes=tuple(notes))


def _url(video_id: str, *, short: bool = False) -> str:
    return f"https://www.youtube.com/{'shorts/' if short else 'watch?v='}{video_id}"
