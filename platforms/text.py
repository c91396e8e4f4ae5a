"""What texts share at every network: their normal form, and whether a reader sees any."""

import re
import unicodedata
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


@dataclass(frozen=True, slots=True)
class TextLength:
    """The length of a text in a network's unit; a lower bound unless `is_exact`."""

    count: int
    is_exact: bool = True

    def __str__(self) -> str:
        return str(self.count) if self.is_exact else f"at least {self.count}"


def utf16_units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing of this text."""
    return _NOTHING_SEEN.fullmatch(text) is not None


def nfc(text: str) -> str:
    """The text in Unicode's normal form NFC, in time proportional to its length.

    CPython sorts combining marks in quadratic time: 60,000 of them hold the interpreter for
    seconds. So long runs of marks are sorted beforehand.
    Source: Unicode Standard, 3.11 "Canonical Ordering Algorithm": a stable sort by combining class.
    """
    if len(text) > _SHORT_CHARS and not text.isascii():
        text = _in_order(text)
    return unicodedata.normalize("NFC", text)


def _in_order(text: str) -> str:
    text = text.translate(_MARKS_APART) if re.search("[\u0f73\u0f75\u0f81]", text) else text
    parts, end = [], 0
    for run in _LONG_RUN.finditer(bytes(map(unicodedata.combining, text))):
        marks = sorted(text[run.start() : run.end()], key=unicodedata.combining)
        parts += [text[end : run.start()], *marks]
        end = run.end()
    return "".join([*parts, text[end:]]) if parts else text
