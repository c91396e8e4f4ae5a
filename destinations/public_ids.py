"""Public ids: a prefix and the row's UUID in base 36.

A public id encodes the primary key, so nothing is stored or looked up, and no id is used twice.
"""

import uuid

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Three digits a step: a page of a list has a hundred ids.
TRIPLES = [a + b + c for a in DIGITS for b in DIGITS for c in DIGITS]
THREE, SIX, NINE, EIGHTEEN = (len(DIGITS) ** count for count in (3, 6, 9, 18))
POST = "post"
DESTINATION = "dest"
#: What an API key begins with; four digits after it may be shown, the rest is its secret.
KEY_PREFIX = "pe_live_"


def encode(prefix: str, key: uuid.UUID) -> str:
    high, low = divmod(key.int, EIGHTEEN)
    text = _nine(high) + _nine(low // NINE) + _nine(low % NINE)
    return f"{prefix}_{text.lstrip('0') or '0'}"


def _nine(number: int) -> str:
    """Return nine digits. Numbers of this size are divided fast."""
    return TRIPLES[number // SIX] + TRIPLES[number // THREE % THREE] + TRIPLES[number % THREE]


def decode(prefix: str, public_id: str) -> uuid.UUID | None:
    """Return the UUID of a public id or of a plain UUID; None if it is neither."""
    head, _, text = public_id.partition("_")
    try:
        if head == prefix and text.isascii() and text.isalnum() and text == text.lower():
            return uuid.UUID(int=int(text, 36))
        return uuid.UUID(public_id)
    except ValueError:
        return None
