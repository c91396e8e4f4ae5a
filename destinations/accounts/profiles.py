"""Profiles as stored: as JSON between the network's answer and the owner's choice."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from destinations.state import sanitize
from platforms.oauth import Profile, Tokens

TIMES = ("expires_at", "refresh_expires_at")
NAMES = ("name", "username", "display_name", "avatar_url")


def sanitized(profile: Profile) -> Profile:
    """Return the profile, with names that the columns of an account can hold."""
    return replace(profile, **sanitize.values({name: getattr(profile, name) for name in NAMES}))


def as_json(profile: Profile) -> dict[str, Any]:
    """Contains the tokens: encrypt it."""
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
