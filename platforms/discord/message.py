"""The requests that make a message: its text, embeds, poll and files.

Source: https://docs.discord.com/developers/resources/message#create-message, /resources/poll,
/resources/webhook#execute-webhook, /reference#uploading-files (read 2026-11-30).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from platforms.drafts import Draft, Media
from platforms.http.uploads import multipart_of

#: How long a poll is open if it does not say.
POLL_HOURS = 24
NO_LINK_PREVIEWS, SILENT = 1 << 2, 1 << 12
ENDINGS = {"jpeg": "jpg", "quicktime": "mov"}
#: What Discord leaves of a file's name as it is.
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
NAME_CHARS = 100
#: Of an embed, what is sent under its own name, or as the part of an object.
PLAIN = ("title", "description", "url", "color", "fields")
WITHIN = {"image": "url", "thumbnail": "url", "author": "name", "footer": "text"}


def body(draft: Draft, names: Sequence[str]) -> dict[str, Any]:
    """Return the message whose files have these names. No one is notified unless it was asked."""
    settings = draft.settings
    made: dict[str, Any] = {"allowed_mentions": {"parse": list(settings.get("mentions") or ())}}
    if draft.text:
        made["content"] = draft.text
    if settings.get("embeds"):
        made["embeds"] = [_embed(each) for each in settings["embeds"]]
    if settings.get("pollOptions"):
        made["poll"] = {
            "question": {"text": settings["pollQuestion"]},
            "answers": [{"poll_media": {"text": each}} for each in settings["pollOptions"]],
            "duration": settings.get("pollHours") or POLL_HOURS,
            "allow_multiselect": bool(settings.get("pollMultiple")),
        }
    flags = NO_LINK_PREVIEWS * (settings.get("linkPreviews") is False)
    if flags := flags | SILENT * bool(settings.get("silent")):
        made["flags"] = flags
    if names:
        made["attachments"] = [
            _attachment(number, name, item, is_hidden=bool(settings.get("spoiler")))
            for number, (name, item) in enumerate(zip(names, draft.media, strict=True))
        ]
    return made


def file_names(draft: Draft, nonce: str) -> list[str]:
    """Return the names of a message's files: of pictures and videos no other message has them."""
    return [_name(item, f"{nonce}-{n}") for n, item in enumerate(draft.media, 1)]


def form(made: Mapping[str, Any], files: Sequence[Media], names: Sequence[str]) -> dict[str, Any]:
    """Return the options of a request: JSON, or a form with the files, read while it is sent."""
    if not files:
        return {"json": made}
    keys = [f"files[{number}]" for number in range(len(files))]
    said = {"payload_json": json.dumps(made, ensure_ascii=False)}
    by_key = dict(zip(keys, files, strict=True))
    return multipart_of(said, by_key, dict(zip(keys, names, strict=True)))


def embed_chars(embeds: Sequence[Mapping[str, Any]]) -> int:
    """Return the characters of all embeds, of which Discord bounds the sum."""
    names = ("title", "description", "author", "footer")
    return sum(
        sum(len(each.get(name, "")) for name in names)
        + sum(len(field[name]) for field in each.get("fields", ()) for name in ("name", "value"))
        for each in embeds
    )


def _embed(given: Mapping[str, Any]) -> dict[str, Any]:
    made = {name: given[name] for name in PLAIN if name in given}
    return made | {name: {part: given[name]} for name, part in WITHIN.items() if name in given}


def _attachment(number: int, name: str, item: Media, *, is_hidden: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"id": str(number), "filename": name}
    if item.alt_text:
        made["description"] = item.alt_text
    return {**made, "is_spoiler": True} if is_hidden else made


def _name(item: Media, unique: str) -> str:
    """Return a file's name. Readers see that of a document, so it keeps its own."""
    if item.kind == "document":
        return _ODD.sub("_", item.filename)[-NAME_CHARS:].strip("._") or unique
    ending = item.content_type.partition("/")[2]
    return f"{unique}.{ENDINGS.get(ending, ending)}"
