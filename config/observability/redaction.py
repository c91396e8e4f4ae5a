"""Remove secrets from everything that is logged."""

import re
from collections.abc import Mapping
from typing import Any

from platforms.http.redaction import MASK, SHAPES
from platforms.registry import APPS

#: Names whose values are always secrets.
SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|credential|token|api[-_]?key|signature", re.I
)

#: Patterns of secrets, and what replaces them.
SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Our own keys: their prefix tells whose, as the admin shows it.
    (re.compile(r"\b(pe_live_[a-f0-9]{4})[a-f0-9]+"), r"\1…"),
    # user:password@ of an address.
    (re.compile(r"(?<=://)[^\s/@]+@"), f"{MASK}@"),
    # name=value and "name": "value".
    (
        re.compile(
            r"(?P<name>\b[\w-]*(?:token|secret|password|signature|api_?key|credential)[\w-]*[\"']?"
            r"|[?&](?:code|sig|key|state))"
            r"(?P<is>\s*[=:]\s*[\"']?)(?!\[redacted\]|Bearer )[^\s\"'&,;})]+",
            re.I,
        ),
        rf"\g<name>\g<is>{MASK}",
    ),
    # Fernet tokens and webhook secrets, also cut, and what the networks' secrets look like.
    (re.compile(r"\bgAAAA[\w-]{8,}=*"), MASK),
    (re.compile(r"\bwhsec_\S+"), MASK),
    # An upload's address is the right to upload, a link's the right to connect an account. Only
    # the steps that follow a link are shown, whose addresses open nothing.
    (
        re.compile(
            rf"(?P<door>(?:/|%2f)(?:uploads|connect)(?:/|%2f)+)"
            rf"(?!(?:(?:{'|'.join(APPS)})/return|[0-9]+/(?:choice|done))(?:[\s?\"',]|$))"
            rf"(?!\[redacted\])[^\s\"'?,]+",
            re.I,
        ),
        rf"\g<door>{MASK}",
    ),
    *SHAPES,
)


def text(words: str) -> str:
    """The same words without what looks like a secret."""
    for pattern, replacement in SECRETS:
        words = pattern.sub(replacement, words)
    return words


def value(found: Any) -> Any:
    """The same value, redacted at any depth; objects become their redacted text."""
    if found is None or isinstance(found, bool | int | float):
        return found
    if isinstance(found, Mapping):
        return {str(name): _named(str(name), inner) for name, inner in found.items()}
    if isinstance(found, list | tuple | set | frozenset):
        return [value(inner) for inner in found]
    return text(str(found))


def _named(name: str, inner: Any) -> Any:
    # A number beside such a name is a count or a limit: tokens_left, token_bytes.
    is_secret = SECRET_NAME.search(name) and not isinstance(inner, bool | int | float | None)
    return MASK if is_secret and inner else value(inner)
