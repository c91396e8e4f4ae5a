"""The hashtags that a post asks for. `Post.hashtags` keeps them as `said`, beside those added."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class HashtagRequest:
    """A post's own hashtag options; None: not given. Empty `set_ids`: add no hashtags at all."""

    set_ids: tuple[uuid.UUID, ...] | None = None
    place: str | None = None
    use_defaults: bool | None = None
    #: For posts that are made of other ones: sets that were deleted since are left out.
    skips_unknown: bool = False

    def after(self, before: "HashtagRequest") -> "HashtagRequest":
        """Return this wish, and what another one says where it says nothing."""
        return HashtagRequest(
            before.set_ids if self.set_ids is None else self.set_ids,
            before.place if self.place is None else self.place,
            before.use_defaults if self.use_defaults is None else self.use_defaults,
            self.skips_unknown,
        )

    def as_json(self) -> dict[str, Any] | None:
        """Return None if nothing is said."""
        found = {
            "set_ids": None if self.set_ids is None else [str(key) for key in self.set_ids],
            "place": self.place,
            "use_defaults": self.use_defaults,
        }
        said = {name: value for name, value in found.items() if value is not None}
        return said or None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None, *, skips_unknown: bool = False) -> Self:
        stored = stored or {}
        ids = stored.get("set_ids")
        return cls(
            None if ids is None else tuple(map(uuid.UUID, ids)),
            stored.get("place"),
            stored.get("use_defaults"),
            skips_unknown,
        )


NOTHING_SAID = HashtagRequest()


def stored_request(hashtags: Mapping[str, Any] | None) -> HashtagRequest:
    """Return what a post said, from its column."""
    return HashtagRequest.of(hashtags["said"]) if hashtags else NOTHING_SAID


def said(hashtags: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a post says, from its column, by the names of the API; null: nothing."""
    wish = (hashtags["said"] if hashtags else None) or {}
    return {
        "hashtag_set_ids": wish.get("set_ids"),
        "hashtags_in": wish.get("place"),
        "use_defaults": wish.get("use_defaults"),
    }
