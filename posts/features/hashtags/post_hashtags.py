"""Choose what a post takes of hashtag sets and defaults.

A post keeps what it took: a set or a default that is changed or deleted later changes no post that
is written already, and none that was approved.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from posts.composing.hashtag_request import NOTHING_SAID, HashtagRequest
from posts.features.hashtags import defaults, sets
from posts.features.hashtags.defaults import TEXT, Defaults
from posts.features.hashtags.models import HashtagSet


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

    wish: HashtagRequest = NOTHING_SAID
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
        wish = self.wish.as_json()
        return {"said": wish, "added": added} if wish or added else None

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


def choose(workspace_id: uuid.UUID, wish: HashtagRequest) -> PostHashtags:
    """Return what a post with this wish takes now. Raises RequestRefused for sets that are none."""
    usual = _usual(workspace_id, wish)
    return PostHashtags(
        _kept(wish),
        wish.place or usual.hashtags_in,
        _groups(workspace_id, wish, usual),
        usual.first_comment,
    )


def choose_again(
    workspace_id: uuid.UUID, before: PostHashtags, wish: HashtagRequest
) -> PostHashtags:
    """Choose for a post that is changed. Options missing from the request stay as they were."""
    whole = wish.after(before.wish)
    usual = _usual(workspace_id, whole)
    is_about_defaults = wish.use_defaults is not None
    found = replace(before, wish=_kept(whole), place=whole.place or before.place)
    if wish.set_ids is not None or (is_about_defaults and whole.set_ids is None):
        place, groups = whole.place or usual.hashtags_in, _groups(workspace_id, whole, usual)
        found = replace(found, place=place, groups=groups)
    return replace(found, first_comment=usual.first_comment) if is_about_defaults else found


def _usual(workspace_id: uuid.UUID, wish: HashtagRequest) -> Defaults:
    return Defaults() if wish.use_defaults is False else defaults.of(workspace_id)


def _groups(
    workspace_id: uuid.UUID, wish: HashtagRequest, usual: Defaults
) -> tuple[HashtagGroup, ...]:
    if wish.set_ids is None:
        return (HashtagGroup(usual.hashtags),) if usual.hashtags else ()
    rows = sets.named(workspace_id, wish.set_ids, skips_unknown=wish.skips_unknown)
    return tuple(map(HashtagGroup.of, rows))


def _kept(wish: HashtagRequest) -> HashtagRequest:
    return replace(wish, skips_unknown=False)
