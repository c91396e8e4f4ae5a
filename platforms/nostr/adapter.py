"""Nostr: notes with files, threads, replies and quotes; pictures; articles.

`platform_account_id` is the public key in hexadecimal, `username` the same as npub, the token the
private key. `extra["relays"]` are the account's relays, `extra["media"]` its media server. A post's
id is its event's.

Source: https://github.com/nostr-protocol/nips, 01.md, 09.md, 10.md, 23.md, 36.md, 68.md, 92.md
(read 2026-12-01). Limits are relays' own; strfry's default takes events of 65,536 bytes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platforms import clock
from platforms.adapter import Adapter
from platforms.drafts import AccountFacts, Credentials, Draft
from platforms.errors import Unauthorized, Unavailable, Unsupported
from platforms.http.client import Client
from platforms.http.redaction import Secret
from platforms.limits import ImageRule, Limits, VideoRule
from platforms.nostr import errors, nip19, post, preview, relays, text, thread
from platforms.nostr.events import ARTICLE, DELETION, NOTE, PICTURE, PROFILE, Key, tag_values
from platforms.nostr.login import KeyLogin
from platforms.nostr.media import NO_SERVER
from platforms.nostr.relays import Relays
from platforms.outcomes import Removal
from platforms.policy.options import String, Strings
from platforms.policy.retry import RetryPolicy
from platforms.text import is_blank

TEXT_CHARS, EVENT_BYTES, PARTS, ALL_BYTES = 30_000, 60_000, 25, 200_000
MEGABYTE = 1000 * 1000
HASHTAG = re.compile(r"#?\w{1,100}")
#: The types of post that an option is for, if it is not for all.
ONLY = {
    "title": ("Picture", "Article"),
    "summary": ("Article",),
    "identifier": ("Article",),
    "thread": ("Note",),
    "replyTo": ("Note",),
    "quote": ("Note",),
}


class Nostr(Adapter):
    key = "nostr"
    name = "Nostr"
    origin = "https://relay.damus.io"
    has_one_server = False
    logins = {"nostr": KeyLogin()}
    secrets = (Secret(("nsec1",), re.compile(r"nsec1[ac-hj-np-z02-9]{8,}")),)
    link_id = re.compile(r"(?<![a-z0-9])((?:note|nevent)1[ac-hj-np-z02-9]{20,1500})(?![a-z0-9])")
    post_types = ("Note", "Picture", "Article")
    features = ("threads", "alt_text", "quotes", "replies")
    options = (
        Strings(
            "thread",
            "Texts that follow the note, each as a reply to the one before. Up to "
            f"{PARTS} parts in all.",
            max_items=PARTS - 1,
            max_chars=TEXT_CHARS,
        ),
        String("title", "The title of an Article, which needs one, or of a Picture.", 300),
        String("summary", "What an Article is about.", 1000),
        String(
            "identifier",
            "The name of an Article: publishing another one with the same name replaces it.",
            100,
        ),
        Strings("hashtags", "Hashtags beside those in the text.", 30, 101),
        String("contentWarning", "Why the post is hidden until readers open it.", 300),
        String("replyTo", "The code or link of a note to reply to, such as nevent1….", 2000),
        String("quote", "The code or link of a post to quote, such as nevent1….", 2000),
    )
    # One question proves either: no list must fill first, and no event can be public twice.
    retry = RetryPolicy(find_delays_seconds=(1, 15, 60))
    account_facts = ("media",)
    deletes = True
    #: Media servers take files of 100 MB in one request.
    deadline_seconds = 150
    limits = Limits(
        text_chars=TEXT_CHARS,
        media_items=10,
        mixes=True,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            max_bytes=20 * MEGABYTE,
            alt_text_chars=2000,
        ),
        video=VideoRule(
            ("video/mp4", "video/webm", "video/quicktime"),
            max_bytes=100 * MEGABYTE,
            alt_text_chars=2000,
        ),
        text_unit="characters, and 60,000 bytes",
    )
    article_limits = replace(limits, video=None)
    picture_limits = replace(article_limits, media_required=True)
    publish = staticmethod(thread.publish)
    find = staticmethod(thread.find)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def limits_for(self, draft: Draft) -> Limits:
        known = {"Picture": self.picture_limits, "Article": self.article_limits}
        return known.get(draft.post_type, self.limits)

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        if not draft.media or account.extra is None:
            return ""
        return "" if account.extra.get("media") else NO_SERVER

    def check(self, draft: Draft) -> None:
        super().check(draft)
        settings, kind = draft.settings, post.kind_of(draft)
        for name, types in ONLY.items():
            if settings.get(name) and (draft.post_type or "Note") not in types:
                raise Unsupported(f"Nostr's option {name} is for {' and '.join(types)}.")
        if kind == ARTICLE and not (settings.get("title") and not is_blank(draft.text)):
            raise Unsupported("An article needs a text and the option title.")
        if kind == NOTE and is_blank(draft.text) and not draft.media and not settings.get("quote"):
            raise Unsupported("A note needs a text, a file or a quoted post.")
        if kind == PICTURE and not draft.media:
            raise Unsupported("A picture post needs a picture.")
        _check_texts(draft)
        for name in ("replyTo", "quote"):
            if settings.get(name) and not text.code_of(settings[name]):
                raise Unsupported(f"Nostr's option {name} is a code or link such as nevent1….")
        for tag in settings.get("hashtags") or ():
            if not HASHTAG.fullmatch(tag):
                raise Unsupported("Nostr's hashtags are words of letters and digits.")

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        known = Relays(relays.of_account(account), Key.of(account), http)
        replies = await known.ask({"ids": [post_id]})
        if any(reply.found for reply in replies):
            return True
        if failure := relays.failure(replies):
            raise failure
        return False

    async def read_account(self, account: Credentials, http: Client) -> None:
        """Ask the relays for the profile. One that answers is enough, as it is for publishing."""
        known = Relays(relays.of_account(account), Key.of(account), http)
        replies = await known.hear({"kinds": [PROFILE], "authors": [account.platform_account_id]})
        if all(reply.error for reply in replies):
            told = [reply for reply in replies if not isinstance(reply.error, Unavailable)]
            raise relays.failure(told or replies) or Unauthorized(thread.NO_RELAYS)

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Ask the relays that have a post to delete it. One that ignores that says the same."""
        key = Key.of(account)
        asked = await Relays(relays.of_account(account), key, http).ask({"ids": [post_id]})
        having = [reply for reply in asked if post_id in reply.found]
        if not having:
            if failure := relays.failure(asked):
                raise failure
            return "already_gone"
        event = having[0].found[post_id]
        tags = [["e", post_id], ["k", str(event["kind"])]]
        if event["kind"] == ARTICLE:
            name = next((values[0] for values in tag_values(event, "d")), "")
            tags.append(["a", f"{ARTICLE}:{key.pubkey}:{name}"])
        request = key.signed(DELETION, "", tags, int(clock.unix_seconds()))
        told = Relays([reply.relay for reply in having], key, http)
        if failure := relays.failure(await told.send([request], irreversible=False)):
            raise failure
        return "deleted"

    def post_id(self, link: str) -> str:
        """Return the event that the code in a link names."""
        found = nip19.read(super().post_id(link))
        return found.value if found else ""

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return list(checkpoint.get("parts") or ())

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"parts": list(parts)} if len(parts) > 1 else {}


def _check_texts(draft: Draft) -> None:
    whole = 0
    for number, words in enumerate(post.texts(draft), 1):
        where = f"Part {number} of the thread" if number > 1 else "The text"
        if number > 1 and is_blank(words):
            raise Unsupported(f"{where} is empty.")
        if len(words) > TEXT_CHARS:
            raise Unsupported(
                f"{where} has {len(words)} characters; Nostr's relays take {TEXT_CHARS}.",
                code="text_too_long",
            )
        size = len(json.dumps(words, ensure_ascii=False).encode(errors="replace"))
        whole += size
        if size > EVENT_BYTES:
            raise Unsupported(
                f"{where} has more than {EVENT_BYTES} bytes, which relays do not take.",
                code="text_too_long",
            )
    if whole > ALL_BYTES:
        raise Unsupported(f"The thread has more than {ALL_BYTES} bytes.", code="text_too_long")
