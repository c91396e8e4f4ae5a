"""Bluesky posts: text with up to ten images or a video, threads, quotes, replies.

`platform_account_id` is the DID, `username` the handle, `extra["pds"]` the account's server. A
post's id is its key in the account's repository, which both forms of its link hold.

Source: lexicons app.bsky.feed.post, app.bsky.embed.images, gallery, video, as in npm @atproto/api
0.21.0; https://docs.bsky.app/docs/tutorials/video (read 2026-11-30). The lexicon takes videos of
300 MB; `uploadVideo`, and servers of earlier releases, take 100.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platforms.adapter import Adapter
from platforms.bluesky import errors, metrics, preview, records, thread
from platforms.bluesky.login import BlueskyLogin
from platforms.bluesky.pds import POSTS, PROFILES, Pds
from platforms.drafts import Credentials, Draft
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.http.redaction import Secret
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.outcomes import Removal
from platforms.policy.options import Boolean, Choice, String, Strings
from platforms.policy.retry import RetryPolicy
from platforms.text import TextLength, graphemes, is_blank

GRAPHEMES, BYTES, PARTS = 300, 3000, 25
ALT_TEXT_CHARS = 2000
MEGABYTE = 1000 * 1000
LABELS = ("!no-unauthenticated", "graphic-media", "nudity", "porn", "sexual")
#: A language as BCP 47 writes it.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


def measure(text: str, limit: int) -> TextLength:
    """Return the visible characters of a text; of one that is far too long, of its beginning."""
    if len(text) <= BYTES:
        return TextLength(graphemes(text))
    return TextLength(max(graphemes(text[:BYTES]), limit + 1), is_exact=False)


class Bluesky(Adapter):
    key = "bluesky"
    name = "Bluesky"
    origin = "https://bsky.social"
    has_one_server = False
    logins = {"bluesky": BlueskyLogin()}
    secrets = (Secret(("-",), re.compile(r"(?<![\w-])[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![\w-])")),)
    link_id = re.compile(r"/(?:post|app\.bsky\.feed\.post)/([a-z2-7]{13})(?![\w-])")
    features = ("threads", "alt_text", "quotes", "replies", "link_cards")
    options = (
        Strings(
            "thread",
            "Texts that follow the post, each as a reply to the one before; all become public at "
            f"once. Up to {PARTS} parts in all, each of up to {GRAPHEMES} characters.",
            max_items=PARTS - 1,
            max_chars=BYTES,
        ),
        Strings("languages", "The languages of the text, such as en or pt-BR.", 3, 35),
        Strings("labels", f"Warnings about the content: {', '.join(LABELS)}.", 5, 30),
        Choice("replyControl", "Who may reply.", ("everyone", *records.RULES)),
        Boolean("allowQuotes", "False: no one may quote the post."),
        String("quote", "The link of a post to quote.", 700),
        String("replyTo", "The link of a post to reply to.", 700),
        String("link", "The page to show as a card; if not given, the text's first link.", 2000),
        Boolean("linkCard", "False: links get no card. A post with files never has one."),
    )
    # One read proves either: no list must fill first, and no key can be used twice.
    retry = RetryPolicy(find_delays_seconds=(1, 15, 60))
    deletes = True
    metrics_batch = metrics.BATCH
    limits = Limits(
        text_chars=GRAPHEMES,
        media_items=10,
        # 35,000 points, three for each record.
        posts_a_day=11_666,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/webp"),
            max_bytes=2 * MEGABYTE,
            alt_text_chars=ALT_TEXT_CHARS,
            max_frames=1,
        ),
        video=VideoRule(
            ("video/mp4",),
            max_bytes=100 * MEGABYTE,
            max_seconds=180,
            alt_text_chars=1000,
        ),
        text_unit="visible characters, and 3,000 bytes",
    )
    video_limits = replace(limits, media_items=1)
    text_length = staticmethod(graphemes)
    measure = staticmethod(measure)
    publish = staticmethod(thread.publish)
    find = staticmethod(thread.find)
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        is_video = any(item.kind == "video" for item in draft.media)
        return self.video_limits if is_video else self.limits

    def check(self, draft: Draft) -> None:
        super().check(draft)
        settings = draft.settings
        if is_blank(draft.text) and not draft.media and not settings.get("quote"):
            raise Unsupported("A Bluesky post needs a text, a file or a quoted post.")
        for number, text in enumerate(records.texts(draft), 1):
            _check_text(text, f"Part {number} of the thread" if number > 1 else "The text")
        for language in settings.get("languages") or ():
            if not LANGUAGE.fullmatch(language):
                raise Unsupported(f"Bluesky takes languages such as en or pt-BR, not {language!r}.")
        if unknown := set(settings.get("labels") or ()) - set(LABELS):
            raise Unsupported(f"Bluesky knows the labels {', '.join(LABELS)}; not {min(unknown)}.")
        for name in ("quote", "replyTo"):
            if settings.get(name) and not thread.POST.fullmatch(settings[name]):
                raise Unsupported(
                    f"Bluesky's option {name} is a link such as "
                    "https://bsky.app/profile/alice.bsky.social/post/3l6oveex3ii2l."
                )
        if settings.get("link") and not re.fullmatch(r"https?://\S+", settings["link"]):
            raise Unsupported("Bluesky's option link must be a URL such as https://example.com.")
        if settings.get("link") and (draft.media or settings.get("linkCard") is False):
            raise Unsupported(
                "Bluesky's option link makes a card, which files and linkCard false rule out."
            )

        if settings.get("replyTo") and settings.get("replyControl") not in (None, "everyone"):
            raise Unsupported("Bluesky's option replyControl is for posts that begin a thread.")

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        return await Pds(account, http).record(post_id) is not None

    async def read_account(self, account: Credentials, http: Client) -> None:
        """Read the profile in the account's repository, where posts go too; there may be none."""
        await Pds(account, http).record("self", PROFILES)

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a post. The server says nothing of what was there, so it is asked before.

        Source: lexicon com.atproto.repo.deleteRecord: "or ensure it doesn't exist" (read
        2026-11-30).
        """
        pds = Pds(account, http)
        if await pds.record(post_id) is None:
            return "already_gone"
        body = {"repo": pds.did, "collection": POSTS, "rkey": post_id}
        await pds.call("com.atproto.repo.deleteRecord", body)
        return "deleted"

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return thread.public_parts(checkpoint)

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"parts": list(parts)} if len(parts) > 1 else {}


def _check_text(text: str, where: str) -> None:
    if where != "The text" and is_blank(text):
        raise Unsupported(f"{where} is empty.")
    if (length := measure(text, GRAPHEMES)).count > GRAPHEMES:
        words = f"{where} has {length} visible characters; Bluesky takes {GRAPHEMES}."
        raise Unsupported(words, code="text_too_long")
    if len(text.encode(errors="replace")) > BYTES:
        raise Unsupported(f"{where} has more than {BYTES} bytes.", code="text_too_long")
