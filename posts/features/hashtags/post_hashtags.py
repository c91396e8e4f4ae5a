"""Choose what a post takes of hashtag sets and defaults, and append it to a text.

A post keeps what it took: a set or a default that is changed or deleted later changes no post that
is written already, and none that was approved.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from unicodedata import category, normalize

from platforms.text import is_blank, nfc, outside_urls
from posts.composing.extensions.text_steps import NOTHING_SAID, HashtagRequest
from posts.features.hashtags import sets
from posts.features.hashtags.models import MOST_CHARS, HashtagSet
from posts.features.hashtags.sets import TEXT, Defaults


@dataclass(frozen=True, slots=True)
class HashtagGroup:
    """Hashtags for some networks; None: for all."""

    hashtags: tuple[str, ...]
    platforms: tuple[str, ...] | None = None

    @classmethod
    def of(cls, row: HashtagSet) -> Self:
        return cls(tuple(row.hashtags), None if row.platforms is None else tuple(row.platforms))

    def as_json(self) -> dict[str, Any]:
        return {
            "hashtags": list(self.hashtags),
            "platforms": None if self.platforms is None else list(self.platforms),
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        platforms = stored["platforms"]
        return cls(tuple(stored["hashtags"]), None if platforms is None else tuple(platforms))


@dataclass(frozen=True, slots=True)
class PostHashtags:
    """The additions to a post, and the request that they follow from."""

    options: HashtagRequest = NOTHING_SAID
    place: str = TEXT
    groups: tuple[HashtagGroup, ...] = ()
    first_comment: str = ""

    def on(self, platform: str) -> list[str]:
        """Return the hashtags for one network, in their order."""
        applied = [
            each for each in self.groups if each.platforms is None or platform in each.platforms
        ]
        return [tag for each in applied for tag in each.hashtags]

    def as_json(self) -> dict[str, Any] | None:
        """Return the value of Post.hashtags; None if nothing was said and nothing is added."""
        added: dict[str, Any] = {}
        if self.groups:
            groups = [each.as_json() for each in self.groups]
            added = {"groups": groups, "hashtags_in": self.place}
        if self.first_comment:
            added["first_comment"] = self.first_comment
        options = self.options.as_json()
        return {"said": options, "added": added} if options or added else None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self:
        if stored is None:
            return cls()
        added = stored["added"]
        return cls(
            HashtagRequest.of(stored["said"]),
            added.get("hashtags_in", TEXT),
            tuple(map(HashtagGroup.read, added.get("groups", ()))),
            added.get("first_comment", ""),
        )


def choose(workspace_id: uuid.UUID, options: HashtagRequest) -> PostHashtags:
    """Return what a post with these options takes. Raises RequestRefused for unknown sets."""
    usual = _usual(workspace_id, options)
    return PostHashtags(
        _kept(options),
        options.place or usual.hashtags_in,
        _groups(workspace_id, options, usual),
        usual.first_comment,
    )


def reapply(workspace_id: uuid.UUID, before: PostHashtags, options: HashtagRequest) -> PostHashtags:
    """Choose for a post that is changed. Options missing from the request stay as they were."""
    whole = options.after(before.options)
    usual = _usual(workspace_id, whole)
    is_about_defaults = options.use_defaults is not None
    found = replace(before, options=_kept(whole), place=whole.place or before.place)
    if options.set_ids is not None or (is_about_defaults and whole.set_ids is None):
        place, groups = whole.place or usual.hashtags_in, _groups(workspace_id, whole, usual)
        found = replace(found, place=place, groups=groups)
    return replace(found, first_comment=usual.first_comment) if is_about_defaults else found


def _usual(workspace_id: uuid.UUID, options: HashtagRequest) -> Defaults:
    return Defaults() if options.use_defaults is False else sets.defaults_of(workspace_id)


def _groups(
    workspace_id: uuid.UUID, options: HashtagRequest, usual: Defaults
) -> tuple[HashtagGroup, ...]:
    if options.set_ids is None:
        return (HashtagGroup(usual.hashtags),) if usual.hashtags else ()
    rows = sets.named(workspace_id, options.set_ids, skips_unknown=options.skips_unknown)
    return tuple(map(HashtagGroup.of, rows))


def _kept(options: HashtagRequest) -> HashtagRequest:
    return replace(options, skips_unknown=False)


SIGNS = ("#", "\uff03")
_SIGN = re.compile(r"(?<![\w&/])[#\uff03]")


def cleaned(text: str) -> str:
    """Return the hashtag without its sign, in Unicode's composed form. Raises ValueError."""
    word = nfc(text.strip())
    word = word[1:] if word.startswith(SIGNS) else word
    if not word or not all(map(_is_part, word)) or category(word[0])[0] == "M":
        raise ValueError("A hashtag has letters, digits and underscores only.")
    if not _has_letter(word):
        raise ValueError("A hashtag has at least one letter.")
    if len(word) > MOST_CHARS:
        raise ValueError(f"A hashtag has at most {MOST_CHARS} characters.")
    return word


def folded(tag: str) -> str:
    """Fold a tag, so that tags are equal that differ only in case or in the width of letters.

    The tag is in `nfc`, whose marks are in order: CPython sorts them in quadratic time.
    """
    return normalize("NFKC", normalize("NFKC", tag).casefold())


def in_text(text: str) -> Iterator[str]:
    """Yield the hashtags of a text, without their signs."""
    for sign in outside_urls(_SIGN, text):
        end = sign.end()
        while end < len(text) and _is_part(text[end]):
            end += 1
        if _has_letter(word := text[sign.end() : end]):
            yield word


def without_known(tags: Iterable[str], *texts: str) -> list[str]:
    """Return the tags in their order, each once, without those that a text has already."""
    known = {folded(tag) for text in texts for tag in in_text(nfc(text))}
    left: dict[str, str] = {}
    for tag in map(nfc, tags):
        if (name := folded(tag)) not in known:
            left.setdefault(name, tag)
    return list(left.values())


def appended(text: str, tags: Iterable[str]) -> str:
    """Return the text, a blank line, and the hashtags with their signs."""
    line = " ".join(f"#{tag}" for tag in tags)
    return line if is_blank(text) else f"{text.rstrip()}\n\n{line}"


def _is_part(character: str) -> bool:
    """Return whether it is a letter, a digit, an underscore, or a mark of the character before."""
    return character == "_" or category(character) in ("Nd", "Mn", "Mc") or _is_letter(character)


def _is_letter(character: str) -> bool:
    return category(character)[0] == "L"


def _has_letter(word: str) -> bool:
    return any(map(_is_letter, word))
