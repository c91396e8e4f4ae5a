"""A platform's own options in `platform_content.<platform>.settings`.

An unknown name or a wrong type is refused when the post is created: an option that is silently
ignored could make public what should be private.
"""

import difflib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platforms.errors import Unsupported

#: The option for an account's own first comment, on networks that have it.
FIRST_COMMENT_OPTION = "firstComment"
#: The largest number that JSON carries to every program.
MOST_ID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Option(ABC):
    """One option. `help` is what customers read about it."""

    name: str
    help: str

    @abstractmethod
    def problem(self, value: Any) -> str:
        """Return what is wrong with a value, to follow the option's name; empty if it is valid."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the option as JSON Schema."""


@dataclass(frozen=True, slots=True)
class Boolean(Option):
    def problem(self, value: Any) -> str:
        return "" if isinstance(value, bool) else "must be true or false"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean", "description": self.help}


@dataclass(frozen=True, slots=True)
class Choice(Option):
    words: tuple[str, ...]

    def problem(self, value: Any) -> str:
        return "" if value in self.words else f"must be one of {', '.join(self.words)}"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.words), "description": self.help}


@dataclass(frozen=True, slots=True)
class String(Option):
    max_chars: int
    min_chars: int = 1

    def problem(self, value: Any) -> str:
        if isinstance(value, str) and self.min_chars <= len(value) <= self.max_chars:
            return ""
        return f"must be a text of {self.min_chars} to {self.max_chars} characters"

    def schema(self) -> dict[str, Any]:
        lengths = {"minLength": self.min_chars, "maxLength": self.max_chars}
        return {"type": "string", **lengths, "description": self.help}


@dataclass(frozen=True, slots=True)
class Integer(Option):
    least: int
    most: int

    def problem(self, value: Any) -> str:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and self.least <= value <= self.most:
            return ""
        return f"must be a whole number from {self.least} to {self.most}"

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "integer", **bounds, "description": self.help}


@dataclass(frozen=True, slots=True)
class Strings(Option):
    """A list of texts, in the order given."""

    max_items: int
    max_chars: int

    def problem(self, value: Any) -> str:
        fits = isinstance(value, list) and len(value) <= self.max_items
        if fits and all(
            isinstance(each, str) and 1 <= len(each) <= self.max_chars for each in value
        ):
            return ""
        return f"must be a list of up to {self.max_items} texts of 1 to {self.max_chars} characters"

    def schema(self) -> dict[str, Any]:
        texts = {"type": "string", "minLength": 1, "maxLength": self.max_chars}
        return {
            "type": "array",
            "items": texts,
            "maxItems": self.max_items,
            "description": self.help,
        }


@dataclass(frozen=True, slots=True)
class StringsOrNumbers(Strings):
    """A list of texts, and of numbers that stand for some."""

    def problem(self, value: Any) -> str:
        texts = [each for each in value if not _is_id(each)] if isinstance(value, list) else value
        wrong = super(StringsOrNumbers, self).problem(texts)
        if not wrong and len(value) <= self.max_items:
            return ""
        return f"{wrong or super(StringsOrNumbers, self).problem(None)}, or of ids"

    def schema(self) -> dict[str, Any]:
        made = super(StringsOrNumbers, self).schema()
        either = [made["items"], {"type": "integer", "minimum": 1, "maximum": MOST_ID}]
        return {**made, "items": {"oneOf": either}}


@dataclass(frozen=True, slots=True)
class FlagOrChoice(Option):
    """true, false or a word."""

    words: tuple[str, ...]

    def problem(self, value: Any) -> str:
        if isinstance(value, bool) or (isinstance(value, str) and value in self.words):
            return ""
        return f"must be true, false or one of {', '.join(self.words)}"

    def schema(self) -> dict[str, Any]:
        either = [{"type": "boolean"}, {"type": "string", "enum": list(self.words)}]
        return {"oneOf": either, "description": self.help}


@dataclass(frozen=True, slots=True)
class Objects(Option):
    """A list of objects, whose parts are options themselves; each has those that it `needs`."""

    max_items: int
    parts: tuple[Option, ...]
    needs: tuple[str, ...] = ()

    def problem(self, value: Any) -> str:
        is_list = isinstance(value, list) and len(value) <= self.max_items
        if not is_list or not all(isinstance(each, dict) for each in value):
            return f"must be a list of up to {self.max_items} objects"
        return next(filter(None, map(self._problem_in, value)), "")

    def _problem_in(self, given: Mapping[str, Any]) -> str:
        known = {part.name: part for part in self.parts}
        if unknown := [name for name in given if name not in known]:
            return f"has objects with {', '.join(known)}; not with {str(unknown[0])[:100]!r}"
        if missing := [name for name in self.needs if name not in given]:
            return f"has an object without {missing[0]}"
        found = ((name, known[name].problem(each)) for name, each in given.items())
        return next((f"has a {name} that {wrong}" for name, wrong in found if wrong), "")

    def schema(self) -> dict[str, Any]:
        each = {
            "type": "object",
            "additionalProperties": False,
            "properties": {part.name: part.schema() for part in self.parts},
            **({"required": list(self.needs)} if self.needs else {}),
        }
        return {
            "type": "array",
            "items": each,
            "maxItems": self.max_items,
            "description": self.help,
        }


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_ID


def check_settings(platform: str, options: Sequence[Option], settings: Mapping[str, Any]) -> None:
    """Raise Unsupported, naming the option, unless each setting is known, and valid or null."""
    known = {option.name: option for option in options}
    for name, value in settings.items():
        option = known.get(name)
        if option is None:
            shown = str(name)[:100]
            near = difflib.get_close_matches(shown, list(known), n=1)
            hint = f" Do you mean {near[0]!r}?" if near else ""
            raise Unsupported(f"{platform} has no option {shown!r}.{hint}")
        if value is not None and (problem := option.problem(value)):
            raise Unsupported(f"{platform}'s option {name} {problem}.")
