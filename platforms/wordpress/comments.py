"""The comments of a text's HTML that mean something to WordPress; all others are left out.

Kept are the marks of a page (`more`, `nextpage`, `noteaser`) and the delimiters of blocks. None is
passed on: each is read, and written anew from a valid name and from JSON that holds neither markup
nor scripts. Delimiters are kept in pairs, so that none ends a block of ours. HTML between them
stands in blocks of its own.

Source: https://developer.wordpress.org/block-editor/explanations/architecture/key-concepts/,
https://developer.wordpress.org/reference/functions/serialize_block_attributes/ and
https://developer.wordpress.org/reference/functions/get_extended/ (read 2026-12-03).
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from platforms.http.foreign.stated import Unreadable, read_json

#: A comment that is longer is left out; and so are values, and blocks, deeper than this.
MOST_CHARS, MOST_DEPTH = 10_000, 30
MORE_CHARS = 200
BLOCK = re.compile(
    r"\s+(?P<end>/?)wp:(?P<name>(?:[a-z][a-z0-9_-]*/)?[a-z][a-z0-9_-]*)\s+"
    r"(?:(?P<given>\{.*\})\s+)?(?P<void>/?)",
    re.ASCII | re.DOTALL,
)
#: The beginnings of addresses that run as scripts; blanks and control characters do not count.
SCRIPTS = ("javascript:", "vbscript:", "data:text/html", "expression(")
#: An attribute that runs a script, for a theme that does not escape what it shows.
HANDLER = re.compile(r"""(?:^|[\s"'/])on[a-z]+\s*=""", re.ASCII | re.IGNORECASE)
#: What JSON escapes beyond its own rules, as WordPress does; and what begins a shortcode.
ESCAPES = {"--": "\\u002d\\u002d", "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "[": "\\u005b"}
MARKS = ("nextpage", "noteaser")


class Odd(ValueError):
    """A comment holds what is not written anew."""


class Part(NamedTuple):
    """HTML with no block around it, or a whole block."""

    text: str
    is_block: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A text with the comments that were kept, and how many were left out."""

    parts: tuple[Part, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text, a mark of a page, or a delimiter: what it is written as, and whether it is kept."""

    text: str
    #: `text`, `mark`, `open`, `end`, or `void` for a block without a content.
    kind: str = "text"
    name: str = ""
    is_kept: bool = True


def written(shown: str) -> Written:
    """Return sanitised HTML, in which the only `<!--` are those of comments, with ours alone."""
    pieces = _paired([*_pieces(shown)])
    left_out = sum(not piece.is_kept for piece in pieces)
    return Written(tuple(_parts(pieces)), left_out)


def note(left_out: int) -> str:
    """Return what a customer is told of comments that were left out; empty if none was."""
    if not left_out:
        return ""
    what = "1 HTML comment was" if left_out == 1 else f"{left_out} HTML comments were"
    return (
        f"{what} left out. Kept are <!--more-->, <!--nextpage-->, <!--noteaser--> and blocks that "
        "are closed, and whose names and attributes are valid."
    )


def _pieces(shown: str) -> Iterator[_Piece]:
    """Yield texts and comments in turn."""
    at = 0
    while (start := shown.find("<!--", at)) >= 0:
        end = shown.find("-->", start + 4)
        if end < 0:
            break
        yield _text(shown[at:start])
        yield _read(shown[start + 4 : end])
        at = end + 3
    # What sanitises ends each comment; if one had no end, it would take in what follows the text.
    yield _text(shown[at:].replace("<!--", "&lt;!--"))


def _text(shown: str) -> _Piece:
    return _Piece(shown.replace("[", "&#91;"))


def _read(said: str) -> _Piece:
    """Return a comment as it is written anew; not kept if it means nothing, or too much."""
    try:
        if len(said) > MOST_CHARS:
            raise Odd
        block = BLOCK.fullmatch(said)
        return _delimiter(**block.groupdict()) if block else _mark(said)
    except (Odd, Unreadable):
        return _Piece("", is_kept=False)


def _mark(said: str) -> _Piece:
    if said in MARKS:
        return _Piece(f"<!--{said}-->", "mark", said)
    if said.partition(" ")[0] != "more":
        raise Odd
    words = said[4:].strip()
    if len(words) > MORE_CHARS or not words.isprintable() or "--" in words or _is_active(words):
        raise Odd
    words = words.replace("[", "&#91;")
    return _Piece(f"<!--more {words}-->" if words else "<!--more-->", "mark", "more")


def _delimiter(end: str, name: str, given: str | None, void: str) -> _Piece:
    """Return the delimiter of a block. Raises Odd, Unreadable."""
    if end and (given or void):
        raise Odd
    if end:
        return _Piece(f"<!-- /wp:{name} -->", "end", name)
    attributes = read_json(given) if given else {}
    shown = f" {_as_json(attributes)}" if attributes else ""
    return _Piece(f"<!-- wp:{name}{shown} {'/' * bool(void)}-->", "void" if void else "open", name)


def _as_json(value: Any, depth: int = 0) -> str:
    """Return JSON that ends no comment and begins no tag. Raises Odd for markup and scripts."""
    if depth > MOST_DEPTH:
        raise Odd
    if isinstance(value, dict):
        each = (f"{_as_json(name)}:{_as_json(inner, depth + 1)}" for name, inner in value.items())
        return f"{{{','.join(each)}}}"
    if isinstance(value, list):
        return f"[{','.join(_as_json(inner, depth + 1) for inner in value)}]"
    if isinstance(value, str):
        return _as_string(value)
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError as failure:
        raise Odd from failure


def _as_string(value: str) -> str:
    if _is_active(value) or not _is_unicode(value):
        raise Odd
    parts = (json.dumps(part, ensure_ascii=False)[1:-1] for part in value.split('"'))
    said = "\\u0022".join(parts)
    for sign, escaped in ESCAPES.items():
        said = said.replace(sign, escaped)
    return f'"{said}"'


def _is_active(value: str) -> bool:
    """Return whether a text holds markup or a script, also as entities."""
    plain = html.unescape(html.unescape(value))
    if "<" in plain or ">" in plain or HANDLER.search(plain):
        return True
    letters = "".join(filter(_is_letter, plain)).casefold()
    return any(word in letters for word in SCRIPTS)


def _is_letter(sign: str) -> bool:
    """Return whether browsers heed a character in the scheme of an address."""
    return sign.isprintable() and not sign.isspace()


def _is_unicode(value: str) -> bool:
    """Return whether a text has no half of a character, which PHP does not read."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


@dataclass(slots=True)
class _Opened:
    """The blocks that are open at a place of a text, by their places, and how many of each name."""

    places: list[int] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)


def _paired(pieces: list[_Piece]) -> list[_Piece]:
    """Leave out delimiters that have no other, that cross others', or that lie too deep."""
    opened, found = _Opened(), list(pieces)
    for place, piece in enumerate(pieces):
        if piece.kind == "open":
            opened.places.append(place)
            opened.names[piece.name] += 1
        elif piece.kind == "end" and not _closed(opened, found, piece.name):
            found[place] = replace(piece, is_kept=False)
    for place in opened.places:
        found[place] = replace(found[place], is_kept=False)
    return found


def _closed(opened: _Opened, found: list[_Piece], name: str) -> bool:
    """Close the last block of this name; those within it were not closed, and are left out.

    Returns whether the end is kept.
    """
    if not opened.names[name]:
        return False
    while True:
        place = opened.places.pop()
        opened.names[found[place].name] -= 1
        if found[place].name == name:
            is_kept = len(opened.places) < MOST_DEPTH
            found[place] = replace(found[place], is_kept=is_kept)
            return is_kept
        found[place] = replace(found[place], is_kept=False)


def _parts(pieces: list[_Piece]) -> Iterator[Part]:
    """Yield the blocks, and what stands between them."""
    depth, said = 0, list[str]()
    for piece in pieces:
        if not piece.is_kept:
            continue
        if not depth and piece.kind != "text":
            yield Part("".join(said))
            said.clear()
        depth += {"open": 1, "end": -1}.get(piece.kind, 0)
        said.append(piece.text)
        if not depth and piece.kind != "text":
            yield Part(_block("".join(said), piece), is_block=True)
            said.clear()
    yield Part("".join(said))


def _block(said: str, piece: _Piece) -> str:
    """Return a block; a mark of a page that stands in none gets one, as the editor writes it."""
    if piece.kind != "mark" or piece.name == "noteaser":
        return said
    words = said.removeprefix("<!--more").removesuffix("-->").strip()
    given = {"customText": html.unescape(words)} if piece.name == "more" and words else {}
    shown = f" {_as_json(given)}" if given else ""
    return f"<!-- wp:{piece.name}{shown} -->\n{said}\n<!-- /wp:{piece.name} -->"
