"""Profiles as JSON, for the moment between the network's answer and a person's choice."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from platforms.oauth import Profile, Tokens

TIMES = ("expires_at", "refresh_expires_at")


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
