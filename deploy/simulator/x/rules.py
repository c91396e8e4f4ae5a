"""What X accepts as a post, and how it returns one."""

import html
import random
import re
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request

from deploy.simulator.network import Refused, is_json, json_object
from deploy.simulator.state.records import Post
from deploy.simulator.strict import Fits, flag, list_of, matching, object_of, one_of, text
from deploy.simulator.x.calls import invalid, problem
from deploy.simulator.x.lengths import links as links_in
from deploy.simulator.x.lengths import weight

EPOCH_MS = 1288834974657
TEXT_WEIGHT = 280
REPLY_SETTINGS = ("following", "mentionedUsers", "subscribers", "verified")
EXCLUSIVE = {"media", "poll", "quote_tweet_id", "card_uri"}
CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?![A-Za-z0-9])")

is_id = matching("[0-9]{1,19}")
_is_choice = matching("(?s).{1,25}")
_is_reply_setting = one_of(*REPLY_SETTINGS)


def _is_duration(value: Any) -> bool:
    return isinstance(value, int) and not flag(value) and 5 <= value <= 10080


#: Every key of the body with the values it may have, as in the OpenAPI document.
KEYS: dict[str, Fits] = {
    "text": text,
    "media": object_of(
        {"media_ids": list_of(is_id, 1, 4)},
        {
            "tagged_user_ids": list_of(is_id, 0, 10),
            "title": text,
            "description": text,
            "embeddable": flag,
            "preview_media_id": is_id,
        },
    ),
    "poll": object_of(
        {"options": list_of(_is_choice, 2, 4), "duration_minutes": _is_duration},
        {"reply_settings": _is_reply_setting},
    ),
    "quote_tweet_id": is_id,
    "reply": object_of(
        {"in_reply_to_tweet_id": is_id},
        {
            "exclude_reply_user_ids": list_of(is_id, 0, 50),
            "auto_populate_reply_metadata": flag,
        },
    ),
    "reply_settings": _is_reply_setting,
    "community_id": is_id,
    "share_with_followers": flag,
    "for_super_followers_only": flag,
    "geo": object_of({"place_id": text}, {}),
    "made_with_ai": flag,
    "paid_partnership": flag,
    "nullcast": flag,
    "card_uri": text,
    "direct_message_deep_link": text,
    "edit_options": object_of({"previous_post_id": is_id}, {}),
}


async def json_body(request: Request) -> dict[str, Any]:
    """The body, which must be a JSON object with that content type."""
    if not is_json(request):
        raise Refused(problem(415, "Unsupported Media Type"))
    body = await json_object(request)
    if body is None:
        raise Refused(invalid("The body is not an object in JSON.", {}))
    return body


def check_post(body: Mapping[str, Any]) -> None:
    """Raises Refused unless X accepts the body, judged by itself."""
    for key in body.keys() - KEYS.keys():
        raise Refused(invalid(f"[$.{key}: is not defined in the schema]", {key: [""]}))
    for key, value in body.items():
        if not KEYS[key](value):
            where = "media.media_ids" if key == "media" else key
            raise Refused(invalid(f"[$.{key}: is not as the schema says]", {where: [str(value)]}))
    kinds = EXCLUSIVE & body.keys()
    if len(kinds) > 1:
        raise Refused(invalid("These fields exclude each other.", {key: [""] for key in kinds}))
    text = body.get("text", "")
    if not text.strip() and not kinds:
        raise Refused(invalid("A text or media is needed.", {"text": [text]}))
    if re.search("[\ufeff\ufffe\uffff]", text):
        raise Refused(invalid("The text holds invalid characters.", {"text": [text]}))
    if weight(text) > TEXT_WEIGHT:
        raise Refused(problem(400, "Your Tweet text is too long. For more information, see X."))
    if len(CASHTAG.findall(text)) > 1:
        raise Refused(problem(403, "Posts may hold one cashtag at most."))


class _Snowflakes:
    """Ids that contain their time, and rise within a millisecond too.

    If the clock is set back, ids follow it, or later posts would be in the future.
    """

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        moment = int(time.time() * 1000) - EPOCH_MS
        is_same = moment == self._last >> 22
        self._last = self._last + 1 if is_same else moment << 22 | random.getrandbits(21)
        return str(self._last)


snowflake = _Snowflakes()


def created_at(post_id: int) -> float:
    """The unix time in seconds at which an id was made."""
    return ((post_id >> 22) + EPOCH_MS) / 1000


def as_shown(text: str, links: int = 0) -> str:
    """The text as X returns it: links shortened, three characters escaped.

    `links` is how many it appends, for media and for a quoted post.
    """
    parts, end = [], 0
    for first, last in links_in(text):
        parts += [html.escape(text[end:first], quote=False), short_link()]
        end = last
    parts.append(html.escape(text[end:], quote=False))
    parts += [f" {short_link()}" for _ in range(links)]
    return "".join(parts).strip()


def short_link() -> str:
    return f"https://t.co/{uuid.uuid4().hex[:10]}"


def wanted(query: Mapping[str, str]) -> set[str]:
    """The optional fields that a call asks for, by either of X's dialects."""
    names = ("post.fields", "tweet.fields", "expansions")
    return {word for name in names for word in query.get(name, "").split(",")}


def listed(post: Post, fields: Collection[str] = ()) -> dict[str, Any]:
    """A post as it is returned, with those of `fields` that it has."""
    found = as_resource(post.id, post.extra["shown"])
    if "author_id" in fields:
        found["author_id"] = post.account
    if "entities" in fields and (urls := _links(post)):
        found["entities"] = {"urls": urls}
    if "conversation_id" in fields:
        found["conversation_id"] = post.extra.get("conversation", post.id)
    for name in {"referenced_posts", "referenced_tweets"} & set(fields):
        if "reply" in post.extra:
            answered = post.extra["reply"]["in_reply_to_tweet_id"]
            found[name] = [{"type": "replied_to", "id": answered}]
    return found


def _links(post: Post) -> list[dict[str, Any]]:
    """The short links of a text: their positions, in code points, and their targets."""
    places = list(re.finditer(r"https://t\.co/\w+", post.extra["shown"]))
    targets = [_expanded(post.text[first:last]) for first, last in links_in(post.text)]
    targets += [f"{post.url}/photo/1"] * (len(places) - len(targets))
    return [
        {
            "start": place.start(),
            "end": place.end(),
            "url": place[0],
            "expanded_url": target,
            "display_url": target.partition("://")[2],
        }
        for place, target in zip(places, targets, strict=True)
    ]


def _expanded(link: str) -> str:
    return link if "://" in link else f"http://{link}"


def as_resource(post_id: str, shown: str) -> dict[str, Any]:
    """A new post as it is returned; its history has the current and the former name."""
    history = {"edit_history_post_ids": [post_id], "edit_history_tweet_ids": [post_id]}
    return {"id": post_id, "text": shown, **history}
