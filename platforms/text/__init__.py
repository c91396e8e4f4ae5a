"""Read texts as every network does: their normal form, their URLs, and what a reader sees."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

#: Shorter texts are normalized fast enough.
_SHORT_CHARS = 500
#: A long run of combining marks, by their classes. Real languages use three or four in a row.
_LONG_RUN = re.compile(rb"[^\0]{32,}")
#: Marks of combining class 0 that decompose into combining marks.
_MARKS_APART = str.maketrans(
    {char: unicodedata.normalize("NFD", char) for char in "\u0f73\u0f75\u0f81"}
)
#: Spaces, Unicode's default ignorable code points, and the empty Braille cell.
_NOTHING_SEEN = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)

#: Besides combining marks: joiners, skin tones, tags of flags, and halfwidth voicing marks.
_EXTENDS = re.compile("[\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_HANGUL = re.compile("[\u1100-\u11ff\ua960-\ua97c\uac00-\ud7fb]")
_LEADING = re.compile("[\u1100-\u115f\ua960-\ua97c]")
#: Vowels and final consonants, which join the syllable before them.
_JAMO_AFTER = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
#: The viramas of the scripts in which they join two letters to one visible character.
_CONJOINING = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d\u1039\u17d2\u1a60\u1b44\ua9c0")
#: The letters that they join.
_CONSONANT = re.compile(
    "[\u0915-\u0939\u0958-\u095f\u0978-\u097f\u0995-\u09a8\u09aa-\u09b0\u09b2\u09b6-\u09b9"
    "\u09dc-\u09dd\u09df\u09f0-\u09f1\u0a95-\u0aa8\u0aaa-\u0ab0\u0ab2-\u0ab3\u0ab5-\u0ab9\u0af9"
    "\u0b15-\u0b28\u0b2a-\u0b30\u0b32-\u0b33\u0b35-\u0b39\u0b5c-\u0b5d\u0b5f\u0b71\u0c15-\u0c28"
    "\u0c2a-\u0c39\u0c58-\u0c5a\u0d15-\u0d3a\u1000-\u102a\u103f\u1050-\u1055\u105a-\u105d\u1061"
    "\u1065-\u1066\u106e-\u1070\u1075-\u1081\u108e\u1780-\u17b3\u1a20-\u1a54\u1b0b-\u1b0c"
    "\u1b13-\u1b33\u1b45-\u1b4c\u1b83-\u1ba0\u1bae-\u1baf\u1bbb-\u1bbd\ua989-\ua98b"
    "\ua98f-\ua9b2\ua9e0-\ua9e4\ua9e7-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa6f\uaa71-\uaa73\uaa7a"
    "\uaa7e-\uaa7f\uaae0-\uaaea\uabc0-\uabda]"
)
#: Marks that stand for themselves.
_APART = re.compile(
    "[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c"
    "\u1a61\u1a63\u1a64\uaa7b\uaa7d]"
)
#: The combining class of the sign that joins two Indic letters.
_VIRAMA = 9
#: A URL, in which no network sees a hashtag or a mention: with a protocol, or a host name with a
#: path; up to white space, quotes, angle brackets, and the punctuation of scripts that are written
#: without spaces.
URL = re.compile(
    # A name has 127 parts at most; without a bound each part is remembered.
    r"(?:https?://|(?<![\w@.:/-])(?:[\w-]++\.){1,126}[^\W\d_]{2,}(?::\d+)?/)"
    r"[^\s<>\"«»“”\u3001-\u3011\uff01\uff08\uff09\uff0c\uff1b\uff1f]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TextLength:
    """The length of a text in a network's unit; a lower bound unless `is_exact`."""

    count: int
    is_exact: bool = True

    def __str__(self) -> str:
        return str(self.count) if self.is_exact else f"at least {self.count}"


