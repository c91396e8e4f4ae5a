"""Count a post as Mastodon does.

Source: config/initializers/twitter_regex.rb, app/lib/extractor.rb, app/models/account.rb and
app/validators/status_length_validator.rb of Mastodon on GitHub (read 2026-12-03).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from deploy.simulator.measures import LATIN, URL_CHARS, Dialect, graphemes

URL_PLACEHOLDER = 23
DOMAIN_CHARS = 253
#: As Ruby has them.
WORD_CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Pc"]
_WHITE = r"\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_UNICODE = "".join(
    f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 17) if plane != 14
)
_WORDS = f"\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef{_UNICODE}\U000e1000-\U000efffd"
#: The list of twitter-text 3.1 is of March 2020.
NEW_TLDS = (
    "amazon hotel kids merck music spa web ישראל السعوديه السعودیة السعودیۃ اليمن ايران سوريا "
    "پاكستان アマゾン 亚马逊 澳门 臺灣"
)
DIALECT = Dialect(
    protocols="https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini",
    in_path=rf"^{_WHITE}<>()?",
    ends_path=rf"^{_WHITE}()?!*\"'「」<>;:=,.$%\[\]~&|@",
    in_last_brackets=rf"a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~&|@{LATIN}",
    in_query=rf"a-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@\^{_WORDS}",
    ends_query=rf"a-z0-9_&=#/\-{_WORDS}",
    unknown_tlds=frozenset(NEW_TLDS.split()),
)
_MENTION = re.compile(r"@([a-zA-Z0-9_]+(?:[.-]+[a-zA-Z0-9_]+)*)@")
_SHORT = re.compile(r"https?://t\.co/([a-z0-9]+)", re.IGNORECASE)
_find = cache(DIALECT.pattern)


def length(words: str) -> int:
    """Return the characters of a text, each link as 23 and each mention without its server."""
    pieces, end = [], 0
    for first, last, counted in sorted((*_links(words), *_mentions(words))):
        if first >= end:
            pieces += [words[end:first], counted]
            end = last
    return graphemes("".join([*pieces, words[end:]]))


def _links(words: str) -> Iterator[tuple[int, int, str]]:
    for found in _find().finditer(words):
        first, last = found.span("url")
        if short := _SHORT.match(words, first, last):
            last = short.end()
        if found["protocol"] and last - first <= URL_CHARS and _has_ascii_name(found["domain"]):
            yield first, last, "-" * URL_PLACEHOLDER


def _has_ascii_name(domain: str) -> bool:
    try:
        domain.encode("idna")
    except UnicodeError:
        return False
    return all(unicodedata.ucd_3_2_0.category(char) != "Cn" for char in domain)


def _mentions(words: str) -> Iterator[tuple[int, int, str]]:
    for found in _MENTION.finditer(words):
        before = words[found.start() - 1 : found.start()]
        last = found.end()
        while last < len(words) and (words[last] in ".-" or _is_word(words[last])):
            last += 1
        domain = words[found.end() : last].rstrip(".-")
        last = found.end() + len(domain)
        ends = not words.startswith(("@", "\uff20", "://"), last)
        starts = before not in ("=", "/") and not (before and _is_word(before))
        if starts and ends and domain and domain[0] not in ".-" and len(domain) <= DOMAIN_CHARS:
            yield found.start(), last, f"@{found[1]}"


def _is_word(char: str) -> bool:
    return unicodedata.category(char) in WORD_CATEGORIES
