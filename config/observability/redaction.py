"""Remove secrets from everything that is logged."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from platforms.http.redaction import MASK, SHAPES, Secret
from platforms.registry import APPS

#: Names whose values are always secrets.
SECRET_NAME = re.compile(
    r"authorization|cookie|password|passwd|secret|credential|token|api[-_]?key|signature", re.I
)

#: Secrets in texts.
SECRETS = (
    # Our own keys: their prefix tells whose, as the admin shows it.
    Secret(("pe_live_",), re.compile(r"\b(pe_live_[a-f0-9]{4})[a-f0-9]+"), r"\1…"),
    # Tokens, codes and secrets of OAuth, also cut.
    Secret(
        ("pe_access_", "pe_refresh_", "pe_code_", "pe_client_"),
        re.compile(r"\bpe_(?:access|refresh|code|client)_[a-f0-9]+"),
    ),
    # user:password@ of an address.
    Secret(("@",), re.compile(r"(?<=://)[^\s/@]+@"), f"{MASK}@"),
    # name=value and "name": "value".
    Secret(
        ("token", "secret", "password", "signature", "apikey", "api_key", "credential", "?", "&"),
        re.compile(
            # From the beginning of a word, once: words of many such parts cost no more than others.
            r"(?P<name>(?<![\w-])(?>[\w-]*?(?:token|secret|password|signature|api_?key|credential))"
            r"[\w-]*+[\"']?"
            r"|[?&](?:code|sig|key|state))"
            r"(?P<is>\s*[=:]\s*[\"']?)(?!\[redacted\]|Bearer )[^\s\"'&,;})]+",
            re.I,
        ),
        rf"\g<name>\g<is>{MASK}",
    ),
    # Fernet tokens and webhook secrets, also cut, and what the networks' secrets look like.
    Secret(("gAAAA",), re.compile(r"\bgAAAA[\w-]{8,}=*")),
    Secret(("whsec_",), re.compile(r"\bwhsec_\S+")),
    # An upload's address is the right to upload, a link's the right to connect an account, or to
    # see a post and decide about it. Only
    # the steps that follow a link are shown, whose addresses open nothing.
    Secret(
        ("/uploads", "/connect", "/share", "%2fuploads", "%2fconnect", "%2fshare"),
        re.compile(
            rf"(?P<door>(?:/|%2f)(?:uploads|connect|share)(?:/|%2f)+)"
            rf"(?!(?:(?:{'|'.join(APPS)})/return|[0-9]+/(?:form|choice|done))(?:[\s?\"',]|$))"
            rf"(?!\[redacted\])[^\s\"'?,]+",
            re.I,
        ),
        rf"\g<door>{MASK}",
    ),
    # A calendar's address opens it. Dates, in addresses of other pages, are shorter.
    Secret(
        ("/calendar", "%2fcalendar"),
        re.compile(r"(?P<door>(?:/|%2f)calendar(?:/|%2f)+)[\w-]{16,}", re.I),
        rf"\g<door>{MASK}",
    ),
    *SHAPES,
)
#: A text with none of these holds no secret.
MARKS = tuple(m for s in SECRETS for m in s.marks)


#: Every line of JSON with a name whose value is a secret has one of these.
NAME_MARKS = (
    *("authorization", "cookie", "passw", "secret", "credential", "token"),
    *("api-key", "api_key", "apikey", "signature"),
)


def is_clean(line: str) -> bool:
    """Return whether a line of JSON holds no secret, found without taking it apart.

    Each value stands in it as it is, unless something is escaped; then it is not said to be clean.
    """
    if not line.isascii() or "\\" in line or _holds(NAME_MARKS, line):
        return False
    both = f"{line}\n{line.lower()}"
    marked = (each for each in SECRETS if any(map(both.__contains__, each.marks)))
    return not any(each.pattern.search(line) for each in marked)


def may_hold_secret(words: str) -> bool:
    """Return whether a text must be searched for secrets; most need not."""
    # Patterns that ignore case take some letters of other alphabets for ours.
    return not words.isascii() or _holds(MARKS, words)


def text(words: str) -> str:
    """Return the words without what looks like a secret."""
    if not may_hold_secret(words):
        return words
    for secret in SECRETS:
        if not words.isascii() or _holds(secret.marks, words):
            words = secret.pattern.sub(secret.replacement, words)
    return words


def _holds(marks: Iterable[str], words: str) -> bool:
    return any(map(f"{words}\n{words.lower()}".__contains__, marks))


@lru_cache(maxsize=1024)
def _is_secret_name(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def value(found: Any) -> Any:
    """Return the value redacted at any depth; objects become their redacted text."""
    if found is None or isinstance(found, bool | int | float):
        return found
    if isinstance(found, Mapping):
        return {str(name): _named(str(name), inner) for name, inner in found.items()}
    if isinstance(found, list | tuple | set | frozenset):
        return [value(inner) for inner in found]
    return text(str(found))


def _named(name: str, inner: Any) -> Any:
    # A number beside such a name is a count or a limit: tokens_left, token_bytes.
    is_number = isinstance(inner, bool | int | float | None)
    return MASK if inner and not is_number and _is_secret_name(name) else value(inner)
