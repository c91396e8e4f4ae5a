"""Finds links in a text, and adds parameters to them."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlsplit

#: As networks find them, up to white space, quotes and angle brackets.
_LINK = re.compile(r"https?://[^\s<>\"'«»“”`|\\^{}]+", re.IGNORECASE)
#: They end a sentence rather than a link.
_TRAILING = ".,;:!?…*_~"
_PAIRS = {")": "(", "]": "["}
#: Links that are short already.
SHORT_HOSTS = frozenset(
    {
        "bit.ly",
        "buff.ly",
        "dlvr.it",
        "dub.sh",
        "fb.me",
        "goo.gl",
        "ift.tt",
        "is.gd",
        "j.mp",
        "lnkd.in",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "short.io",
        "t.co",
        "t.ly",
        "tiny.cc",
        "tinyurl.com",
        "youtu.be",
    }
)


def replaced(text: str, by: Callable[[str], str]) -> str:
    """The text with each link replaced by what `by` makes of it."""

    def one(found: re.Match[str]) -> str:
        link = _without_trailing(found[0])
        return by(link) + found[0][len(link) :]

    return _LINK.sub(one, text)


def _without_trailing(link: str) -> str:
    while link:
        last = link[-1]
        is_unpaired = last in _PAIRS and link.count(last) > link.count(_PAIRS[last])
        if not is_unpaired and last not in _TRAILING:
            break
        link = link[:-1]
    return link


def host(link: str) -> str:
    """In lower case; blank if the link has none."""
    try:
        return (urlsplit(link).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_within(link: str, domains: tuple[str, ...]) -> bool:
    """Whether the link's host is one of the domains, or below one."""
    name = host(link)
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def with_parameters(link: str, parameters: Mapping[str, str]) -> str:
    """The link with those parameters that it does not have; the rest of it stays byte for byte."""
    rest, hash_sign, fragment = link.partition("#")
    path, _, query = rest.partition("?")
    known = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    added = [
        f"{name}={quote(value, safe='')}"
        for name, value in parameters.items()
        if value and name not in known
    ]
    if not added:
        return link
    whole = "&".join([query.rstrip("&"), *added] if query else added)
    return f"{path}?{whole}{hash_sign}{fragment}"
