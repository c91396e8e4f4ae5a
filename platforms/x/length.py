"""The length of a text as X counts it.

Source: twitter-text configuration v3 and its conformance cases; developer documentation of X,
"Counting characters" (read 2026-11-24). `emoji.txt` holds the sequences that Unicode recommends
(emoji 17, fully qualified), and characters with a redundant variation selector as phones write
them. X counts each as one emoji, and any other sequence by its parts.
"""

from collections.abc import Iterator
from pathlib import Path

from platforms.text import TextLength, nfc
from platforms.text.links import URL_CHARS, url_spans

URL_WEIGHT = 23
EMOJI_WEIGHT = 2
#: Code points that weigh 1; all others weigh 2.
LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_KEYCAPS = tuple(f"{sign}\u20e3" for sign in "#*0123456789")
_SEQUENCES = frozenset(
    [*(Path(__file__).parent / "emoji.txt").read_text("utf-8").split(), *_KEYCAPS]
)


def _sizes() -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for sequence in _SEQUENCES:
        found.setdefault(sequence[0], set()).add(len(sequence))
    return {start: tuple(sorted(sizes, reverse=True)) for start, sizes in found.items()}


#: The lengths of the sequences that start with a character, the longest first.
_SIZES = _sizes()
#: Counting stops at this multiple of X's limit; beyond it the exact weight does not matter.
_TIMES = 10


def weighted_length(text: str) -> int:
    """Return the weight of a text; X takes 280, with or without media."""
    return sum(_weights(nfc(text)))


def measure(text: str, limit: int) -> TextLength:
    """Return the weight of a text; counting stops once it is far over the limit."""
    text = nfc(text)
    if text.isascii() and "." not in text:
        return TextLength(len(text))
    # Nothing weighs less per character than the longest link.
    least = len(text) * URL_WEIGHT // URL_CHARS
    if least > limit:
        return TextLength(least, is_exact=False)
    total = 0
    for weight in _weights(text):
        total += weight
        if total > limit * _TIMES:
            return TextLength(total, is_exact=False)
    return TextLength(total)


def _weights(text: str) -> Iterator[int]:
    """Yield the weights of a normalized text's parts, in order."""
    end = 0
    for first, last in url_spans(text):
        yield from _plain_weights(text[end:first])
        yield URL_WEIGHT
        end = last
    yield from _plain_weights(text[end:])


def _plain_weights(text: str) -> Iterator[int]:
    if text.isascii():
        yield len(text)
        return
    at = 0
    while at < len(text):
        size = _sequence_size(text, at)
        yield EMOJI_WEIGHT if size > 1 else _weight(ord(text[at]))
        at += size


def _sequence_size(text: str, at: int) -> int:
    """Return how many code points from here form one emoji; 1 if none do."""
    sizes = _SIZES.get(text[at], ())
    return next((size for size in sizes if text[at : at + size] in _SEQUENCES), 1)


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
