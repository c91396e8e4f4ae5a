"""Finds links in a text, and adds parameters to them."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

#: Links as networks find them, up to white space, quotes and angle brackets.
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


def pieces(text: str) -> list[str]:
    """Return the text in pieces: each second one, from the second on, is a link."""
    found, end = [], 0
    for match in _LINK.finditer(text):
        link = _without_trailing(match[0])
        found += [text[end : match.start()], link]
        end = match.start() + len(link)
    return [*found, text[end:]]


def _without_trailing(link: str) -> str:
    # Counted once: a link may be as long as a body, and be brackets only.
    counts = {sign: link.count(sign) for pair in _PAIRS.items() for sign in pair}
    end = len(link)
    while end:
        last = link[end - 1]
        is_unpaired = last in _PAIRS and counts[last] > counts[_PAIRS[last]]
        if not is_unpaired and last not in _TRAILING:
            break
        if last in _PAIRS:
            counts[last] -= 1
        end -= 1
    return link[:end]


def host(link: str) -> str:
    """Return the host in lower case; blank if the link has none."""
    try:
        return (urlsplit(link).hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_within(link: str, domains: tuple[str, ...]) -> bool:
    """Return whether the link's host is one of the domains, or below one."""
    name = host(link)
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def with_parameters(link: str, parameters: Mapping[str, str]) -> str:
    """Return the link with the parameters that it lacks; the rest stays byte for byte."""
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
