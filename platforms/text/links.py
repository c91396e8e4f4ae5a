"""Find what twitter-text takes for a link in a text, for the networks that count by it.

Source: twitter-text 3.1, its rules for URLs and its conformance cases (read 2026-11-24). They
are reproduced exactly, with their oddities, because every link counts 23 characters regardless of
its length. Top-level domains: `tlds.txt`, those of the Public Suffix List of 2026-10-23 and the
retired ones that twitter-text still knows; an unknown new one is plain text. `LinkRules` are what
a network has changed.

Domains are found by their dots in linear time, so a hostile text costs nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platforms.text import utf16_units

_TLDS = frozenset((Path(__file__).parent / "tlds.txt").read_text("utf-8").split())
_LONGEST_TLD = max(map(len, _TLDS))


def _tld_sizes() -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for tld in _TLDS:
        found.setdefault(tld[:2], set()).add(len(tld))
    return {start: tuple(sorted(sizes, reverse=True)) for start, sizes in found.items()}


#: The lengths of the top-level domains that start with these two letters, the longest first.
_TLD_SIZES = _tld_sizes()

#: No link directly follows these characters.
_NOT_BEFORE = re.compile("[A-Za-z0-9@\uff20$#\uff03\ufffe\ufeff\uffff]")
_NOT_AFTER_TLD = re.compile("[0-9a-zA-Z@+-]")
#: A domain after these characters, without a protocol, is no link.
_NOT_BEFORE_BARE = frozenset("-_./")

# No label holds punctuation, spaces, noncharacters or signs of direction.
_IN_LABEL = (
    r"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
    "\\x09-\\x0d\\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    "\ufffe\ufeff\uffff\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069]"
)
_LABEL = f"(?:{_IN_LABEL}|[_-])+"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PROTOCOL = re.compile(r"https?://\Z", re.IGNORECASE | re.ASCII)
#: The longest protocol before a domain, of any rules.
_PROTOCOL_CHARS = 9
_PUNYCODE_TLD = re.compile(r"[xX][nN]--[-0-9a-zA-Z]+")
_ACCENTED = (
    "\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    "\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_ASCII_HOST = re.compile(rf"[-a-zA-Z0-9{_ACCENTED}]+(?:\.[-a-zA-Z0-9{_ACCENTED}]+)*\.?")

_PATH_ENDS = rf"a-zA-Z0-9+_#/=\-{_ACCENTED}\u0400-\u04ff"
_IN_PATH = rf"[{_PATH_ENDS}!*';:,.$%\[\]\u2013~@|&]"
_GROUP = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"
_IN_QUERY = r"[a-zA-Z0-9!?*'@();:&=+$/%#\[\]_.,~|-]"
_QUERY = rf"\?{_IN_QUERY}*[a-zA-Z0-9_&=#/-]"
_REST = re.compile(
    rf"(?::[0-9]+)?(?P<path>/(?:(?:{_GROUP}|{_IN_PATH})*(?:{_GROUP}|[{_PATH_ENDS}]))?)?"
    rf"(?:{_QUERY})?"
)
_SHORT = re.compile(rf"https?://t\.co/([a-zA-Z0-9]+)(?:{_QUERY})?", re.IGNORECASE | re.ASCII)
_SHORT_NAME_CHARS = 40

URL_CHARS = 4096
_LABEL_CHARS = 63
_OTHER_DOTS = re.compile("[\u3002\uff0e\uff61]")


@dataclass(frozen=True, slots=True)
class LinkRules:
    """What a network changes of the links of twitter-text; by default nothing."""

    #: Matches labels with dots between them.
    host: re.Pattern[str] = _HOST
    #: Matches the protocol right before a domain, to its end.
    protocol: re.Pattern[str] = _PROTOCOL
    #: Matches what follows a domain, from its start; its group `path` is the path.
    rest: re.Pattern[str] = _REST
    #: Links of t.co, whose name is the first group and may be followed by nothing else.
    short: re.Pattern[str] = _SHORT
    #: Whether a domain without a protocol is a link.
    has_bare: bool = True
    #: Top-level domains that are newer than the network's list.
    unknown_tlds: frozenset[str] = frozenset()


TWITTER_TEXT = LinkRules()


@dataclass(frozen=True, slots=True)
class _Found:
    """A candidate for a link, with the positions of it and its domain in the text."""

    protocol: str
    first: int
    domain_first: int
    domain_last: int
    last: int
    has_path: bool


def url_spans(text: str, rules: LinkRules = TWITTER_TEXT) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each link in a text."""
    at = after = 0
    while host := rules.host.search(text, at):
        at = host.end()
        for found in _look_alikes(text, host, after, rules) if "." in host[0] else ():
            after = found.last
            at = max(at, after)
            if _fits(text, found):
                yield from _links(text, found, rules)


