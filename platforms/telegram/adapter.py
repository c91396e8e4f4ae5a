"""Telegram messages of a bot in a channel or group: text, files, albums, polls, buttons.

`platform_account_id` is the chat's id when it was connected; `extra["chat"]` that of the supergroup
which the group has become. `username` is the chat's public name, empty if it is private.

Source: https://core.telegram.org/bots/api (Bot API 10.1, read 2026-11-30); limits of calls:
https://core.telegram.org/bots/faq#broadcasting-to-users.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platforms.adapter import Adapter
from platforms.drafts import Credentials, Draft
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.http.redaction import MASK, Secret
from platforms.limits import DocumentRule, ImageRule, Limits, VideoRule
from platforms.metrics import Metrics
from platforms.outcomes import Removal
from platforms.policy.options import Boolean, Choice, Integer, Strings
from platforms.policy.retry import RetryPolicy
from platforms.telegram import bot, errors, post, preview, text
from platforms.telegram.bot import Bot
from platforms.telegram.login import BotLogin
from platforms.text import is_blank, utf16_units

CAPTION_CHARS, QUESTION_CHARS, BUTTONS = 1024, 300, 10
#: Of one file, and here of all of a post, so that their upload ends in time.
FILE_BYTES = 50 * 1000**2
#: The width and the height of a photo are 10,000 together.
PHOTO_SIDE = 5000


class Telegram(Adapter):
    key = "telegram"
    name = "Telegram"
    origin = bot.API
    secrets = (
        Secret(
            ("/bot", "%2fbot"),
            re.compile(r"((?:/|%2f)bot)[0-9]{1,20}(?::|%3a)[\w-]+", re.IGNORECASE),
            rf"\1{MASK}",
        ),
        Secret((":aa",), re.compile(r"(?<!\w)[0-9]{5,17}:AA[\w-]{9,}")),
    )
    logins = {"telegram": BotLogin()}
    link_id = re.compile(r"t\.me/(?:s/|c/)?\w{1,32}/(?:[0-9]{1,18}/)?([0-9]{1,18})(?:[/?#]|$)")
    id_separator = post.SEPARATOR
    features = ("documents", "polls")
    options = (
        Choice(
            "textFormat",
            "How the text is written: as it is to be read, or in Markdown, of which bold, italic, "
            "struck through, code, quotes, lists and links are shown.",
            text.TEXT_FORMATS,
        ),
        Strings(
            "buttons",
            "Buttons below the message that open links, each as [Read on](https://example.com). "
            "Not with several files.",
            max_items=BUTTONS,
            max_chars=1100,
        ),
        Boolean("disableNotification", "True: readers get the message without a sound."),
        Boolean("protectContent", "True: the message cannot be forwarded or saved."),
        Boolean("disableLinkPreview", "True: the first link of the text gets no card."),
        Strings("pollOptions", "One to twelve answers: makes the post a poll.", 12, 100),
        Boolean("pollMultiple", "True: readers may choose several answers."),
        Integer(
            "pollSeconds", "How long the poll is open; without an end if missing.", 5, 2_628_000
        ),
    )
    # There is nothing to look up; the one lookup says where a person can look.
    retry = RetryPolicy(find_delays_seconds=(1,))
    deletes = True
    #: Of a post there are none to read; with it the followers are read.
    metrics_batch = 1
    #: All files are sent in one request.
    deadline_seconds = 150
    call_carries_files = True
    limits = Limits(
        text_chars=text.MOST_CHARS,
        media_items=10,
        image=ImageRule(
            ("image/jpeg", "image/png"),
            max_bytes=10 * 1000**2,
            max_width=PHOTO_SIDE,
            max_height=PHOTO_SIDE,
            min_ratio=1 / 20,
            max_ratio=20,
        ),
        video=VideoRule(("video/mp4",), max_bytes=FILE_BYTES),
        document=DocumentRule(("application/pdf",), max_bytes=FILE_BYTES),
        mixes=True,
        text_unit="UTF-16 units",
    )
    publish = staticmethod(post.publish)
    find = staticmethod(post.find)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def text_length(self, text: str) -> int:
        return utf16_units(text)

    def limits_for(self, draft: Draft) -> Limits:
        if draft.settings.get("pollOptions"):
            return replace(self.limits, text_chars=QUESTION_CHARS)
        return replace(self.limits, text_chars=CAPTION_CHARS) if draft.media else self.limits

    def check(self, draft: Draft) -> None:
        super().check(draft)
        most = self.limits_for(draft).text_chars
        # Markdown counts as it is written: what is shown of it is rarely longer.
        length = self.text_length(draft.text)
        if length <= most:
            length = self.text_length(text.formatted(draft).text)
        if length > most:
            raise Unsupported(
                f"The text has {length} UTF-16 units; Telegram takes {most}.", code="text_too_long"
            )
        if is_blank(text.formatted(draft).text) and not draft.media:
            raise Unsupported("A Telegram post needs a text or a file.")
        if sum(item.size_bytes for item in draft.media if not item.form) > FILE_BYTES:
            raise Unsupported("Telegram takes up to 50 MB of files in a post.")
        if len({item.kind == "document" for item in draft.media}) > 1:
            raise Unsupported("Telegram takes documents only in a post of their own.")
        _check_buttons(draft)
        _check_poll(draft)

    async def read_account(self, account: Credentials, http: Client) -> None:
        (await Bot(account.token, http).call("getMe", {})).take("result", "id")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete one message of the chat that its id names, which may be a former one."""
        place = post.place_of(post_id, account)
        if place is None:
            return "already_gone"
        said = dict(zip(("chat_id", "message_id"), place, strict=True))
        answer = await Bot(account.token, http).call(
            "deleteMessage", said, accept=(errors.REFUSED,)
        )
        if answer.status != errors.REFUSED:
            if answer.json_object().get("result") is not True:
                answer.unreadable("it does not say that the message is deleted")
            return "deleted"
        if any(word in answer.text.lower() for word in errors.GONE):
            return "already_gone"
        if errors.moved_to(answer):
            raise Unsupported(
                "The group became a supergroup since; Telegram lets no bot delete what was in it "
                "before."
            )
        raise http.refused(answer)

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        """Return nothing, and ask nothing: a bot is told no numbers of a message."""
        return {}

    async def read_followers(self, account: Credentials, http: Client) -> int | None:
        """Return how many subscribers a channel, or members a group has."""
        said = {"chat_id": bot.number(bot.chat_of(account))}
        answer = await Bot(account.token, http).call("getChatMemberCount", said)
        return as_count(answer.json_object().get("result"))

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return list(checkpoint.get("parts") or ())

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"parts": list(parts)} if parts else {}


def _check_buttons(draft: Draft) -> None:
    given = draft.settings.get("buttons") or ()
    if len(post.buttons(draft)) < len(given):
        raise Unsupported("Telegram's option buttons holds [words](https://example.com).")
    if given and len(draft.media) > 1:
        raise Unsupported("Telegram takes buttons with one file at most.")


def _check_poll(draft: Draft) -> None:
    settings = draft.settings
    answers = settings.get("pollOptions")
    if not answers:
        if settings.get("pollMultiple") or settings.get("pollSeconds"):
            raise Unsupported("Telegram's options of a poll need pollOptions.")
        return
    if draft.media or settings.get("textFormat") == text.MARKDOWN:
        raise Unsupported("Telegram takes a poll with a plain text and without files.")
    if any(map(is_blank, answers)):
        raise Unsupported("Telegram takes polls of one to twelve answers.")
    if len(set(answers)) < len(answers):
        raise Unsupported("Telegram takes no poll with the same answer twice.")
