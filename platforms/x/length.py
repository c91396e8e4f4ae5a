"""How long X counts a text.

Source: twitter-text configuration v3 and its conformance cases; developer documentation of X,
"Counting characters" (read 2026-11-24). `emoji.txt` holds the sequences that Unicode recommends
(emoji 17, fully qualified) and signs with a needless variation selector behind them, as phones
write them; X counts each as one, and the parts of any other sequence singly.
"""

import unicodedata
from pathlib import Path

from platforms.x.links import url_spans

URL_WEIGHT = 23
EMOJI_WEIGHT = 2
#: Code points that weigh 1; all others weigh 2.
LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
_KEYCAPS = tuple(f"{sign}\u20e3" for sign in "#*0123456789")
_SEQUENCES = frozenset(
    [*(Path(__file__).parent / "emoji.txt").read_text("utf-8").split(), *_KEYCAPS]
)
_LONGEST = max(map(len, _SEQUENCES))


def weighted_length(text: str) -> int:
    """The weight of a text; X takes 280, whatever media it carries."""
    text = unicodedata.normalize("NFC", text)
    total, end = 0, 0
    for first, last in url_spans(text):
        total += _plain_weight(text[end:first]) + URL_WEIGHT
        end = last
    return total + _plain_weight(text[end:])


def _plain_weight(text: str) -> int:
    if text.isascii():
        return len(text)
    total, at = 0, 0
    while at < len(text):
        size = _sequence_size(text, at)
        total += EMOJI_WEIGHT if size > 1 else _weight(ord(text[at]))
        at += size
    return total


def _sequence_size(text: str, at: int) -> int:
    """How many code points from here on are one emoji; 1 if none."""
    # Letters begin no sequence, and nothing that follows a letter goes on with one.
    if text[at + 1 : at + 2] < "\u200d":
        return 1
    sizes = range(min(_LONGEST, len(text) - at), 1, -1)
    return next((size for size in sizes if text[at : at + size] in _SEQUENCES), 1)


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
