"""Profiles as we keep them; as JSON for the moment between the network's answer and the choice."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from destinations.state import sanitize
from platforms.oauth import Profile, Tokens

TIMES = ("expires_at", "refresh_expires_at")
NAMES = ("name", "username", "display_name", "avatar_url")


def fit(profile: Profile) -> Profile:
    """With names that an account's columns hold, and that a page can show."""
    return replace(profile, **sanitize.fit({name: getattr(profile, name) for name in NAMES}))


def as_json(profile: Profile) -> dict[str, Any]:
    """Holds the tokens: to be encrypted."""
    found = asdict(profile)
    for name in TIMES:
        at = found["tokens"][name]
        found["tokens"][name] = at and at.isoformat()
    return found


def from_json(data: Mapping[str, Any]) -> Profile:
    tokens = dict(data["tokens"])
    for name in TIMES:
        tokens[name] = tokens[name] and datetime.fromisoformat(tokens[name])
    tokens["scopes"] = tuple(tokens["scopes"])
    return Profile(**{**data, "tokens": Tokens(**tokens)})
