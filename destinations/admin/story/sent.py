"""What a destination sends, in an operator's words: texts, options, files."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from platforms.drafts import Draft, Media
from platforms.policy import media_checks
from platforms.registry import ADAPTERS

#: A long part of a list is shown; the API has the rest.
LISTED = 20


@dataclass(frozen=True, slots=True)
class PublishedFile:
    name: str
    kind: str
    alt_text: str
    #: Size, pixels, length, and the form that it is converted to.
    facts: tuple[str, ...]
    #: The pages of its preview and of the file; "" if its row is not known.
    preview: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    #: The post, and the parts that follow it as replies.
    texts: tuple[str, ...]
    post_type: str
    #: (name in words, value in words, what it means).
    options: tuple[tuple[str, str, str], ...]
    files: tuple[PublishedFile, ...]


def sent(platform: str, stored: Mapping[str, Any]) -> Sent:
    """The frozen draft of a destination."""
    draft = Draft.from_json(stored)
    parts = draft.settings.get("thread") or ()
    return Sent(
        texts=(draft.text, *parts),
        post_type=draft.post_type,
        options=tuple(_options(platform, draft.settings)),
        files=tuple(_file(item) for item in draft.media),
    )


def _options(platform: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    known = {option.name: option.help for option in ADAPTERS[platform].options}
    for name, value in settings.items():
        if name != "thread":
            yield _words(name), _value(value), known.get(name, "")


def _words(name: str) -> str:
    """`replySettings` as `Reply settings`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).capitalize()


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        more = f" and {len(value) - LISTED} more" if len(value) > LISTED else ""
        return ", ".join(str(each) for each in value[:LISTED]) + more
    return str(value)


def _file(item: Media) -> PublishedFile:
    key = media_id(item.key)
    return PublishedFile(
        name=item.filename,
        kind=item.kind,
        alt_text=item.alt_text,
        facts=tuple(_facts(item)),
        preview=reverse("admin:posts_media_preview", args=[key]) if key else "",
        page=reverse("admin:posts_media_change", args=[key]) if key else "",
    )


def _facts(item: Media) -> Iterator[str]:
    yield filesizeformat(item.size_bytes)
    if item.width and item.height:
        yield f"{item.width}x{item.height}"
    if item.duration_seconds:
        yield f"{item.duration_seconds:.1f} s"
    if item.form:
        yield f"sent as {media_checks.described(item.form)}"
    if item.deleted:
        yield "deleted: publishing fails"


def media_id(key: str) -> uuid.UUID | None:
    """The file whose bytes a storage key names: keys begin with workspace and file."""
    parts = key.split("/")
    try:
        return uuid.UUID(parts[1]) if len(parts) > 2 else None
    except ValueError:
        return None
