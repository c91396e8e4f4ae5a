"""LinkedIn posts of members and organizations: text, images, a video, a document, a link, a poll.

`extra["author"]` is the author's URN, `urn:li:person:…` or `urn:li:organization:…`; without it the
author is the member `platform_account_id`. `username` is the last part of the profile's address.

Source: Microsoft Learn, "Posts API", "Images API", "Videos API", "Documents API", "MultiImage
API" (read 2026-11-24).
"""

import re
from typing import Any

from platforms import clock
from platforms.adapter import Adapter, Call
from platforms.drafts import AccountFacts, Credentials, Draft
from platforms.errors import OutcomeUnknown, PlatformError, Rejected, Unauthorized, Unsupported
from platforms.http.client import Client
from platforms.limits import DocumentRule, ImageRule, Limits, VideoRule
from platforms.linkedin import content, errors, lookup, metrics, preview, rest
from platforms.linkedin.media import AssetUpload, or_lost
from platforms.linkedin.oauth import USERINFO, LinkedInOAuth, MemberOAuth
from platforms.outcomes import Outcome, Processing, Published
from platforms.policy.retry import RetryPolicy
from platforms.text import utf16_units

NO_CONNECTIONS = "A LinkedIn page has no connections."


class LinkedIn(Adapter):
    key = "linkedin"
    name = "LinkedIn"
    origin = "https://api.linkedin.com"
    version = rest.VERSION
    link_id = re.compile(r"(urn:li:(?:share|ugcPost):[0-9]+)")
    logins = {"linkedin": LinkedInOAuth(), "linkedin_member": MemberOAuth()}
    options = content.OPTIONS
    features = ("alt_text", "documents", "link_cards", "polls")
    account_facts = ("author",)
    deletes = True
    limits = Limits(
        text_chars=3000,
        media_items=20,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/gif"),
            # LinkedIn names no size; this is the largest image that Dovecote stores.
            max_bytes=20 * 1024**2,
            max_pixels=36_152_319,
            alt_text_chars=4086,
            max_frames=250,
        ),
        video=VideoRule(
            ("video/mp4",),
            max_bytes=500 * 1000**2,
            min_bytes=75 * 1024,
            min_seconds=3,
            max_seconds=1800,
            min_ratio=1 / 2.4,
            max_ratio=2.4,
        ),
        document=DocumentRule(
            (
                "application/pdf",
                "application/msword",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            max_bytes=100 * 1000**2,
            max_pages=300,
        ),
        text_unit="UTF-16 units",
    )
    retry = RetryPolicy(find_delays_seconds=(10, 60, 300))
    #: A document of 100 MB is sent in one request.
    deadline_seconds = 150
    find = staticmethod(lookup.find)
    recall = staticmethod(lookup.recall)
    remove = staticmethod(rest.remove)
    shows_as_own = staticmethod(lookup.shows_as_own)
    metrics_batch = metrics.BATCH
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def text_length(self, text: str) -> int:
        """UTF-16 units: LinkedIn does not say what it counts, and this is the strictest reading."""
        return utf16_units(text)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        content.check(draft)
        if not draft.text:
            raise Unsupported("A LinkedIn post needs a text.")

    def is_slow(self, draft: Draft) -> bool:
        return any(item.kind != "image" for item in draft.media)

    async def read_account(self, account: Credentials, http: Client) -> None:
        """Read the member. A page has the token of the member who connected it."""
        (await http.get(USERINFO, headers=account.bearer)).take("sub")

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        if not _is_for_connections(draft):
            return ""
        is_page = rest.is_organization((account.extra or {}).get("author", ""))
        return NO_CONNECTIONS if is_page else ""

    async def publish(self, call: Call) -> Outcome:
        author = rest.author(call.account)
        if rest.is_organization(author) and _is_for_connections(call.draft):
            raise Rejected(NO_CONNECTIONS, code="option_rejected")
        uploads = {item.key: AssetUpload(item, call) for item in call.draft.media}
        try:
            waiting = [upload for upload in uploads.values() if not await upload.ready()]
        except Unauthorized as refusal:
            raise _or_role_lost(refusal, call.account) from refusal
        if waiting:
            return Processing(max(upload.pause_seconds for upload in waiting))
        urns = {key: upload.urn for key, upload in uploads.items()}
        return await _post(call, content.body(call.draft, author, urns))


async def _post(call: Call, body: dict[str, Any]) -> Published:
    checkpoint = call.checkpoint
    sent_before = checkpoint.get("first_sent_ms")
    now_ms = int(clock.unix_seconds() * 1000)
    checkpoint["first_sent_ms"] = sent_before or now_ms
    try:
        answer = await call.http.post(
            f"{rest.API}/posts",
            headers=rest.headers(call.account.token, call.http),
            json=body,
            irreversible=True,
        )
    except OutcomeUnknown:
        raise
    except PlatformError as refusal:
        if refusal.platform_code == errors.DUPLICATE:
            return await lookup.duplicate(refusal, checkpoint, sent_before, now_ms)
        # This send published nothing, so a lookup must not start at it.
        await checkpoint.save(first_sent_ms=sent_before)
        refusal = await or_lost(refusal, checkpoint)
        raise _or_role_lost(refusal, call.account) from refusal
    return rest.published(lookup.created(answer))


def _or_role_lost(refusal: PlatformError, account: Credentials) -> PlatformError:
    """Return the refusal; if all scopes are granted, it means that the member lost the role."""
    if (
        refusal.platform_code != errors.DENIED
        or not rest.is_organization(rest.author(account))
        or "w_organization_social" not in account.scopes
    ):
        return refusal
    return refusal.as_(
        Unauthorized,
        "The member who connected this LinkedIn page may no longer post for it.",
        code="account_restricted",
    )


def _is_for_connections(draft: Draft) -> bool:
    return draft.settings.get("visibility") == "CONNECTIONS"
