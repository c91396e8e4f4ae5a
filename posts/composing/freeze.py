"""Freezes what each network will be sent in a draft: text, files, options and post type."""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

from platforms import drafts
from platforms import limits as platform_limits
from platforms.adapter import Adapter
from platforms.registry import ADAPTERS
from platforms.text import is_blank
from posts.models import Media

#: Of accounts whose server states no limits of its own, or none that are known.
NO_SERVER: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Target:
    """One account that a post goes to."""

    number: int
    name: str
    platform: str
    #: Set if the network's rate limit for the account ends after the post's time.
    limited_until: datetime | None = None
    #: The error code with which everything that is posted to it now ends; blank: none.
    blocked: str = ""
    #: What the account's server takes (`drafts.Draft.server`).
    server: Mapping[str, Any] = field(default_factory=dict, hash=False)
    #: None: nothing is asked of the account itself.
    facts: drafts.AccountFacts | None = field(default=None, hash=False)

    @property
    def adapter(self) -> Adapter:
        return ADAPTERS[self.platform]


@dataclass(frozen=True, slots=True)
class Content:
    """A customer's content, before it is frozen.

    `platform_content` holds what differs on a platform: {platform: {content, contentType,
    settings}}, each part optional.
    """

    text: str
    files: tuple[drafts.Media, ...] = ()
    platform_content: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Frozen:
    """A target's draft, and `notes` for the customer about it."""

    draft: drafts.Draft
    notes: tuple[str, ...] = ()

    @cached_property
    def draft_as_json(self) -> dict[str, Any]:
        """Return the draft as it is stored, written once for all accounts of the network."""
        return self.draft.as_json()

    @cached_property
    def stored_bytes(self) -> int:
        return len(json.dumps(self.draft_as_json, ensure_ascii=False).encode())


def freeze(content: Content, adapter: Adapter, server: Mapping[str, Any] = NO_SERVER) -> Frozen:
    """Return what this network will be sent. Raises Unsupported, but only for its options."""
    own = content.platform_content.get(adapter.key, {})
    text = own.get("content", content.text)
    draft = drafts.Draft(
        text="" if is_blank(text) else text,
        media=content.files,
        settings=own.get("settings", {}),
        post_type=own.get("contentType", ""),
        server=server,
    )
    adapter.check_options(draft)
    adapter.check_required(draft.settings)
    if None in draft.settings.values():
        draft = replace(draft, settings=_given(draft.settings))
    return _with_files(draft, content, adapter) if content.files else Frozen(draft)


def _with_files(draft: drafts.Draft, content: Content, adapter: Adapter) -> Frozen:
    """Return the draft with the files that the network takes, as it takes them."""
    draft = replace(draft, media=adapter.pick(draft))
    notes = _left_out(adapter, content.files, draft.media)
    limits = adapter.limits_for(draft)
    described = [_described(item, draft.settings) for item in draft.media]
    taken = [
        item if _alt_text_chars(limits, item) else replace(item, alt_text="") for item in described
    ]
    if taken != described:
        notes.append(f"{adapter.name} gets no alt texts; it has none for these files.")
    draft = replace(draft, media=tuple(taken))
    media = tuple(
        replace(item, form=adapter.form(draft, item) or item.form) for item in draft.media
    )
    return Frozen(replace(draft, media=media), tuple(notes))


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out options that are null, which means the same as leaving them out."""
    return {name: value for name, value in settings.items() if value is not None}


def _left_out(
    adapter: Adapter, files: Sequence[drafts.Media], picked: Iterable[drafts.Media]
) -> list[str]:
    kinds, kept = {item.kind for item in files}, {item.kind for item in picked}
    if kinds == kept:
        return []
    sent = "the video" if "video" in kept else "the images"
    if {"image", "video"} <= set(adapter.limits.kinds):
        return [f"{adapter.name} gets only {sent}; a post there has images or a video, not both."]
    missed = "videos" if "image" in kept else "images"
    return [f"{adapter.name} gets only {sent}; it accepts no {missed}."]


def _described(item: drafts.Media, settings: Mapping[str, Any]) -> drafts.Media:
    """With the platform's own `altText` where the file has none. Networks without that option have
    refused it before."""
    if item.kind == "image" and not item.alt_text and settings.get("altText"):
        return replace(item, alt_text=settings["altText"])
    return item


def _alt_text_chars(limits: platform_limits.Limits, item: drafts.Media) -> int:
    rule = {"image": limits.image, "video": limits.video}.get(item.kind)
    return rule.alt_text_chars if rule else 0


def files(media: Iterable[Media], alt_texts: Mapping[uuid.UUID, str]) -> tuple[drafts.Media, ...]:
    """Return files in the form that drafts hold."""
    return tuple(file(item, alt_texts.get(item.pk, "")) for item in media)


def file(media: Media, alt_text: str = "") -> drafts.Media:
    """Return a stored file for a draft, sent without metadata unless the workspace keeps it."""
    kind: platform_limits.MediaKind = media.kind  # type: ignore[assignment]
    return drafts.Media(
        key=media.storage_key,
        kind=kind,
        content_type=media.content_type,
        filename=media.filename,
        size_bytes=media.size_bytes,
        width=media.width,
        height=media.height,
        duration_seconds=media.duration_seconds,
        video_codec=media.video_codec,
        audio_codec=media.audio_codec,
        frames_per_second=media.frames_per_second,
        index_first=media.index_first,
        frames=media.frames,
        pages=media.pages,
        alt_text=alt_text,
        form=platform_limits.Form(media.content_type) if media.is_stripped else None,
    )
