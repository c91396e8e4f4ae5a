"""How long X counts a text, and what it takes for a link.

Source: twitter-text configuration v3 and its conformance cases; developer documentation of X,
"Counting characters" (read 2026-11-24). Top-level domains: `tlds.txt`, ASCII ones of the Public
Suffix List of 2026-10-23; an unknown new one is counted as plain text.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

URL_WEIGHT = 23
EMOJI_WEIGHT = 2
#: Code points that weigh 1; all others weigh 2.
LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_TLDS = frozenset((Path(__file__).parent / "tlds.txt").read_text("ascii").split())

_LETTER = r"a-z0-9\u00a1-\u1fff\u2070-\u2fff\u3040-\U0010ffff"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}_-]{{0,61}}[{_LETTER}])?"
_ASCII_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_TOP = r"(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,63})"
_LETTERS = r"a-z0-9\u00c0-\u024f\u0400-\u04ff"
_GROUP = rf"\([{_LETTERS}!*';:=+,.$%#\[\]~@&|/_-]*\)"
_URL = re.compile(
    # Not in the middle of a word, of an address, or behind the signs of a tag or a name.
    r"(?<![a-z0-9@$#\uff20\uff03\u202a-\u202e])"
    rf"(?:(?P<protocol>https?://)(?P<domain>(?:{_LABEL}\.){{1,20}}{_TOP})"
    rf"|(?P<bare>(?:{_ASCII_LABEL}\.){{1,20}}[a-z]{{2,63}}))"
    r"(?![a-z0-9@+-])"
    r"(?::\d+)?"
    rf"(?:/(?:(?:{_GROUP}|[{_LETTERS}!*';:=+,.$%#\[\]~@&|/_-])*(?:{_GROUP}|[{_LETTERS}=_#/+-]))?)?"
    rf"(?:\?[{_LETTERS}!?*'();:&=+$/%#\[\]._,~@|-]*[{_LETTERS}_&=#/$+-])?",
    re.IGNORECASE,
)
#: Without a protocol a link does not start right behind these.
_NOT_BEFORE_BARE = frozenset("-_./")

_BASE = (
    "[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff]"
)
_ONE = f"{_BASE}[\ufe0f\U0001f3fb-\U0001f3ff]*[\U000e0020-\U000e007f]*"
_EMOJI = re.compile(
    "[#*0-9]\ufe0f?\u20e3"  # keycaps
    "|[\U0001f1e6-\U0001f1ff]{2}"  # flags
    "|[©®]\ufe0f"
    f"|{_ONE}(?:\u200d{_ONE})*"
    "|[\U0001f3fb-\U0001f3ff]"
)


def weighted_length(text: str) -> int:
    """The weight of a text; X takes 280, whatever media it carries."""
    text = unicodedata.normalize("NFC", text)
    total, end = 0, 0
    for first, last in url_spans(text):
        total += _plain_weight(text[end:first]) + URL_WEIGHT
        end = last
    return total + _plain_weight(text[end:])


def url_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the links of a text begin and end."""
    at = 0
    while found := _URL.search(text, at):
        first, at = found.span()
        domain = found["domain"] or found["bare"]
        known = _known_part(domain, bare=bool(found["bare"]))
        if known != domain:
            # The text goes on behind the last known part: `example.com.Hello` links example.com.
            at = first + len(found["protocol"] or "") + len(known or domain)
        if known and not (found["bare"] and text[max(first - 1, 0) : first] in _NOT_BEFORE_BARE):
            yield first, at


def _known_part(domain: str, *, bare: bool) -> str:
    """The longest beginning of a domain that ends in a top-level domain; empty if none does."""
    labels = domain.split(".")
    while len(labels) > 1:
        last = labels[-1].lower()
        foreign = not bare and (not last.isascii() or last.startswith("xn--"))
        if last in _TLDS or foreign:
            return ".".join(labels)
        labels.pop()
    return ""


def _plain_weight(text: str) -> int:
    emoji = _EMOJI.findall(text)
    rest = _EMOJI.sub("", text) if emoji else text
    if rest.isascii():
        return len(rest) + EMOJI_WEIGHT * len(emoji)
    return EMOJI_WEIGHT * len(emoji) + sum(_weight(ord(character)) for character in rest)


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
