"""Links and mentions in a text, as servers find them: only those do not count by their length.

Source: Mastodon's changes of twitter-text 3.1 and its validator of lengths, with the cases that it
is tested by, on GitHub: config/initializers/twitter_regex.rb, app/lib/extractor.rb,
app/models/account.rb and app/validators/status_length_validator.rb (read 2026-12-03).
"""

import re
import stringprep
import unicodedata
from collections.abc import Iterator
from itertools import takewhile

from platforms.text.links import LinkRules, url_spans

#: No label holds punctuation, spaces, noncharacters or signs of direction.
_LABEL = (
    r"(?:[^!\"#$%&'()*+,\-./:;<=>?@\[\]^_`{|}~\x00-\x20\x7f"
    "\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    "\ufffe\ufeff\uffff\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069]|[_-])+"
)
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_WHITE = "\\t-\\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_IN_PATH = rf"[^{_WHITE}<>()?]"
_GROUP = rf"\((?:{_IN_PATH}++|{_IN_PATH}*+\({_IN_PATH}++\){_IN_PATH}*+)\)"
_ENDS_PATH = rf"[^{_WHITE}()?!*\"'\u300c\u300d<>;:=,.$%\[\]~&|@]"
#: A path may end with brackets only if they hold letters of Latin or Cyrillic, as twitter-text has.
_ENDING_CHARS = (
    r"a-zA-Z0-9!*';:=+,.$/%#\[\]_~&|@\-\u2013\u0400-\u04ff"
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_ENDING_GROUP = (
    rf"\((?:[{_ENDING_CHARS}]++|[{_ENDING_CHARS}]*+\([{_ENDING_CHARS}]++\)[{_ENDING_CHARS}]*+)\)"
)
_PLANES = "".join(
    f"{chr(first)}-{chr(first + 0xFFFD)}" for first in range(0x10000, 0x110000, 0x10000)
).replace("\U000e0000-", "\U000e1000-")
_WORDS = f"\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\uffef{_PLANES}"
_IN_QUERY = rf"[a-zA-Z0-9!?*'();:&=+$/%#\[\]_.,~|@^\-{_WORDS}]"
_REST = re.compile(
    rf"(?::[0-9]+)?(?P<path>/(?:(?:{_GROUP}|{_IN_PATH})*(?:{_ENDING_GROUP}|{_ENDS_PATH}))?)?"
    rf"(?:\?{_IN_QUERY}*[a-zA-Z0-9_&=#/\-{_WORDS}])?"
)
_PROTOCOL = re.compile(
    r"(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://\Z", re.IGNORECASE | re.ASCII
)
_SHORT = re.compile(r"https?://t\.co/([a-zA-Z0-9]+)", re.IGNORECASE | re.ASCII)
#: Those that came after March 2020, when Mastodon's list ends.
_NEW_TLDS = (
    "amazon hotel kids merck music spa web ישראל السعوديه السعودیة السعودیۃ اليمن ايران سوريا "
    "پاكستان アマゾン 亚马逊 澳门 臺灣"
)
_RULES = LinkRules(
    _HOST,
    _PROTOCOL,
    _REST,
    _SHORT,
    has_bare=False,
    unknown_tlds=frozenset(_NEW_TLDS.split()),
)
_DOMAIN = re.compile(r"[^/?:]+")
_MENTION = re.compile(r"(?<![=/])@([A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+)@([^\s@]++)")
_SERVER_CHARS = 253


def link_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each link that servers find in a text."""
    for first, last in url_spans(text, _RULES):
        host = _DOMAIN.match(text, text.index("://", first) + 3, last)
        if host and _has_ascii_form(host[0]):
            yield first, last


def shortened(text: str) -> tuple[str, int]:
    """Return a text whose mentions have no servers and whose links are dots, and how many links."""
    links = list(link_spans(text))
    found = [*((first, last, ".") for first, last in links), *_mentions(text)]
    pieces, end = [], 0
    for first, last, counted in sorted(found):
        if first >= end:
            pieces += [text[end:first], counted]
            end = last
    return "".join([*pieces, text[end:]]), len(links)


def without_servers(text: str) -> str:
    """Return a text whose mentions of accounts on other servers are without these."""
    pieces, end = [], 0
    for first, last, name in _mentions(text):
        pieces += [text[end:first], name]
        end = last
    return "".join([*pieces, text[end:]])


def _mentions(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start and end of each mention of an account on another server, and its name."""
    for found in _MENTION.finditer(text):
        server = "".join(takewhile(_is_of_server, found[2])).rstrip(".-")
        last = found.start(2) + len(server)
        follows = text[last : last + 3]
        is_cut = follows.startswith(("@", "\uff20")) or follows == "://"
        is_after_word = found.start() > 0 and _is_word(text[found.start() - 1])
        if 0 < len(server) <= _SERVER_CHARS and not (server[0] in ".-" or is_cut or is_after_word):
            yield found.start(), last, f"@{found[1]}"


def _is_of_server(char: str) -> bool:
    return char in ".-" or _is_word(char)


def _is_word(char: str) -> bool:
    """Return whether Ruby takes a character for a part of a word; Python knows no marks as such."""
    kind = unicodedata.category(char)
    return kind[0] in "LM" or kind in ("Nd", "Pc")


def _has_ascii_form(host: str) -> bool:
    """Return whether a domain can be written in ASCII by IDNA 2003, as of Unicode 3.2."""
    if host.isascii():
        return True
    try:
        return not any(map(stringprep.in_table_a1, host)) and bool(host.encode("idna"))
    except UnicodeError:
        return False
