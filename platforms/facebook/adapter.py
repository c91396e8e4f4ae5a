"""Facebook Page posts: text, a link, photos, a video, a reel, or a story.

What each kind needs is in a file of its own; here is what Facebook takes, and the first comment.
Source: Graph API, "Pages API Posts", "Reels Publishing", "Page Stories" (read 2026-11-24).
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

from platforms.adapter import Adapter
from platforms.call import Call
from platforms.checkpoint import Checkpoint, forget
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Unsupported
from platforms.facebook import comment, errors
from platforms.facebook.feed import Feed
from platforms.facebook.oauth import FacebookOAuth
from platforms.facebook.page import UNSEEN, Kind, Page
from platforms.facebook.reel import Reel
from platforms.facebook.story import PhotoStory, VideoStory
from platforms.facebook.video_post import Film
from platforms.http.client import Answer, Client
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.options import Flag, Text
from platforms.outcomes import Finding, Outcome, Published

TEXT_CHARS = 63206
MB, GB = 1024**2, 1024**3
NINE_BY_SIXTEEN = 9 / 16

PHOTO = ImageRule(
    ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/tiff"),
    max_bytes=4 * MB,
    alt_text_chars=1000,
)
FILM = VideoRule(
    ("video/mp4", "video/quicktime"), max_bytes=1 * GB, min_seconds=1, max_seconds=4 * 3600
)


def _upright(max_seconds: float) -> VideoRule:
    """What reels and stories share."""
    return VideoRule(
        ("video/mp4",),
        max_bytes=1 * GB,
        min_seconds=3,
        max_seconds=max_seconds,
        min_width=540,
        min_height=960,
        min_ratio=NINE_BY_SIXTEEN,
        max_ratio=NINE_BY_SIXTEEN,
        min_fps=24,
        max_fps=60,
        video_codecs=("h264", "hevc", "vp9", "av1"),
        audio_codecs=("aac",),
    )


PHOTO_POST = Limits(TEXT_CHARS, media_items=10, image=PHOTO, video=FILM)
VIDEO_POST = Limits(TEXT_CHARS, image=PHOTO, video=FILM)
REEL = Limits(TEXT_CHARS, video=_upright(90), media_required=True)
STORY = Limits(TEXT_CHARS, image=PHOTO, video=_upright(60), media_required=True)


class Facebook(Adapter):
    """A Page: `platform_account_id` is its id, `token` its Page token.

    `extra` may hold `appsecret_proof`, for apps that demand it of every call.
    """

    key = "facebook"
    name = "Facebook"
    limits = PHOTO_POST
    post_types = ("Post", "Reels", "Story")
    features = ("carousels", "reels", "alt_text", "link_cards")
    logins = {"facebook": FacebookOAuth()}
    options = (
        Text("link", "The web address a post without files shows a card of.", 2000),
        Text("title", "The title of a video or reel.", 255),
        Flag("isAiGenerated", "Labels a video, a reel or a video story as made with AI."),
        Text("firstComment", "What the Page says under the post at once.", comment.MAX_CHARS),
    )

    def limits_for(self, draft: Draft) -> Limits:
        if draft.post_type == "Reels":
            return REEL
        if draft.post_type == "Story":
            return STORY
        return VIDEO_POST if _is_video(draft) else PHOTO_POST

    def check(self, draft: Draft) -> None:
        super().check(draft)
        link = draft.settings.get("link", "")
        if draft.post_type in ("Reels", "Story") and len(draft.media) != 1:
            raise Unsupported(f"A Facebook {draft.post_type} is made of one file.")
        if not draft.text and not draft.media and not link:
            raise Unsupported("A Facebook post needs a text, a link or a file.")
        if link and draft.media:
            raise Unsupported("A Facebook post shows a link or files, not both.")
        if link and not _is_web_address(link):
            raise Unsupported("Facebook's option link is an address that begins with https://.")
        if "title" in draft.settings and (draft.post_type == "Story" or not _is_video(draft)):
            raise Unsupported("Only Facebook videos and reels have a title.")
        if draft.settings.get("isAiGenerated") and not _is_video(draft):
            raise Unsupported("Facebook takes isAiGenerated for videos, reels and video stories.")
        if "firstComment" in draft.settings and draft.post_type == "Story":
            raise Unsupported("A Facebook story has no comments.")

    async def publish(self, call: Call) -> Outcome:
        draft = call.draft
        self.check(draft)
        page = Page(call.account, call.http, call.checkpoint)
        outcome = _known(call.checkpoint) or await _kind(draft).publish(draft, page)
        if not isinstance(outcome, Published) or "firstComment" not in draft.settings:
            return outcome
        if comment.tried(page):
            return await comment.look(draft, outcome, page)
        return await comment.add(draft, outcome, page)

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        draft = call.draft
        page = Page(call.account, call.http, call.checkpoint)
        found = _known(call.checkpoint) or await _kind(draft).find(draft, page, sent_at)
        if not isinstance(found, Published) or "firstComment" not in draft.settings:
            return found
        if comment.tried(page):
            return await comment.look(draft, found, page)
        return comment.missed(found)

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """A post's id begins with its Page's; anything else says whom it is from."""
        if not re.fullmatch(r"[0-9]+(_[0-9]+)?", post_id):
            return None
        page, _, post = post_id.partition("_")
        if post and page != account.platform_account_id:
            return False
        try:
            seen = await Page(account, http, Checkpoint({}, forget)).read(post_id, fields="from")
        except PlatformError as refusal:
            if refusal.platform_code == UNSEEN:
                return False
            raise
        author = seen.get("from")
        return author.get("id") == account.platform_account_id if isinstance(author, dict) else None

    def explain(self, answer: Answer) -> PlatformError:
        return errors.explain(answer)


def _known(checkpoint: Checkpoint) -> Published | None:
    """The post, once it has been seen to be public."""
    public = checkpoint.get("public")
    return Published(public["id"], public["url"], tuple(public["notes"])) if public else None


def _kind(draft: Draft) -> Kind:
    if draft.post_type == "Reels":
        return Reel()
    if draft.post_type == "Story":
        return VideoStory() if _is_video(draft) else PhotoStory()
    return Film() if _is_video(draft) else Feed()


def _is_video(draft: Draft) -> bool:
    return any(item.kind == "video" for item in draft.media)


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in link
