"""Facebook Page posts: text, a link, photos, a video, a reel or a story.

Source: Graph API, "Pages API Posts", "Reels Publishing", "Page Stories" (read 2026-11-24).
"""

import re
from datetime import datetime
from urllib.parse import quote

from platforms.adapter import Adapter, Call
from platforms.checkpoint import Checkpoint, forget
from platforms.drafts import Credentials, Draft
from platforms.errors import PlatformError, Unavailable
from platforms.facebook import comment, errors, metrics, post_types, preview
from platforms.facebook.feed import Feed, VideoPost
from platforms.facebook.oauth import FacebookOAuth
from platforms.facebook.page import UNSEEN, PageClient
from platforms.facebook.post_types import OPTIONS, PHOTO_POST, POST_TYPES, PostType
from platforms.facebook.story import PhotoStory, Reel, VideoStory
from platforms.http.client import Client
from platforms.limits import Limits
from platforms.meta.graph import GRAPH_VERSION, as_account
from platforms.meta.oauth import TOKENS
from platforms.outcomes import Finding, Outcome, Published, Removal


class Facebook(Adapter):
    """A Page: `platform_account_id` is its id, `token` its Page token.

    `extra` may hold `appsecret_proof`, for apps that require it with every call.
    """

    key = "facebook"
    name = "Facebook"
    origin = "https://graph.facebook.com"
    version = GRAPH_VERSION
    links_hold_ids = False
    id_separator = "_"
    secrets = (TOKENS,)
    link_id = re.compile(r"/([0-9]+_[0-9]+)|/(?:reel|videos)/([0-9]+)")
    limits = PHOTO_POST
    post_types = POST_TYPES
    wordless_types = frozenset({"Story"})
    features = ("carousels", "reels", "alt_text", "link_cards")
    deletes = True
    logins = {"facebook": FacebookOAuth()}
    options = OPTIONS
    metrics_batch = 1
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        return post_types.limits_for(draft)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        post_types.check(draft)

    async def publish(self, call: Call) -> Outcome:
        draft = call.draft
        self.check(draft)
        page = PageClient(call.account, call.http, call.checkpoint)
        outcome = _known(call.checkpoint) or await _post_type(draft).publish(draft, page)
        if not isinstance(outcome, Published) or "firstComment" not in draft.settings:
            return outcome
        if comment.tried(page):
            return await comment.look(draft, outcome, page)
        return await comment.add(draft, outcome, page)

    async def find(self, call: Call, sent_at: datetime) -> Finding:
        draft = call.draft
        page = PageClient(call.account, call.http, call.checkpoint)
        found = _known(call.checkpoint) or await _post_type(draft).find(draft, page, sent_at)
        if not isinstance(found, Published) or "firstComment" not in draft.settings:
            return found
        if comment.tried(page):
            return await comment.look(draft, found, page)
        return comment.missed(found)

    def can_delete(self, draft: Draft) -> bool:
        # No call that deletes a story is documented; it ends after a day.
        return draft.post_type != "Story"

    async def read_account(self, account: Credentials, http: Client) -> None:
        page = PageClient(account, http, Checkpoint({}, forget))
        with as_account():
            if not (await page.read(page.id, fields="id")).get("id"):
                raise Unavailable("Facebook's answer does not name the Page.")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        try:
            await PageClient(account, http, Checkpoint({}, forget)).remove(quote(post_id, safe=""))
        except PlatformError as refusal:
            # Said of what is gone, and of what the token may not delete.
            if refusal.platform_code == UNSEEN and await self.is_gone(post_id, account, http):
                return "already_gone"
            raise
        return "deleted"

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """A post's id starts with its Page's; any other object names its author."""
        if not re.fullmatch(r"[0-9]+(_[0-9]+)?", post_id):
            return None
        page, _, post = post_id.partition("_")
        if post and page != account.platform_account_id:
            return False
        try:
            seen = await PageClient(account, http, Checkpoint({}, forget)).read(
                post_id, fields="from"
            )
        except PlatformError as refusal:
            if refusal.platform_code == UNSEEN:
                return False
            raise
        author = seen.get("from")
        return author.get("id") == account.platform_account_id if isinstance(author, dict) else None


def _known(checkpoint: Checkpoint) -> Published | None:
    """Return the post, once it is known to be public."""
    public = checkpoint.get("public")
    return Published(public["id"], public["url"], tuple(public["notes"])) if public else None


def _post_type(draft: Draft) -> PostType:
    if draft.post_type == "Reels":
        return Reel()
    if draft.post_type == "Story":
        return VideoStory() if post_types.is_video(draft) else PhotoStory()
    return VideoPost() if post_types.is_video(draft) else Feed()
