"""Check a value as the network's lexicons do, in the words of its reference server.

A check takes a value and its path (`$.writes[0].record.text`), and raises Invalid. Names and kinds
that a lexicon does not know are refused here: servers keep them, and no app reads them.

Source: npm @atproto/lex-schema, as in @atproto/pds 0.5.35 (run 2026-11-30).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.simulator.measures import graphemes

Check = Callable[[Any, str], None]
FORMATS = {
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,20})?(?:Z|[+-]\d\d:\d\d)",
    "uri": r"(?i:https?)://[^\s\ufeff]{1,2000}",
    "DID": r"did:plc:[a-z2-7]{24}",
    "CID string": "baf[a-z2-7]{56}",
    "at-uri": r"at://did:[^/]+/[a-zA-Z.]+/[a-z2-7]{13}",
    "language": "en|de|fr|ja|pt-BR",
    "handle": r"[\w-]+(?:\.[\w-]+)+",
    "NSID": r"[a-zA-Z]+(?:\.[a-zA-Z]+){2,}",
    "record key": r"(?!\.\.?$)[A-Za-z0-9.~_:-]{1,512}",
    "TID string": "[234567a-j][234567a-z]{12}",
    "AT identifier": r"did:[a-z]+:[\w.:-]+|[\w-]+(?:\.[\w-]+)+",
}


class Invalid(Exception):
    """Say what is wrong, and where."""

    def __init__(self, words: str, path: str) -> None:
        super().__init__(f"{words} at {path}")
        self.words = words


@dataclass(frozen=True, slots=True)
class Maybe:
    """A field that may be missing."""

    check: Check


def shown(value: Any) -> str:
    """Return a value as the words of a refusal show it."""
    match value:
        case Mapping():
            return f"{{{_few([f'{json.dumps(name)}: ...' for name in value])}}}"
        case list():
            return f"[{_few([shown(each) for each in value])}]"
    return json.dumps(value, ensure_ascii=False)


def _few(words: list[str]) -> str:
    return ", ".join([*words[:2], *(["..."] if len(words) > 2 else [])])


def is_a(kind: str, value: Any, types: type, path: str) -> None:
    if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
        raise Invalid(f"Expected {kind} value type (got {shown(value)})", path)


def string(*, most_bytes: int = 0, most_graphemes: int = 0, form: str = "") -> Check:
    def check(value: Any, path: str) -> None:
        is_a("string", value, str, path)
        if most_bytes and (size := len(value.encode())) > most_bytes:
            raise Invalid(f"string too big (maximum {most_bytes}, got {size})", path)
        if most_graphemes and (count := graphemes(value)) > most_graphemes:
            raise Invalid(f"grapheme too big (maximum {most_graphemes}, got {count})", path)
        if form and not re.fullmatch(FORMATS[form], value):
            raise Invalid(f"Invalid {form} (got {shown(value)})", path)

    return check


def literal(*known: str) -> Check:
    def check(value: Any, path: str) -> None:
        if value not in known:
            words = known[0] if len(known) == 1 else f"one of {', '.join(known)}"
            raise Invalid(f"Expected {words} (got {shown(value)})", path)

    return check


def integer(least: int = 0) -> Check:
    def check(value: Any, path: str) -> None:
        is_a("integer", value, int, path)
        if value < least:
            raise Invalid(f"integer too small (minimum {least}, got {value})", path)

    return check


def array(each: Check, most: int = 1000, least: int = 0) -> Check:
    def check(value: Any, path: str) -> None:
        is_a("array", value, list, path)
        if len(value) < least:
            raise Invalid(f"array too small (minimum {least}, got {len(value)})", path)
        if len(value) > most:
            raise Invalid(f"array too big (maximum {most}, got {len(value)})", path)
        for number, item in enumerate(value):
            each(item, f"{path}[{number}]")

    return check


def an_object(fields: Mapping[str, Check | Maybe], kind: str = "") -> Check:
    """Take an object of these fields, in this order; with its `$type` if it is of a `kind`.

    A `$type` that must be there is one of the fields, or asked for by a union. Where it may be
    missing, as in what our adapter sends, other clients send it.
    """

    def check(value: Any, path: str) -> None:
        is_a("object", value, dict, path)
        for name, field in fields.items():
            if name in value:
                (field.check if isinstance(field, Maybe) else field)(value[name], f"{path}.{name}")
            elif not isinstance(field, Maybe):
                raise Invalid(f'Missing required key "{name}"', path)
        if unknown := value.keys() - fields.keys() - ({"$type"} if kind else set()):
            raise Invalid(f"The simulator takes no {min(unknown)}", path)
        if "." in kind and value.get("$type", kind) != kind:
            raise Invalid(f"Expected {kind} (got {shown(value['$type'])})", f"{path}.$type")

    return check


def union(kinds: Mapping[str, Check]) -> Check:
    """Take an object of one of these kinds, by its `$type`."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict) or not isinstance(value.get("$type"), str):
            words = 'Expected an object which includes the "$type" property value type'
            raise Invalid(f"{words} (got {shown(value)})", path)
        if value["$type"] not in kinds:
            raise Invalid(f"The simulator takes no {value['$type']}", path)
        kinds[value["$type"]](value, path)

    return check


def blob(accept: str, most_bytes: int, note: Callable[[Mapping[str, Any]], None]) -> Check:
    """Take a reference to a file and note it: whether it is stored is asked later."""
    fields: dict[str, Check | Maybe] = {
        "$type": literal("blob"),
        "ref": an_object({"$link": string()}),
        "mimeType": string(),
        "size": integer(),
    }

    def check(value: Any, path: str) -> None:
        an_object(fields)(value, path)
        if not re.fullmatch(accept.replace("*", ".*"), value["mimeType"]):
            words = f'Expected "{accept}" (got {shown(value["mimeType"])})'
            raise Invalid(words, f"{path}.mimeType")
        if value["size"] > most_bytes:
            raise Invalid(f"blob too big (maximum {most_bytes}, got {value['size']})", path)
        note(value)

    return check
