"""Mastodon posts: text with files or a poll, threads, replies, quotes, on any server of its API.

`platform_account_id` is the account's id on its server, an @, and the server's host; `username` the
name with the host. A post's id is its server's own.

Source: https://docs.joinmastodon.org/methods/statuses/ and https://docs.joinmastodon.org/user/posting/
(read 2026-11-30).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platforms.adapter import Adapter
from platforms.drafts import AccountFacts, Credentials, Draft
from platforms.errors import Unsupported
from platforms.http.client import Client
from platforms.limits import Limits
from platforms.mastodon import errors, lookup, metrics, preview, server, thread
from platforms.mastodon.limits import COMMON, ServerLimits, read_server
from platforms.mastodon.login import MastodonLogin, TokenLogin
from platforms.mastodon.server import NOT_FOUND, Server
from platforms.mastodon.text import measure
from platforms.outcomes import Removal
from platforms.policy.options import Boolean, Choice, Integer, String, Strings
from platforms.policy.retry import RetryPolicy
from platforms.text import TextLength, graphemes, is_blank

PARTS = 25
#: The longest text of a part, and the largest poll, that any server takes as far as is known.
PART_CHARS, POLL_OPTIONS, POLL_CHARS = 100_000, 50, 1000
#: ISO 639, with a region or script as some servers write it.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
#: A point of an image that stays in sight when it is cropped: right and up, from -1 to 1.
POINT = re.compile(r"-?(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?),-?(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)")
POLL_DETAILS = ("pollSeconds", "pollMultiple", "pollHideTotals")


class Mastodon(Adapter):
    key = "mastodon"
    name = "Mastodon"
    origin = "https://mastodon.social"
    has_one_server = False
    logins = {"mastodon": MastodonLogin(), "mastodon_token": TokenLogin()}
    link_id = re.compile(r"/(?:@|p/|notice/|statuses/)(?:[^/?#]{1,200}/)*([\w-]{1,64})/?(?:[?#]|$)")
    features = ("threads", "alt_text", "polls", "quotes", "replies")
    options = (
        Strings(
            "thread",
            "Texts that follow the post, each as a reply to the one before, with its warning and "
            f"visibility. Up to {PARTS} parts in all, each as long as the account's server takes.",
            max_items=PARTS - 1,
            max_chars=PART_CHARS,
        ),
        Choice(
            "visibility",
            "Who sees the post: everyone; everyone, but not in public timelines; followers.",
            ("public", "unlisted", "private"),
        ),
        String("spoilerText", "A warning that the text and files are hidden behind.", 1000),
        Boolean("sensitive", "True: the files are hidden until they are opened."),
        String("language", "The language of the text, such as en or pt-BR.", 35, 2),
        Strings(
            "pollOptions", "Two or more answers: makes the post a poll.", POLL_OPTIONS, POLL_CHARS
        ),
        Integer("pollSeconds", "How long the poll is open; a day if missing.", 60, 366 * 86_400),
        Boolean("pollMultiple", "True: readers may choose several answers."),
        Boolean("pollHideTotals", "True: numbers are hidden until the poll ends."),
        Strings(
            "focus",
            "A point of each file that stays in sight when it is cropped, such as 0.5,-0.2: right "
            "and up from the centre, from -1 to 1.",
            max_items=16,
            max_chars=20,
        ),
        String("replyTo", "The link of a post to reply to, on the account's own server.", 700),
        String("quote", "The link of a post to quote, on the account's own server.", 700),
        Choice("quotePolicy", "Who may quote the post.", ("public", "followers", "nobody")),
    )
    # The last lookup comes when the list proves that a post is absent.
    retry = RetryPolicy(find_delays_seconds=(5, 60, 300))
    deletes = True
    #: Servers take files of 99 MB in one request.
    deadline_seconds = 150
    metrics_batch = metrics.BATCH
    limits = COMMON.limits()
    publish = staticmethod(thread.publish)
    find = staticmethod(lookup.find)
    shows_as_own = staticmethod(lookup.shows_as_own)
    read_metrics = staticmethod(metrics.read_metrics)
    read_followers = staticmethod(metrics.read_followers)
    read_server = staticmethod(read_server)
    server_of = staticmethod(server.host_of)
    explain = staticmethod(errors.explain)
    preview = staticmethod(preview.preview)

    def text_length(self, text: str) -> int:
        return measure(text, COMMON.text_chars, COMMON.url_chars).count

    def measure(self, text: str, limit: int) -> TextLength:
        return measure(text, limit, COMMON.url_chars)

    def limits_for(self, draft: Draft) -> Limits:
        found = ServerLimits.of(draft.server).limits() if draft.server else self.limits
        is_alone = any(item.kind == "video" for item in draft.media)
        return replace(found, media_items=1) if is_alone else found

    def check(self, draft: Draft) -> None:
        super().check(draft)
        known, settings = ServerLimits.of(draft.server), draft.settings
        if is_blank(draft.text) and not draft.media:
            raise Unsupported("A Mastodon post needs a text or a file.")
        for number, text in enumerate(thread.texts(draft), 1):
            _check_text(text, settings.get("spoilerText") or "", number, known)
        if settings.get("language") and not LANGUAGE.fullmatch(settings["language"]):
            raise Unsupported("Mastodon takes a language such as en or pt-BR.")
        _check_poll(draft, known)
        _check_focus(draft)
        for name in ("quote", "replyTo"):
            if settings.get(name) and not thread.POST.fullmatch(settings[name].partition("?")[0]):
                raise Unsupported(
                    f"Mastodon's option {name} is a link such as "
                    "https://mastodon.social/@alice/103254962155278888."
                )
        if settings.get("quote") and known.has_quotes is False:
            raise Unsupported("The account's server has no quotes.", code="option_rejected")

    def unfit_for(self, draft: Draft, account: AccountFacts) -> str:
        host = server.host_of(account.platform_account_id)
        given = {name: draft.settings.get(name) for name in ("quote", "replyTo")}
        elsewhere = (name for name, link in given.items() if link and not thread.id_on(host, link))
        return next((thread.ELSEWHERE.format(name, host) for name in elsewhere), "")

    async def read_account(self, account: Credentials, http: Client) -> None:
        (await Server(account, http).get("v1/accounts/verify_credentials")).take("id")

    async def remove(self, post_id: str, account: Credentials, http: Client) -> Removal:
        """Delete a post. snac 2.75 has no such call, and answers as if there were no post."""
        answer = await Server(account, http).delete(post_id)
        if answer.status != NOT_FOUND:
            answer.json()  # something in front of the server would answer with a page
            return "deleted"
        if await Server(account, http).post(post_id) is not None:
            raise Unsupported("The account's server does not let apps delete posts.")
        return "already_gone"

    def public_parts(self, checkpoint: Mapping[str, Any]) -> Sequence[str]:
        return list(checkpoint.get("parts") or ())

    def parts_kept(self, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
        parts = self.public_parts(checkpoint)
        return {"parts": list(parts)} if len(parts) > 1 else {}


def _check_text(text: str, warning: str, number: int, known: ServerLimits) -> None:
    where = f"Part {number} of the thread" if number > 1 else "The text"
    if number > 1 and is_blank(text):
        raise Unsupported(f"{where} is empty.")
    length = measure(text, known.text_chars, known.url_chars)
    count = length.count + graphemes(warning)
    if count > known.text_chars:
        shown = replace(length, count=count)
        with_warning = " with its warning" if warning else ""
        raise Unsupported(
            f"{where}{with_warning} has {shown} visible characters; the account's server takes "
            f"{known.text_chars}.",
            code="text_too_long",
        )


def _check_poll(draft: Draft, known: ServerLimits) -> None:
    answers, seconds = draft.settings.get("pollOptions"), draft.settings.get("pollSeconds")
    if not answers:
        if any(name in draft.settings for name in POLL_DETAILS):
            raise Unsupported("Mastodon's options of a poll need pollOptions.")
        return
    if draft.media or is_blank(draft.text):
        raise Unsupported("Mastodon takes a poll with a text and without files.")
    if not 2 <= len(answers) <= known.poll_options:
        raise Unsupported(f"Mastodon takes polls of two to {known.poll_options} answers.")
    if len(set(answers)) < len(answers):
        raise Unsupported("Mastodon takes no poll with the same answer twice.")
    if any(graphemes(answer) > known.poll_option_chars for answer in answers):
        raise Unsupported(f"Mastodon takes answers of up to {known.poll_option_chars} characters.")
    least, most = known.poll_min_seconds, known.poll_max_seconds
    if seconds and not least <= seconds <= most:
        raise Unsupported(f"Mastodon takes polls of {least} to {most} seconds.")


def _check_focus(draft: Draft) -> None:
    points = draft.settings.get("focus") or ()
    if len(points) > len(draft.media):
        raise Unsupported("Mastodon's option focus has a point for each file, and no more.")
    for point in points:
        if not POINT.fullmatch(point):
            raise Unsupported("Mastodon's option focus holds points such as 0.5,-0.2.")
