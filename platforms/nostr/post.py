"""The events of a draft: a note or a thread of notes, a picture, or an article.

Source: https://github.com/nostr-protocol/nips, 10.md (replies), 18.md (quotes), 23.md (articles),
36.md (warnings), 68.md (pictures), 92.md (files) (read 2026-12-01).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platforms.drafts import Draft, Media
from platforms.nostr import nip19, text
from platforms.nostr.events import ARTICLE, NOTE, PICTURE, Event, Key, tag_values
from platforms.nostr.nip19 import Entity

KINDS = {"Note": NOTE, "Picture": PICTURE, "Article": ARTICLE}
#: How many people a reply names of the post that it answers.
MOST_NAMED = 50
#: How much of a text is the title of a picture that has none.
TITLE_CHARS = 80
Tags = list[list[str]]


@dataclass(frozen=True, slots=True)
class About:
    """What a post needs beside its draft."""

    #: URL and hash of each file, by its key.
    files: Mapping[str, Mapping[str, str]]
    #: The event that it replies to.
    parent: Event | None
    #: One of the account's relays, where readers find what it names.
    relay: str
    #: The name under which an article stays the same when it is published anew.
    identifier: str


def texts(draft: Draft) -> tuple[str, ...]:
    """Return the texts of all parts, the post's own first."""
    return draft.text, *draft.settings.get("thread", ())


def kind_of(draft: Draft) -> int:
    return KINDS[draft.post_type or "Note"]


def title(draft: Draft) -> str:
    """Return the title; clients list pictures by it, so one without gets its text's first line."""
    if kind_of(draft) == PICTURE:
        first = draft.text.strip().partition("\n")[0][:TITLE_CHARS]
        return draft.settings.get("title") or first
    return draft.settings.get("title") or ""


def events(draft: Draft, key: Key, now: int, about: About) -> list[Event]:
    """Return the signed events of all parts, each a second after the one before."""
    kind = kind_of(draft)
    content, tags = _BUILDERS[kind](draft, about)
    tags += _common(draft, content)
    tags += [["published_at", str(now)]] if kind == ARTICLE else []
    made = [key.signed(kind, content, _once(tags), now)]
    root = _root(about.parent) if about.parent else made[0]["id"]
    for number, words in enumerate(texts(draft)[1:], 1):
        content = text.linked(words)
        reply = _reply(made[-1], root, about.relay)
        tags = [*reply, *_common(draft, content)]
        made.append(key.signed(NOTE, content, _once(tags), now + number))
    return made


def _note(draft: Draft, about: About) -> tuple[str, Tags]:
    quoted = text.code_of(draft.settings.get("quote") or "")
    urls = "\n".join(about.files[item.key]["url"] for item in draft.media)
    parts = (text.linked(draft.text), urls, f"nostr:{quoted}" if quoted else "")
    tags = [_imeta(item, about) for item in draft.media]
    if about.parent is not None:
        tags += _reply(about.parent, _root(about.parent), about.relay)
    return "\n\n".join(part for part in parts if part.strip()), tags


def _picture(draft: Draft, about: About) -> tuple[str, Tags]:
    tags = [["title", title(draft)], *(_imeta(item, about) for item in draft.media)]
    for item in draft.media:
        tags += [["m", item.content_type], ["x", about.files[item.key]["hash"]]]
    return text.linked(draft.text), tags


def _article(draft: Draft, about: About) -> tuple[str, Tags]:
    first, *others = [about.files[item.key]["url"] for item in draft.media] or [""]
    shown = [
        f"![{' '.join(item.alt_text.split()).translate(_NO_BRACKETS)}]({url})"
        for item, url in zip(draft.media[1:], others, strict=True)
    ]
    settings = draft.settings
    tags = [["d", about.identifier], ["title", title(draft)]]
    tags += [["summary", settings["summary"]]] if settings.get("summary") else []
    tags += [["image", first]] if first else []
    tags += [_imeta(item, about) for item in draft.media]
    return "\n\n".join((text.linked(draft.text), *shown)), tags


_NO_BRACKETS = str.maketrans("", "", "[]")
_BUILDERS = {NOTE: _note, PICTURE: _picture, ARTICLE: _article}


def _common(draft: Draft, content: str) -> Tags:
    """Return the tags of what a text names, of hashtags and of a warning."""
    tags = [tag for entity in text.entities(content) for tag in _named(entity)]
    own = (each.lstrip("#").lower() for each in draft.settings.get("hashtags") or ())
    tags += [["t", tag] for tag in (*text.hashtags(content), *own)]
    warning = draft.settings.get("contentWarning")
    return [*tags, *([["content-warning", warning]] if warning else [])]


def _named(entity: Entity) -> Tags:
    if entity.is_profile:
        return [["p", entity.value]]
    if entity.prefix == "naddr":
        address = f"{entity.kind}:{entity.author}:{entity.value}"
        return [["q", address, ""], ["p", entity.author]]
    if not entity.author:
        return [["q", entity.value, ""]]
    return [["q", entity.value, "", entity.author], ["p", entity.author]]


def _imeta(item: Media, about: About) -> list[str]:
    stored = about.files[item.key]
    facts = [f"url {stored['url']}", f"m {item.content_type}", f"x {stored['hash']}"]
    facts.append(f"size {item.size_bytes}")
    if item.width and item.height:
        facts.append(f"dim {item.width}x{item.height}")
    if item.alt_text:
        facts.append(f"alt {item.alt_text}")
    return ["imeta", *facts]


def _reply(parent: Event, root: str, relay: str) -> Tags:
    """Return the tags of a reply: the first post of its thread, the one it answers, and people."""
    tags = [["e", root, relay, "root"]]
    if parent["id"] == root:
        tags[0].append(parent["pubkey"])
    else:
        tags.append(["e", parent["id"], relay, "reply", parent["pubkey"]])
    people = [parent["pubkey"], *(values[0] for values in tag_values(parent, "p"))]
    return [*tags, *(["p", each] for each in people[:MOST_NAMED])]


def _root(event: Event) -> str:
    """Return the id of the first post of an event's thread, which may be the event itself."""
    named = tag_values(event, "e")
    marked = [values[0] for values in named if len(values) > 2 and values[2] == "root"]
    # Older posts mark nothing: then the first is the root.
    unmarked = [values[0] for values in named if len(values) <= 2 or not values[2]]
    return next(iter((*marked, *unmarked)), str(event["id"]))


def _once(tags: Sequence[list[str]]) -> Tags:
    """Return the tags without those whose name and value are there already."""
    kept: dict[tuple[str, ...], list[str]] = {}
    for tag in tags:
        known = tuple(tag[:2]) if tag[0] in ("p", "q", "t", "m", "x") else tuple(tag)
        kept.setdefault(known, tag)
    return list(kept.values())


def address(event: Mapping[str, Any]) -> str:
    """Return the public link of an event."""
    return f"https://njump.me/{nip19.nevent(event['id'], event['pubkey'])}"
