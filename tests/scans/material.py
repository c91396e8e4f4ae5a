"""Texts that make careless readers slow: openers, escapes and near misses, again and again."""

import re
import re._constants as codes  # the tree that Python itself makes of a pattern
import re._parser as parser
from collections.abc import Iterator
from typing import Any, NamedTuple

#: For readers of any kind.
COMMON = (
    *"a1 \n\t\\\"'[](){}<>#@&%.-_/:,;|=…文😀",
    *('\\"', "[]", "<a ", "#a", "#1", "@a", "&amp;", "%2", ".a", "a.", "a-", "?a=", "token"),
    *("https://", "http://a.co/", "http://a.co/(", "www.", "a.co ", "{hashtag|\\#|", "@[a]("),
    *("<!--", "<!-- wp:a -->", "-->"),
    *("\u0301\u0316", "e\u0301", "\u200d", "\U0001f1e6"),
)


class Material(NamedTuple):
    """`pump`, again and again, between a head and a tail."""

    head: str
    pump: str
    tail: str = ""

    def text(self, chars: int) -> str:
        whole = self.head + self.pump * (chars // len(self.pump) + 1)
        return whole[: max(chars - len(self.tail), 0)] + self.tail


def common() -> Iterator[Material]:
    for pump in COMMON:
        # What ends in another way than it began is what a reader nearly takes.
        yield Material("", pump, "\x01")


def against(pattern: re.Pattern[Any]) -> Iterator[Material]:
    """What this pattern almost matches: each of its beginnings repeated, and each of its repeats
    pumped, without the end that it waits for."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = parser.parse(text, pattern.flags & ~re.UNICODE)
    opener = _joined(tree, "b")[0][:1]
    yield from dict.fromkeys(each for any_ in {"b", opener} for each in _against(tree, any_))


def _against(tree: Any, any_: str) -> Iterator[Material]:
    """`any_`: what stands for any character; an opener in it may begin a match of its own."""
    whole = ""
    for code, value in tree:
        sample, pumped = _sample(code, value, any_)
        for each in pumped:
            yield Material(whole, each, "\x01")
        whole += sample
        if whole:
            yield Material("", whole, "\x01")
    if whole:
        yield Material("", whole)
    if whole[:-1]:
        yield Material("", whole[:-1], "\x01")


def _sample(code: Any, value: Any, any_: str) -> tuple[str, list[str]]:
    """A text that a part of a pattern matches, and what its repeats repeat."""
    if code is codes.LITERAL:
        return chr(value), []
    if code in (codes.NOT_LITERAL, codes.ANY):
        return any_, []
    if code is codes.IN:
        return _member(value), []
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        sample, pumped = _joined(inner, any_)
        is_open = (most is codes.MAXREPEAT or most > 16) and sample
        pumped = [sample, *_members(inner), *pumped] if is_open else pumped
        return sample * max(least, 1), pumped
    if code is codes.SUBPATTERN:
        return _joined(value[3], any_)
    if code is codes.ATOMIC_GROUP:
        return _joined(value, any_)
    if code is codes.BRANCH:
        parts = [_joined(each, any_) for each in value[1]]
        return parts[0][0], [pump for text, pumped in parts for pump in (text, *pumped) if pump]
    return "", []


def _joined(tree: Any, any_: str) -> tuple[str, list[str]]:
    parts = [_sample(code, value, any_) for code, value in tree]
    return "".join(text for text, _ in parts), [pump for _, pumped in parts for pump in pumped]


def _member(members: Any) -> str:
    """One character of a set."""
    if members[0][0] is codes.NEGATE:
        named = "".join(map(re.escape, _named(members[1:])))
        kept = re.compile(f"[^{named}]")
        return next((each for each in "ab1 é" if kept.match(each)), "~")
    return next(iter(_named(members)), "a")


def _members(tree: Any) -> list[str]:
    """All characters that a repeated set names, in turns: between them a word may end."""
    sets = [value for code, value in tree if code is codes.IN and value[0][0] is not codes.NEGATE]
    return ["".join(_named(each)) for each in sets]


def _named(members: Any) -> Iterator[str]:
    """Characters of a set: those that it names, and one of each of its ranges and kinds."""
    kinds = {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "a"}
    for code, value in members:
        if code is codes.LITERAL:
            yield chr(value)
        elif code is codes.RANGE:
            yield chr(value[0])
        elif code is codes.CATEGORY:
            yield kinds.get(value, "-")