def _look_alikes(text: str, host: re.Match[str], after: int, rules: LinkRules) -> Iterator[_Found]:
    """Yield the candidates in a run of labels; at most one starts in each label.

    `after` is the end of the previous one.
    """
    first = start = host.start()
    labels = host[0].split(".")
    for label, (direct, beyond) in zip(labels, _reach(text, start, labels, rules), strict=True):
        last, end = beyond or direct, first + len(label)
        if last and end > after and label[-1] not in "-_":
            # The label right before the top-level domain has no underscore.
            low = first if beyond else first + label.rfind("_") + 1
            protocol = _protocol(text, start, after, rules) if low == start else ""
            begin = start if protocol else _begin(text, max(low, after), end, after)
            if begin < end:
                rest = rules.rest.match(text, last)
                assert rest is not None  # noqa: S101 - every part of it is optional
                after, path = rest.end(), bool(rest["path"])
                yield _Found(protocol, begin - len(protocol), begin, last, after, path)
        first = end + 1


def _reach(text: str, start: int, labels: list[str], rules: LinkRules) -> list[tuple[int, int]]:
    """Return for each label the end of a domain that ends, or goes on, with it; else 0.

    A domain is as long as possible: `example.com.Hello` ends after `com`.
    """
    reach = [(0, 0)]
    first = start + sum(map(len, labels)) + len(labels) - 1
    for following in labels[:0:-1]:
        first -= len(following)
        direct, beyond = reach[-1]
        whole = following[0] not in "-_" and following[-1] not in "-_"
        further = beyond or (0 if "_" in following else direct)
        ends = _top_level_end(text, first, len(following), rules.unknown_tlds)
        reach.append((ends, further if whole else 0))
        first -= 1
    return reach[::-1]


def _top_level_end(
    text: str,
    first: int,
    most_chars: int = _LONGEST_TLD,
    unknown: frozenset[str] = frozenset(),
) -> int:
    """Return the end of the top-level domain that starts here; 0 if none does."""
    start = text[first : first + 2].lower()
    for size in _TLD_SIZES.get(start, ()):
        if size > most_chars:
            continue
        word = text[first : first + size]
        lower = word.lower()
        is_listed = lower in _TLDS and lower not in unknown
        known = is_listed and lower.isascii() == word.isascii() and len(word) == size
        if known and not _NOT_AFTER_TLD.match(text, first + size):
            return first + size
    encoded = _PUNYCODE_TLD.match(text, first) if start == "xn" else None
    return encoded.end() if encoded else 0


def _protocol(text: str, start: int, after: int, rules: LinkRules) -> str:
    """Return the protocol before a domain, if a link may start with it."""
    found = rules.protocol.search(text, max(start - _PROTOCOL_CHARS, after), start)
    if found is None or text[start] in "-_" or not _may_begin(text, found.start(), after):
        return ""
    return found[0]


def _begin(text: str, low: int, end: int, after: int) -> int:
    """Return the first position from `low` where a link without protocol may start; else `end`."""
    if low == 0 and end > 1 and text[1] not in "-_" and not _NOT_BEFORE.match(text[0]):
        return 1
    fit = (at for at in range(low, end) if text[at] not in "-_" and _may_begin(text, at, after))
    return next(fit, end)


def _may_begin(text: str, at: int, after: int) -> bool:
    """Return whether the character before a position allows a link to start there."""
    return at == 0 or (at > after and not _NOT_BEFORE.match(text[at - 1]))


def _fits(text: str, found: _Found) -> bool:
    """Return whether the lengths fit, and a domain in punycode is valid."""
    domain = text[found.domain_first : found.domain_last]
    if domain.startswith("xn--") and not list(_ascii_domains(domain)):
        return False
    url = text[found.first : found.last]
    protocol = found.protocol or "https://"
    return len(protocol) + utf16_units(url) <= URL_CHARS and all(
        0 < _encoded_size(label) <= _LABEL_CHARS for label in domain.split(".")
    )


def _encoded_size(label: str) -> int:
    """Return the length of a label in the encoding of the domain name system."""
    if label.isascii() or len(label) > _LABEL_CHARS:
        return len(label)
    parts = _OTHER_DOTS.split(label)
    return len(".".join(p if p.isascii() else f"xn--{_punycode(p)}" for p in parts))


def _punycode(label: str) -> str:
    return label.encode("punycode").decode("ascii")


def _links(text: str, found: _Found, rules: LinkRules) -> Iterator[tuple[int, int]]:
    if found.protocol:
        short = rules.short.match(text, found.first, found.last)
        if short is None:
            yield found.first, found.last
        elif len(short[1]) <= _SHORT_NAME_CHARS:
            yield found.first, short.end()
        return
    if not rules.has_bare or text[max(found.first - 1, 0) : found.first] in _NOT_BEFORE_BARE:
        return
    domain = text[found.domain_first : found.domain_last]
    spans = [(found.first + a, found.first + b) for a, b in _ascii_domains(domain)]
    if spans and found.has_path:
        spans[-1] = (spans[-1][0], found.last)
    yield from spans


def _ascii_domains(domain: str) -> Iterator[tuple[int, int]]:
    """Yield the parts of a domain in Latin letters: without a protocol only these count."""
    at = 0
    while host := _ASCII_HOST.search(domain, at):
        at = host.end()
        dots = (place for place in range(at - 1, host.start(), -1) if domain[place] == ".")
        if last := next(filter(None, (_top_level_end(domain, dot + 1) for dot in dots)), 0):
            at = last
            yield host.start(), last
