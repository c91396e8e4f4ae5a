"""Lengths and links of a text, for the simulator alone: adapters measure by code of their own.

So a mistake in either shows as a text that one takes and the other refuses. Patterns are those of
the sources, word for word where it is possible; visible characters are wcwidth's. The lists of
top-level domains and of emoji are data of IANA and Unicode, and shared.

Source: twitter-text 3.1, its patterns of URLs (read 2026-12-03).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import wcwidth

#: What a link follows; the position in the text that nothing precedes comes last.
_BEFORE = "(?:[^A-Za-z0-9@\uff20$#\uff03\ufffe\ufeff\uffff]|\\A)"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
#: As the library for Ruby has them.
NO_DOMAIN = rf"!\"#$%&'()*+,\-./:;<=>?@\[\]\^_`{{|}}~\x00-\x1f\x7f{_DIRECTIONS}{_SPACES}"
#: As that for JavaScript has them.
NO_DOMAIN_JS = rf"!'#%&()*+,\\\-./:;<=>?@\[\]\^_{{|}}~${_DIRECTIONS}{_SPACES}"
LATIN = (
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
URL_CHARS = 4096


def graphemes(text: str) -> int:
    """Return the number of visible characters."""
    return sum(1 for _ in wcwidth.iter_graphemes(text))


def utf16_units(text: str) -> int:
    return sum(2 if char > "\uffff" else 1 for char in text)


@cache
def words(package: str, name: str) -> tuple[str, ...]:
    """Return the words of a list, the longest first."""
    known = (resources.files(package) / name).read_text("utf-8").split()
    return tuple(sorted(known, key=len, reverse=True))


def top_level(unknown: frozenset[str] = frozenset()) -> str:
    """Return the pattern of a top-level domain that is none of these."""
    known = (tld for tld in words("platforms.text", "tlds.txt") if tld not in unknown)
    return rf"(?:(?:{'|'.join(map(re.escape, known))})(?![0-9A-Za-z@+-])|xn--[-0-9a-z]+)"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The parts of a link in a network's own reading of twitter-text, as classes of characters."""

    protocols: str
    in_path: str
    ends_path: str
    #: What stands in the brackets that may end a path.
    in_last_brackets: str
    in_query: str
    ends_query: str
    unknown_tlds: frozenset[str] = frozenset()
    not_in_domain: str = NO_DOMAIN

    def pattern(self) -> re.Pattern[str]:
        """Return the pattern of a link, with the groups url, protocol, domain and path."""
        letter = f"[^{self.not_in_domain}\ufffe\ufeff\uffff]"
        label, name = rf"{letter}(?:{letter}|[_-])*", rf"{letter}(?:{letter}|-)*"
        ends = top_level(self.unknown_tlds)
        domain = rf"(?:{label}(?<![_-])\.)*{name}(?<!-)\.{ends}"
        last = _brackets(self.in_last_brackets)
        any_brackets = _brackets(self.in_path)
        path = rf"/(?:(?:[{self.in_path}]|{any_brackets})*(?:[{self.ends_path}]|{last}))?"
        query = rf"\?[{self.in_query}]*[{self.ends_query}]"
        return re.compile(
            rf"{_BEFORE}(?P<url>(?P<protocol>(?:{self.protocols})://)?(?P<domain>{domain})"
            rf"(?::[0-9]+)?(?P<path>{path})?(?:{query})?)",
            re.IGNORECASE,
        )


def _brackets(inner: str) -> str:
    return rf"\((?:[{inner}]+|[{inner}]*\([{inner}]+\)[{inner}]*)\)"
