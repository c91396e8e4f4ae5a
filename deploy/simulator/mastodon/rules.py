"""Check posts as servers do, and make the HTML and JSON that servers make of them.

Source: https://docs.joinmastodon.org/methods/statuses/#create, entities/Status, entities/Poll and
entities/Instance; sentences of config/locales/en.yml of Mastodon 4.4 (read 2026-11-30).
"""

import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.simulator.mastodon.lengths import URL_PLACEHOLDER, length
from deploy.simulator.measures import graphemes
from deploy.simulator.network import Refused, is_json, json_object
from deploy.simulator.state.records import Account, Numbers, Post
from deploy.simulator.strict import (
    FORMS,
    Fits,
    flag,
    list_of,
    matching,
    media_type,
    object_of,
    once,
    one_of,
    text,
    wrong,
)

NO_RECORD = "Record not found"
VISIBILITIES = ("public", "unlisted", "private", "direct")
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
VIDEOS = ("video/mp4", "video/quicktime", "video/webm")
URL = re.compile(r"https?://[^\s<>\"]+")
MENTION = re.compile(r"(?<![\w/@.])@([a-z0-9_]+)@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
TAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d]\w*)")
#: So much of a link is shown.
SHOWN_CHARS = 30
#: What a post may say: every name is a documented one, and every value of its type.
STATUS: Mapping[str, Fits] = {
    "status": text,
    "media_ids": list_of(text, 0, 16),
    "poll": object_of(
        {"options": list_of(text), "expires_in": lambda value: type(value) is int},
        {"multiple": flag, "hide_totals": flag},
    ),
    "in_reply_to_id": matching("[0-9]+"),
    "quoted_status_id": matching("[0-9]+"),
    "quote_approval_policy": one_of("public", "followers", "nobody"),
    "sensitive": flag,
    "spoiler_text": text,
    "visibility": one_of(*VISIBILITIES),
    "language": matching("[a-z]{2}(?:-[A-Za-z]{2,4})?"),
}
#: How clients write flags that are no JSON.
FLAGS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Instance:
    """One simulated server. `is_old`: of a release before API v2, quotes and tokens of apps."""

    text_chars: int = 500
    files: int = 4
    is_old: bool = False

    def configuration(self) -> dict[str, Any]:
        return {
            "statuses": {
                "max_characters": self.text_chars,
                "max_media_attachments": self.files,
                "characters_reserved_per_url": URL_PLACEHOLDER,
            },
            "media_attachments": {
                "description_limit": 1500,
                "supported_mime_types": [*IMAGES, *VIDEOS, "audio/mpeg"],
                "image_size_limit": IMAGE_BYTES,
                "image_matrix_limit": IMAGE_PIXELS,
                "video_size_limit": VIDEO_BYTES,
                "video_frame_rate_limit": 120,
                "video_matrix_limit": 8_294_400,
            },
            "polls": {
                "max_options": 4,
                "max_characters_per_option": 50,
                "min_expiration": 300,
                "max_expiration": 2_629_746,
            },
        }


#: What an upload may say of its file.
FILE: Mapping[str, Fits] = {
    "description": lambda value: len(value) <= 1500,
    "focus": matching(r"-?[01](?:\.[0-9]+)?,-?[01](?:\.[0-9]+)?"),
}
IMAGE_BYTES, IMAGE_PIXELS, VIDEO_BYTES = 16 * 1024**2, 33_177_600, 99 * 1024**2


def refusal(status: int, said: str) -> Response:
    return JSONResponse({"error": said}, status)


def refused(status: int, said: str) -> Refused:
    return Refused(refusal(status, said))


def invalid(said: str) -> Refused:
    return refused(422, f"Validation failed: {said}")


async def body_of(request: Request) -> dict[str, Any] | None:
    """Return what a call says, as JSON or as a form; None if it is neither, or says a thing twice.

    A form is one of the flat ones, whose lists have names that end with `[]`.

    Source: https://docs.joinmastodon.org/client/intro/#parameters (read 2026-11-30).
    """
    if is_json(request):
        body = await json_object(request)
    elif media_type(request.headers.get("content-type", "")) in FORMS:
        body = await _form(request)
    else:
        return None
    if body and isinstance(given := body.get("sensitive"), str):
        body["sensitive"] = FLAGS.get(given, given)
    return body


async def _form(request: Request) -> dict[str, Any] | None:
    async with request.form() as form:
        items = form.multi_items()
    lists: dict[str, Any] = {}
    for name, value in items:
        if name.endswith("[]"):
            lists.setdefault(name[:-2], []).append(value)
    try:
        return lists | once(pair for pair in items if not pair[0].endswith("[]"))
    except ValueError:
        return None


