"""Public ids: a prefix and the row's UUID in base 36.

A public id encodes the primary key, so nothing is stored or looked up, and no id is used twice.
"""

import uuid

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Two digits a step: a page of a list has a hundred ids. A table of three is larger than a
#: processor's cache, and takes twice as long.
PAIRS = [a + b for a in DIGITS for b in DIGITS]
TWO, FOUR, SIX, EIGHT = (len(DIGITS) ** count for count in (2, 4, 6, 8))
POST = "post"
DESTINATION = "dest"
#: What an API key begins with; four digits after it may be shown, the rest is its secret.
KEY_PREFIX = "pe_live_"


def encode(prefix: str, key: uuid.UUID) -> str:
    return _encode(prefix, key.int)


def encode_text(prefix: str, key: str) -> str:
    """Return the public id of a UUID as PostgreSQL writes it, without making a UUID of it."""
    return _encode(prefix, int(key.replace("-", ""), 16))


def _encode(prefix: str, number: int) -> str:
    # Numbers of eight digits are divided fast.
    rest, low = divmod(number, EIGHT)
    rest, middle = divmod(rest, EIGHT)
    top, high = divmod(rest, EIGHT)
    text = (
        f"{PAIRS[top]}{PAIRS[high // SIX]}{PAIRS[high // FOUR % TWO]}{PAIRS[high // TWO % TWO]}"
        f"{PAIRS[high % TWO]}{PAIRS[middle // SIX]}{PAIRS[middle // FOUR % TWO]}"
        f"{PAIRS[middle // TWO % TWO]}{PAIRS[middle % TWO]}{PAIRS[low // SIX]}"
        f"{PAIRS[low // FOUR % TWO]}{PAIRS[low // TWO % TWO]}{PAIRS[low % TWO]}"
    )
    return f"{prefix}_{text.lstrip('0') or '0'}"


def decode(prefix: str, public_id: str) -> uuid.UUID | None:
    """Return the UUID of a public id or of a plain UUID; None if it is neither."""
    head, _, text = public_id.partition("_")
    try:
        if head == prefix and text.isascii() and text.isalnum() and text == text.lower():
            return uuid.UUID(int=int(text, 36))
        return uuid.UUID(public_id)
    except ValueError:
        return None
