"""The parameters of the simulated Graph APIs: a name means the same at all three networks.

In a query or a form every value is a text; in JSON, flags and numbers may have their own types.
Source: the references that `platforms.facebook`, `platforms.instagram` and `platforms.threads`
name (read 2026-11-24).
"""

from collections.abc import Mapping
from typing import Any

from deploy.simulator.strict import Fits, list_of, matching, object_of, one_of, text


def _flag(value: Any) -> bool:
    return isinstance(value, bool) or value in ("true", "false", "1", "0")


def _number(value: Any) -> bool:
    return type(value) is int or _digits(value)


def _bytes(value: Any) -> bool:
    return isinstance(value, bytes)


def _share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _either(*fits: Fits) -> Fits:
    return lambda value: any(each(value) for each in fits)


_digits = matching("[0-9]+")
_id = matching(r"[0-9]+(_[0-9]+)?")
_url = matching(r"https?://[^\s/]\S*")
_link = matching(r"https?://([\w-]+\.)+\w{2,}([:/?#]\S*)?|https?://(localhost|[\d.]+)([:/]\S*)?")
_username = matching(r"[\w.]{1,30}")
_choice = matching("(?s).{1,25}")
_word = matching(r"\S+")
#: Which posts a list shows, and what is told of them.
READING: Mapping[str, Fits] = {
    "fields": text,
    "limit": _number,
    "since": _number,
    "until": _number,
    "after": matching("[0-9]*"),
    "before": matching("[0-9]*"),
    "metric": text,
    "period": one_of("lifetime"),
}
COMMON: Mapping[str, Fits] = {
    "access_token": text,
    "appsecret_proof": _word,
    "debug": one_of("all", "info", "warning"),
    "format": one_of("json"),
    "locale": text,
    "method": one_of("get", "post", "delete", "GET", "POST", "DELETE"),
    "pretty": _flag,
    "suppress_http_code": _flag,
}
LOGIN: Mapping[str, Fits] = {
    "client_id": text,
    "client_secret": text,
    "redirect_uri": text,
    "code": text,
    "grant_type": text,
    "fb_exchange_token": text,
    "input_token": text,
}
CONTAINERS: Mapping[str, Fits] = {
    "media_type": _word,
    "image_url": text,
    "video_url": text,
    "cover_url": _url,
    "caption": text,
    "text": text,
    "alt_text": text,
    "is_carousel_item": _flag,
    "children": _either(list_of(_id), matching(r"\d+(,\d+)*")),
    "collaborators": list_of(_username, 1, 3),
    "location_id": _digits,
    "user_tags": list_of(object_of({"username": _username}, {"x": _share, "y": _share}), 0, 20),
    "is_ai_generated": _flag,
    "share_to_feed": _flag,
    "thumb_offset": _number,
    "audio_name": text,
    "trial_params": object_of({"graduation_strategy": text}, {}),
    "upload_type": text,
    "link_attachment": _link,
    "poll_attachment": object_of(
        {"option_a": _choice, "option_b": _choice}, {"option_c": _choice, "option_d": _choice}
    ),
    "text_attachment": object_of(
        {"plaintext": matching("(?s).{1,10000}")},
        {"link_attachment_url": _link, "text_with_styling_info": list_of(lambda _: True)},
    ),
    "auto_publish_text": _flag,
    "reply_to_id": _id,
    "quote_post_id": _id,
    "reply_control": text,
    "topic_tag": text,
    "creation_id": _id,
}
PAGES: Mapping[str, Fits] = {
    "message": text,
    "link": _word,
    "published": _flag,
    "is_published": _flag,
    "temporary": _flag,
    "url": text,
    "source": _bytes,
    "alt_text_custom": text,
    "attached_media": lambda _: True,  # `posts.py` reads it
    "scheduled_publish_time": _number,
    "unpublished_content_type": one_of("SCHEDULED", "DRAFT", "INLINE_CREATED", "ADS_POST"),
    "client_mutation_id": text,
    "photo_id": _id,
    "upload_phase": text,
    "upload_session_id": _id,
    "file_size": _number,
    "start_offset": _number,
    "video_file_chunk": _bytes,
    "description": text,
    "title": text,
    "file_url": text,
    "fbuploader_video_file_chunk": text,
    "thumb": _bytes,
    "video_id": _id,
    "video_state": text,
    "place": _id,
    "file_name": text,
    "file_length": _number,
    "file_type": text,
}
PARAMETERS: Mapping[str, Fits] = {**READING, **COMMON, **LOGIN, **CONTAINERS, **PAGES}


def wrong_parameter(given: Mapping[str, Any]) -> str:
    """The first name that Meta does not know, or whose value does not fit; or an empty string.

    A name may have an index, such as `attached_media[0]`.
    """
    for name, value in given.items():
        fits = PARAMETERS.get(name.partition("[")[0])
        if fits is None or not fits(value):
            return name
    return ""
