"""Define what a hashtag is, which ones a text has, and how they are appended to it."""

import re
from collections.abc import Iterable, Iterator
from unicodedata import category, normalize

from platforms.text import is_blank, nfc, outside_urls
from posts.features.hashtags.models import MOST_CHARS

SIGNS = ("#", "\uff03")
_SIGN = re.compile(r"(?<![\w&/])[#\uff03]")


def cleaned(text: str) -> str:
    """Return the hashtag without its sign, in Unicode's composed form. Raises ValueError."""
    word = nfc(text.strip())
    word = word[1:] if word.startswith(SIGNS) else word
    if not word or not all(map(_is_part, word)) or category(word[0])[0] == "M":
        raise ValueError("A hashtag has letters, digits and underscores only.")
    if not _has_letter(word):
        raise ValueError("A hashtag has at least one letter.")
    if len(word) > MOST_CHARS:
        raise ValueError(f"A hashtag has at most {MOST_CHARS} characters.")
    return word


def folded(tag: str) -> str:
    """Fold a tag, so that tags are equal that differ only in case or in the width of letters.

    The tag is in `nfc`, whose marks are in order: CPython sorts them in quadratic time.
    """
    return normalize("NFKC", normalize("NFKC", tag).casefold())


def in_text(text: str) -> Iterator[str]:
    """Yield the hashtags of a text, without their signs."""
    for sign in outside_urls(_SIGN, text):
        end = sign.end()
        while end < len(text) and _is_part(text[end]):
            end += 1
        if _has_letter(word := text[sign.end() : end]):
            yield word


def without_known(tags: Iterable[str], *texts: str) -> list[str]:
    """Return the tags in their order, each once, without those that a text has already."""
    known = {folded(tag) for text in texts for tag in in_text(nfc(text))}
    left: dict[str, str] = {}
    for tag in map(nfc, tags):
        if (name := folded(tag)) not in known:
            left.setdefault(name, tag)
    return list(left.values())


def appended(text: str, tags: Iterable[str]) -> str:
    """Return the text, a blank line, and the hashtags with their signs."""
    line = " ".join(f"#{tag}" for tag in tags)
    return line if is_blank(text) else f"{text.rstrip()}\n\n{line}"


def _is_part(character: str) -> bool:
    """Return whether it is a letter, a digit, an underscore, or a mark of the character before."""
    return character == "_" or category(character) in ("Nd", "Mn", "Mc") or _is_letter(character)


def _is_letter(character: str) -> bool:
    return category(character)[0] == "L"


def _has_letter(word: str) -> bool:
    return any(map(_is_letter, word))
