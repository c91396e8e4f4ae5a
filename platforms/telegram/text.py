"""The text of a message with its formats, as Telegram takes it: as it is written, or as Markdown.

A known library reads the Markdown. Formats go out as entities, places in the text, because a text
with markup for Telegram to read is refused whole if one sign of it is wrong. Telegram itself finds
links, hashtags and mentions.

Source: https://core.telegram.org/bots/api#messageentity and #formatting-options (read 2026-11-30):
places and lengths are in UTF-16 code units; block quotations cannot be nested.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from platforms.drafts import Draft
from platforms.text import utf16_units

if TYPE_CHECKING:
    from markdown_it.token import Token

PLAIN, MARKDOWN = TEXT_FORMATS = ("plain", "markdown")
#: Of a Markdown text this much is read: it may not be longer, and some take long.
MOST_CHARS = 4096
#: What begins a format → the format.
FORMATS = {
    "strong": "bold",
    "em": "italic",
    "s": "strikethrough",
    "heading": "bold",
    "blockquote": "blockquote",
    "link": "text_link",
}
#: What ends a paragraph, and what stands before the next one.
BLOCKS = {"paragraph", "heading", "blockquote", "bullet_list", "ordered_list"}
RULE, BULLET = "———", "• "

Entity = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text without markup, and where its formats are."""

    text: str
    entities: tuple[Entity, ...] = ()


def formatted(draft: Draft) -> Formatted:
    """Return the text that readers see; of Markdown the beginning."""
    if draft.settings.get("textFormat") == MARKDOWN:
        return _read(draft.text[:MOST_CHARS])
    return Formatted(draft.text)


@lru_cache(maxsize=4)
def _read(words: str) -> Formatted:
    """The accounts of a post share its text."""
    # Imported here: 7 MB that most processes spare.
    from markdown_it import MarkdownIt

    # Made anew, because conversions run in threads. HTML is shown as it is written.
    reader = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    writer = _Writer()
    writer.write_all(reader.parse(words))
    return Formatted("".join(writer.parts), tuple(writer.entities))


@dataclass
class _Writer:
    parts: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    units: int = 0
    #: What separates the next words from what is there.
    gap: str = ""
    lists: int = 0
    _open: list[tuple[Entity, int]] = field(default_factory=list)

    def write_all(self, tokens: Iterable["Token"]) -> None:
        for token in tokens:
            self._write_token(token)

    def _write_token(self, token: "Token") -> None:
        kind, _, side = token.type.rpartition("_")
        if token.children and token.type == "inline":
            self.write_all(token.children)
        elif side == "open":
            self._begin(kind, token)
        elif side == "close":
            self._end(kind, token)
        elif token.type in ("softbreak", "hardbreak"):
            self._write("\n")
        elif token.type in ("code_inline", "fence", "code_block"):
            self._write_code(token)
        elif token.type == "hr":
            self._write(RULE)
            self.gap = "\n\n"
        else:
            # Of a picture its description.
            self._write(token.content)

    def _begin(self, kind: str, token: "Token") -> None:
        if kind == "list_item":
            self._write(f"{token.info}{token.markup} " if token.info else BULLET)
        self.lists += kind in ("bullet_list", "ordered_list")
        if kind in FORMATS:
            entity: Entity = {"type": FORMATS[kind]}
            if kind == "link":
                entity["url"] = str(token.attrs.get("href", ""))
            self._write("", begins=True)
            self._open.append((entity, self.units))

    def _end(self, kind: str, token: "Token") -> None:
        if kind in FORMATS:
            entity, start = self._open.pop()
            is_nested = any(each["type"] == entity["type"] for each, _ in self._open)
            if self.units > start and not is_nested:
                self._note(entity, start)
        self.lists -= kind in ("bullet_list", "ordered_list")
        if kind in BLOCKS:
            self.gap = "\n" if self.lists or token.hidden else "\n\n"

    def _write_code(self, token: "Token") -> None:
        is_block = token.type != "code_inline"
        self._write("", begins=True)
        start = self.units
        self._write(token.content.rstrip("\n") if is_block else token.content)
        if self.units > start:
            language = {"language": token.info.split()[0]} if token.info.strip() else {}
            self._note({"type": "pre", **language} if is_block else {"type": "code"}, start)
        if is_block:
            self.gap = "\n\n"

    def _write(self, words: str, *, begins: bool = False) -> None:
        if not (words or begins):
            return
        words = f"{self.gap}{words}" if self.units else words
        self.gap = ""
        self.parts.append(words)
        self.units += utf16_units(words)

    def _note(self, entity: Entity, start: int) -> None:
        self.entities.append({**entity, "offset": start, "length": self.units - start})
