"""A text as a feed shows it: where it is cut, and what of it readers can follow."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from platforms.text import cluster_start, outside_urls

MarkKind = Literal["link", "hashtag", "mention"]
SegmentKind = Literal["text", "link", "hashtag", "mention"]
Finder = Callable[[str], Iterable["Mark"]]

#: Further marks of a text are shown as plain text.
MOST_MARKS = 300
HASHTAG = re.compile(r"(?<![\w&/])[#\uff03]\w*[^\W\d_]\w*")
MENTION = re.compile(r"(?<![\w@./])@\w(?:[\w.]*\w)?")
LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
#: The ends of a sentence or a bracket after a link, which do not belong to it.
AFTER_LINK = ".,;:!?)]}\"'"


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a text that readers can follow. Positions are in code points."""

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Segment:
    kind: SegmentKind
    text: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A feed's cut of texts: after so many characters or lines; None: not for that reason.

    Lines are those that the author wrote: where long ones wrap depends on the screen. `label` is
    what readers press to see the rest.
    """

    chars: int | None = None
    lines: int | None = None
    label: str = "See more"

    def cut(self, text: str) -> int:
        """Return where this text is cut, in code points, never within a visible character.

        Its length if it is shown whole.
        """
        at = len(text) if self.chars is None else min(len(text), self.chars)
        if self.lines is not None:
            ends = (found.start() for found in re.finditer("\n", text[:at]))
            at = next((end for n, end in enumerate(ends, 1) if n == self.lines), at)
        at = cluster_start(text, at)
        return at if text[at:].strip() else len(text)


WHOLE = Fold()


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its marks: what the feed shows of it, and what only its `fold` reveals."""

    whole: str = ""
    fold: Fold = WHOLE
    marks: tuple[Mark, ...] = ()

    @property
    def shown(self) -> tuple[Segment, ...]:
        return tuple(self._segments(0, self.fold.cut(self.whole)))

    @property
    def hidden(self) -> tuple[Segment, ...]:
        return tuple(self._segments(self.fold.cut(self.whole), len(self.whole)))

    @property
    def links(self) -> list[str]:
        return [self.whole[mark.start : mark.end] for mark in self.marks if mark.kind == "link"]

    def _segments(self, at: int, last: int) -> Iterator[Segment]:
        for mark in self.marks:
            start, end = max(mark.start, at), min(mark.end, last)
            if start < end:
                if at < start:
                    yield Segment("text", self.whole[at:start])
                yield Segment(mark.kind, self.whole[start:end])
                at = end
        if at < last:
            yield Segment("text", self.whole[at:last])


def marked(whole: str, fold: Fold = WHOLE, *finders: Finder) -> Text:
    """Return the text with the first marks that these find; none begins within another."""
    first = (mark for find in finders for mark in islice(find(whole), MOST_MARKS))
    found = sorted(first, key=lambda mark: mark.start)
    kept: list[Mark] = []
    for mark in found:
        if mark.start < mark.end and (not kept or mark.start >= kept[-1].end):
            kept.append(mark)
    return Text(whole, fold, tuple(kept[:MOST_MARKS]))


def finder(kind: MarkKind, pattern: re.Pattern[str]) -> Finder:
    """Marks what a pattern matches; a link without the signs that only follow it."""

    def find(whole: str) -> Iterator[Mark]:
        is_link = kind == "link"
        for found in pattern.finditer(whole) if is_link else outside_urls(pattern, whole):
            ends = found[0].rstrip(AFTER_LINK) if is_link else found[0]
            yield Mark(found.start(), found.start() + len(ends), kind)

    return find


hashtags = finder("hashtag", HASHTAG)
mentions = finder("mention", MENTION)
links = finder("link", LINK)