def utf16_units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing of this text."""
    return _NOTHING_SEEN.fullmatch(text) is not None


def cluster_start(text: str, at: int) -> int:
    """Return the last position up to `at` where a cut tears no visible character.

    Source: Unicode Standard Annex 29, "Grapheme Cluster Boundaries", in a stricter reading: nothing
    is cut after a joiner or a virama, nor between two Hangul letters that may form a syllable.
    """
    while 0 < at < len(text) and _is_joined(text, at):
        at -= 1
    return at


def nfc(text: str) -> str:
    """Return the text in Unicode's normal form NFC, in time proportional to its length.

    CPython sorts combining marks in quadratic time: 60,000 of them hold the interpreter for
    seconds. So long runs of marks are sorted beforehand.
    Source: Unicode Standard, 3.11 "Canonical Ordering Algorithm": a stable sort by combining class.
    """
    if len(text) > _SHORT_CHARS and not text.isascii():
        text = _in_order(text)
    return unicodedata.normalize("NFC", text)


def _is_joined(text: str, at: int) -> bool:
    """Return whether the characters before and after this position belong together."""
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return True
    if unicodedata.category(after)[0] == "M" or _EXTENDS.match(after):
        return True
    if before == "\u200d" or unicodedata.combining(before) == _VIRAMA:
        return True
    if _FLAG.match(before) and _FLAG.match(after):
        # Two letters make a flag: it is torn if an odd number stands before.
        start = at
        while start and _FLAG.match(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return bool(_HANGUL.match(before) and _JAMO_AFTER.match(after))


def _in_order(text: str) -> str:
    text = text.translate(_MARKS_APART) if re.search("[\u0f73\u0f75\u0f81]", text) else text
    parts, end = [], 0
    for run in _LONG_RUN.finditer(bytes(map(unicodedata.combining, text))):
        parts += [text[end : run.start()], _by_class(text[run.start() : run.end()])]
        end = run.end()
    return "".join([*parts, text[end:]]) if parts else text


def _by_class(marks: str) -> str:
    """Return the marks by their combining classes; of one class, as they stood."""
    found: dict[int, list[str]] = defaultdict(list)
    for mark in marks:
        found[unicodedata.combining(mark)].append(mark)
    return "".join("".join(found[each]) for each in sorted(found))


def outside_urls(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that begin in none of the text's URLs."""
    urls = URL.finditer(text)
    url = next(urls, None)
    for found in pattern.finditer(text):
        while url and url.end() <= found.start():
            url = next(urls, None)
        if url is None or found.start() < url.start():
            yield found


def collapsed(text: str) -> str:
    """Return a text in the form to compare: composed characters, single spaces."""
    return re.sub(r"\s+", " ", nfc(text)).strip()


def graphemes(text: str) -> int:
    """Return the number of visible characters of a text.

    Source: Unicode Standard Annex 29, "Extended Grapheme Clusters" of Unicode 17. Pictographs are
    recognised by their category; of marks that stand before a letter, each counts as one.
    """
    count, flags = 0, 0
    for at, char in enumerate(text):
        flags = flags + 1 if _FLAG.match(char) else 0
        count += not (at and _is_one_cluster(text, at, is_second_flag=flags > 0 and flags % 2 == 0))
    return count


def _is_one_cluster(text: str, at: int, *, is_second_flag: bool) -> bool:
    """Return whether no cluster begins here."""
    before, after = text[at - 1], text[at]
    if before == "\r" and after == "\n":
        return True
    if _extends(after):
        is_control = unicodedata.category(before) in ("Cc", "Cf", "Zl", "Zp")
        return not is_control or _EXTENDS.match(before) is not None
    if before == "\u200d" and _is_pictograph(after):
        return _is_pictograph(_base(text, at))
    if before in _CONJOINING or (before == "\u200d" and at > 1 and text[at - 2] in _CONJOINING):
        return bool(_CONSONANT.match(after) and _CONSONANT.match(_base(text, at)))
    if _LEADING.match(before) and _HANGUL.match(after):
        return True
    return is_second_flag or bool(_HANGUL.match(before) and _JAMO_AFTER.match(after))


def _extends(char: str) -> bool:
    is_mark = unicodedata.category(char)[0] == "M" and not _APART.match(char)
    return is_mark or bool(_EXTENDS.match(char)) or char in "\u0e33\u0eb3"


def _is_pictograph(char: str) -> bool:
    # Also those that this Python does not know yet.
    is_new = "\U0001f000" <= char <= "\U0001faff"
    return is_new or unicodedata.category(char) in ("So", "Sm", "Po")


def _base(text: str, at: int) -> str:
    """Return the last character before this position that is no mark; a space if there is none."""
    at -= 1
    while at >= 0 and _extends(text[at]):
        at -= 1
    return text[at] if at >= 0 else " "
