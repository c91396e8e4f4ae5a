"""What the published, machine-readable specification says of the calls that we make.

`bot_api.json` is an extract: of each method and type the fields with their types, and `required`.
"""

import json
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from tests.deploy.simulator.wrong_requests import Sent

FOUND = json.loads(Path(__file__).with_name("bot_api.json").read_text())
METHODS, TYPES = FOUND["methods"], FOUND["types"]
PLAIN: Mapping[str, type] = {"String": str, "Boolean": bool, "Integer": int}
ARRAY = "Array of "


def problems(sent: Sent) -> list[str]:
    """Return what of a request does not fit the specification."""
    method = sent.url.rpartition("/")[2]
    if method not in METHODS:
        return [f"{method} is no method"]
    said, files = _said(sent)
    fields = METHODS[method]
    given = {name: _typed(fields.get(name, []), value) for name, value in said.items()}
    named = {name: files[name] for name in files if "InputFile" in fields.get(name, [])}
    attached = {name for name in files if f"attach://{name}" in json.dumps(said)}
    unknown = [f"{name} is a file that nothing names" for name in files.keys() - named - attached]
    return [*unknown, *_wrong(fields, {**given, **named}, method)]


class _File:
    """Fits where the specification wants an InputFile."""


def _said(sent: Sent) -> tuple[dict[str, Any], dict[str, _File]]:
    """Return the parameters of a request, and its files."""
    if sent.kind == "application/json" or not sent.body:
        return json.loads(sent.body or "{}"), {}
    head = f"Content-Type: {dict(sent.headers)['Content-Type']}\r\n\r\n".encode()
    form: Message = BytesParser().parsebytes(head + sent.body)
    said: dict[str, Any] = {}
    files: dict[str, _File] = {}
    for part in form.get_payload():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            files[name] = _File()
        else:
            said[name] = part.get_payload(decode=True).decode()
    return said, files


def _typed(kinds: list[str], value: Any) -> Any:
    """Return a value of a form as it is meant: all but texts are JSON there."""
    return value if "String" in kinds or not isinstance(value, str) else json.loads(value)


def _wrong(fields: Mapping[str, list[str]], given: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in given.keys() - fields.keys():
        yield f"{where} has no {name}"
    for name, kinds in fields.items():
        if name not in given:
            if kinds[0] == "required":
                yield f"{where} needs {name}"
        elif not any(_fits(kind, given[name]) for kind in kinds):
            yield f"{name} of {where} is no {' or '.join(kinds)}: {given[name]!r}"


def _fits(kind: str, value: Any) -> bool:
    if kind in PLAIN:
        return type(value) is PLAIN[kind]
    if kind == "InputFile":
        return isinstance(value, _File)
    if kind.startswith(ARRAY):
        inner = kind.removeprefix(ARRAY)
        if inner.startswith("InputMedia"):
            # An album may hold several kinds.
            return isinstance(value, list) and all(map(_is_medium, value))
        return isinstance(value, list) and all(_fits(inner, each) for each in value)
    return kind in TYPES and isinstance(value, dict) and not list(_wrong(TYPES[kind], value, kind))


def _is_medium(value: Any) -> bool:
    name = f"InputMedia{str(value.get('type')).capitalize()}" if isinstance(value, dict) else ""
    return name in TYPES and _fits(name, value)
