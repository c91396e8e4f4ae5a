"""Discord messages: text with embeds, files or a poll, and threads of forums.

`platform_account_id` is the bot's id, an @ and the channel's id, or a webhook's id; `username` the
bot's or webhook's name. A post's id is the message's, in a forum also the thread's.

Source: https://docs.discord.com/developers/resources/message#create-message, "Embed Limits",
/resources/poll, /reference#uploading-files, and OpenAPI 3.1 of github.com/discord/discord-api-spec
(read 2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from platforms.adapter import Adapter
from platforms.discord import errors, post, preview
from platforms.discord.login import DiscordLogin
from platforms.discord.message import embed_chars
from platforms.discord.place import Place
from platforms.drafts import AccountFacts, Credentials, Draft
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.http.foreign.stated import as_count
from platforms.http.redaction import MASK, Secret
from platforms.limits import DocumentRule, ImageRule, Limits, VideoRule
from platforms.metrics import Metrics, complete_sum, objects_in
from platforms.outcomes import Removal
from platforms.policy.media_checks import size
from platforms.policy.options import Boolean, Integer, Objects, String, Strings
from platforms.policy.retry import RetryPolicy
from platforms.text import is_blank

TEXT_CHARS, ALT_TEXT_CHARS, EMBED_CHARS = 2000, 1024, 6000
#: Of a file, and of a whole request.
FILE_BYTES, REQUEST_BYTES = 10 * 1024**2, 25 * 1024**2
URL_CHARS = 2048
WHOM = ("users", "roles", "everyone")
POLL_DETAILS = ("pollQuestion", "pollHours", "pollMultiple")
URL, URLS = re.compile(r"https?://[^\s/]"), ("url", "image", "thumbnail")
EMBED = (
    String("title", "Its title.", 256),
    String("description", "Its text.", 4096),
    String("url", "Where the title leads.", URL_CHARS),
    Integer("color", "The colour of its edge, as a number: 0x5865F2 is 5793266.", 0, 0xFFFFFF),
    String("image", "The address of a picture below the text.", URL_CHARS),
    String("thumbnail", "The address of a small picture beside the text.", URL_CHARS),
    String("author", "The name above the title.", 256),
    String("footer", "The words at its end.", 2048),
    Objects(
        "fields",
        "Named values, which stand beside each other if they are inline.",
        25,
        (
            String("name", "The name.", 256),
            String("value", "The value.", 1024),
            Boolean("inline", "True: others may stand beside it."),
        ),
        needs=("name", "value"),
    ),
)


class Discord(Adapter):
    key = "discord"
    name = "Discord"
    origin = "https://discord.com"
    logins = {"discord": DiscordLogin()}
    secrets = (
        Secret((".",), re.compile(r"(?<![\w.-])[MNO][\w-]{17,33}\.[\w-]{6}\.[\w-]{27,60}")),
        Secret(
            ("webhooks",),
            re.compile(r"(webhooks(?:/|%2f)[0-9]{1,20}(?:/|%2f))[\w-]{16,}", re.IGNORECASE),
            rf"\1{MASK}",
        ),
    )
    link_id = re.compile(r"/channels/(?:@me|[0-9]{1,20})/[0-9]{1,20}/([0-9]{1,20})(?![0-9])")
    features = ("alt_text", "polls", "embeds")
    options = (
        Strings(
            "mentions",
            f"Whom the text's mentions notify: {', '.join(WHOM)}. No one if it is missing.",
            max_items=3,
            max_chars=8,
        ),
        Objects(
            "embeds",
            "Cards below the text, of 6,000 characters in all, each with a title, a description, "
            "an image or fields.",
            10,
            EMBED,
        ),
        String("pollQuestion", "The question of a poll.", 300),
        Strings("pollOptions", "Its answers, one to ten: makes the post a poll.", 10, 55),
        Integer("pollHours", "How long the poll is open; 24 hours if missing.", 1, 768),
        Boolean("pollMultiple", "True: readers may choose several answers."),
        String(
            "threadName",
            "The title of the thread, if the channel is a forum; the text's first line if missing. "
            "A webhook's forum needs it.",
            100,
        ),
        Strings("threadTags", "Names or ids of the forum's tags.", max_items=5, max_chars=50),
        Boolean("crosspost", "True: send it to the channels that follow an announcement channel."),
        Boolean("spoiler", "True: the files are hidden until they are opened."),
        Boolean("silent", "True: no one gets a push notification."),
        Boolean("linkPreviews", "False: links of the text get no card."),
    )
    # The last lookup comes when the list proves that a message is absent.
    retry = RetryPolicy(find_delays_seconds=(5, 60, 300))
    account_facts = ("kind",)
    deletes = True
    #: All files are sent in one request.
    deadline_seconds = 150
    call_carries_files = True
    metrics_batch = 1
    limits = Limits(
        text_chars=TEXT_CHARS,
        media_items=10,
        image=ImageRule(
            ("image/jpeg", "image/png", "image/gif", "image/webp"),
            max_bytes=FILE_BYTES,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
        video=VideoRule(
            ("video/mp4", "video/quicktime", "video/webm"),
            max_bytes=FILE_BYTES,
            alt_text_chars=ALT_TEXT_CHARS,
        ),
        document=DocumentRule(
            (
                "application/pdf",
                "application/msword",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            max_bytes=FILE_BYTES,
        ),
        mixes=True,
    )
    publish = staticmethod(post.publish)
    find = staticmethod(post.find)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def check(self, draft: Draft) -> None:
        super().check(draft)
        settings = draft.settings
        if is_blank(draft.text) and not (
            draft.media or settings.get("embeds") or settings.get("pollOptions")
        ):
            raise Unsupported("A Discord post needs a text, a file, an embed or a poll.")
        if (length := len(draft.text)) > TEXT_CHARS:
            words = f"The text has {length} characters; Discord takes {TEXT_CHARS}."
            raise Unsupported(words, code="text_too_long")
        if sum(item.size_bytes for item in draft.media if not item.form) > REQUEST_BYTES:
            raise Unsupported(f"Discord takes files of {size(REQUEST_BYTES)} in all.")
        if unknown := set(settings.get("mentions") or ()) - set(WHOM):
            raise Unsupported(f"Discord's mentions are {', '.join(WHOM)}; not {min(unknown)!r}.")
        if settings.get("spoiler") and not draft.media:
            raise Unsupported("Discord's option spoiler hides files; this post has none.")
        if "threadName" in settings and is_blank(settings["threadName"]):
            raise Unsupported("Discord's option threadName is blank.")
        _check_embeds(settings.get("embeds") or ())
        _check_poll(draft)

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        is_webhook = "@" not in account.platform_account_id
        known = None if is_webhook or not post.depends_on_forum(draft) else account.extra
        is_forum = None if known is None else known.get("kind") == "forum"
        return post.unfit(draft, is_webhook=is_webhook, is_forum=is_forum)

    async def shows_as_own(self, post_id: str, account: Credentials, http: Client) -> bool | None:
        """Return whether the bot or webhook said this. Of a webhook only its own are shown."""
        place = Place(account, http)
        found = await place.message(post_id)
        if found is None:
            return False
        author = found.get("author")
        named = author.get("id") if isinstance(author, dict) else None
        return place.is_webhook or (str(named) == place.own_id if named else None)

    async def read_account(self, account: Credentials, http: Client) -> None:
        await Place(account, http).look()

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a message. Of a forum's thread the title stays, with what others have said."""
        return "deleted" if await Place(account, http).delete(post_id) else "already_gone"

    async def read_metrics(
        self, post_ids: Sequence[str], account: Credentials, http: Client
    ) -> Mapping[str, Metrics]:
        """Return the number of reactions; Discord counts nothing else of a message."""
        found = {}
        for post_id in post_ids[: self.metrics_batch]:
            message = await Place(account, http).message(post_id)
            if message is not None:
                given = objects_in(message.get("reactions"))
                found[post_id] = Metrics(
                    likes=complete_sum(as_count(each.get("count")) for each in given)
                )
        return found


def _check_embeds(embeds: Sequence[Mapping[str, Any]]) -> None:
    for each in embeds:
        if not each.keys() & {"title", "description", "image", "fields"}:
            raise Unsupported("Each Discord embed has a title, a description, an image or fields.")
        for name in URLS:
            if name in each and not URL.match(each[name]):
                raise Unsupported(f"The {name} of a Discord embed must be a URL.")
    if (length := embed_chars(embeds)) > EMBED_CHARS:
        words = f"The embeds have {length} characters; Discord takes {EMBED_CHARS} in all."
        raise Unsupported(words, code="text_too_long")


def _check_poll(draft: Draft) -> None:
    settings = draft.settings
    if not settings.get("pollOptions"):
        if any(name in settings for name in POLL_DETAILS):
            raise Unsupported("Discord's options of a poll need pollOptions.")
        return
    if not settings.get("pollQuestion"):
        raise Unsupported("Discord's options pollQuestion and pollOptions go together.")
    if draft.media or settings.get("embeds"):
        raise Unsupported("Discord takes a poll without files and embeds.")
    if any(is_blank(answer) for answer in settings["pollOptions"]):
        raise Unsupported("Discord takes no poll with a blank answer.")