def check_status(body: Mapping[str, Any], server: Instance) -> None:
    """Raise Refused for a post that no server with these limits takes."""
    if names := wrong(body, STATUS):
        raise invalid(f"The simulator takes no such {names[0]}")
    words, files = body.get("status", ""), body.get("media_ids", ())
    if not words.strip() and not files:
        raise invalid("Text can't be blank")
    if length(words) + graphemes(body.get("spoiler_text", "")) > server.text_chars:
        raise invalid(f"Text character limit of {server.text_chars} exceeded")
    if len(files) > server.files:
        raise invalid(f"Cannot attach more than {server.files} files")
    if server.is_old and body.keys() & {"quoted_status_id", "quote_approval_policy"}:
        raise invalid("The simulator's old server has no quotes")
    if "poll" in body:
        _check_poll(body["poll"], has_files=bool(files))


def _check_poll(poll: Mapping[str, Any], *, has_files: bool) -> None:
    options = poll["options"]
    if has_files:
        raise invalid("Poll cannot have files attached")
    if len(options) < 2:
        raise invalid("Options must have more than one item")
    if len(options) > 4:
        raise invalid("Options can't contain more than 4 items")
    if len(set(options)) < len(options):
        raise invalid("Options contain duplicate items")
    if any(not option.strip() or graphemes(option) > 50 for option in options):
        raise invalid("Options cannot be longer than 50 characters each")
    if poll["expires_in"] < 300:
        raise invalid("Duration is too soon")
    if poll["expires_in"] > 2_629_746:
        raise invalid("Duration is too far into the future")


def content(words: str) -> str:
    """Return the HTML that Mastodon makes of a text."""
    pieces, end = [], 0
    found = sorted((*URL.finditer(words), *MENTION.finditer(words), *TAG.finditer(words)),
                   key=lambda each: each.start())  # fmt: skip
    for each in found:
        if each.start() >= end:
            pieces += [html.escape(words[end : each.start()], quote=False), _followed(each)]
            end = each.end()
    pieces.append(html.escape(words[end:], quote=False))
    paragraphs = re.split(r"\n{2,}", "".join(pieces).strip())
    return "".join(f"<p>{each.replace(chr(10), '<br />')}</p>" for each in paragraphs if each)


def _followed(found: re.Match[str]) -> str:
    if found.re is URL:
        whole = html.escape(found[0])
        start = re.match(r"https?://(?:www\.)?", whole)
        head = start[0] if start else ""
        shown, rest = whole[len(head) :][:SHOWN_CHARS], whole[len(head) :][SHOWN_CHARS:]
        kind = "ellipsis" if rest else ""
        return (
            f'<a href="{whole}" target="_blank" rel="nofollow noopener" translate="no">'
            f'<span class="invisible">{head}</span><span class="{kind}">{shown}</span>'
            f'<span class="invisible">{rest}</span></a>'
        )
    if found.re is MENTION:
        link = f"https://{found[2]}/@{found[1]}"
        return (
            f'<span class="h-card" translate="no"><a href="{link}" class="u-url mention">'
            f"@<span>{found[1]}</span></a></span>"
        )
    return (
        f'<a href="/tags/{found[1]}" class="mention hashtag" rel="tag">#<span>{found[1]}</span></a>'
    )


def as_account(account: Account, followers: int) -> dict[str, Any]:
    number, _, host = account.id.partition("@")
    name = account.username.partition("@")[0]
    return {
        "id": number,
        "username": name,
        "acct": name,
        "display_name": account.name,
        "locked": False,
        "bot": False,
        "note": "<p>Coo.</p>",
        "url": f"https://{host}/@{name}",
        "avatar": f"https://{host}/avatars/{number}.png",
        "followers_count": followers,
        "following_count": 0,
    }


def as_status(post: Post, author: Mapping[str, Any], numbers: Numbers) -> dict[str, Any]:
    said = post.extra["said"]
    return {
        "id": post.id,
        "created_at": _date(post.created_at),
        "in_reply_to_id": said.get("in_reply_to_id"),
        "sensitive": said.get("sensitive", bool(said.get("spoiler_text"))),
        "spoiler_text": said.get("spoiler_text", ""),
        "visibility": post.extra["visibility"],
        "language": said.get("language"),
        "uri": f"{post.url}#uri",
        "url": post.url,
        "replies_count": numbers.comments,
        "reblogs_count": numbers.shares,
        "favourites_count": numbers.likes,
        "quotes_count": 0,
        "content": content(post.text),
        "reblog": None,
        "application": {"name": "Dovecote", "website": None},
        "account": dict(author),
        "media_attachments": list(post.extra["files"]),
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": _poll(post),
    }


def _poll(post: Post) -> dict[str, Any] | None:
    asked = post.extra["poll"]
    if asked is None:
        return None
    ends = post.created_at + asked["expires_in"]
    count = None if asked.get("hide_totals") else 0
    return {
        "id": post.id,
        "expires_at": _date(ends),
        "expired": ends <= time.time(),
        "multiple": asked.get("multiple", False),
        "votes_count": 0,
        "voters_count": 0,
        "options": [{"title": title, "votes_count": count} for title in asked["options"]],
        "emojis": [],
        "voted": True,  # as servers tell the author
        "own_votes": [],
    }


def _date(seconds: float) -> str:
    made = datetime.fromtimestamp(seconds, UTC)
    return made.isoformat(timespec="milliseconds").replace("+00:00", "Z")
