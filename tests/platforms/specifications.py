"""Requests that leave, held against the OpenAPI document that a network publishes.

A network's `openapi.json` is an extract of its document: the operations that we call, with their
bodies, without the parts that we never send. An object has no properties but those that stand
there.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator

from platforms.http.transport import Transport


@dataclass(frozen=True)
class Sent:
    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Specification:
    """`read` says how the values of a query are read that are no texts."""

    def __init__(self, folder: Path, read: Mapping[str, Callable[[str], Any]]) -> None:
        found = json.loads((folder / "openapi.json").read_text())
        self.operations: dict[str, Any] = found["operations"]
        self.server: str = found["servers"][0]["url"]
        self._components = _closed(found.get("components", {}))
        self._read = read

    def problems(self, value: Any, schema: Any) -> list[str]:
        whole = {**_closed(schema), "components": self._components}
        return [each.message for each in Draft202012Validator(whole).iter_errors(value)]

    def check_address(self, sent: Sent) -> str:
        """Return the operation that a request is one of. Its parameters are allowed there."""
        name, path = self._operation(sent)
        query = parse_qsl(urlsplit(sent.url).query)
        given = path | {each: self._read.get(each, str)(value) for each, value in query}
        parameters = {each["name"]: each for each in self.operations[name]["parameters"]}
        assert given.keys() <= parameters.keys(), sent
        for each, value in given.items():
            assert self.problems(value, parameters[each]["schema"]) == [], (sent, each)
        assert ("body" in self.operations[name]) == bool(sent.body)
        return name

    def _operation(self, sent: Sent) -> tuple[str, dict[str, str]]:
        """Return the operation, and the parameters of its path."""
        path = sent.url.partition("?")[0].removeprefix(self.server)
        for name in self.operations:
            method, _, template = name.partition(" ")
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            if method == sent.method and (found := re.fullmatch(pattern, path)):
                return name, found.groupdict()
        raise AssertionError(f"{sent.method} {path} is no operation.")


def watch(monkeypatch: pytest.MonkeyPatch, server: str) -> list[Sent]:
    """Return the list that every request to this server is added to."""
    found, send = [], Transport.send

    async def watched(self, method, url, *, headers, body=None, **options):
        if isinstance(body, AsyncIterator):
            body = b"".join([piece async for piece in body])
            assert int(headers["Content-Length"]) == len(body)
        if url.startswith(server):
            found.append(Sent(method, url, dict(headers), body or b""))
        return await send(self, method, url, headers=headers, body=body, **options)

    monkeypatch.setattr(Transport, "send", watched)
    return found


def _closed(schema: Any) -> Any:
    """Return the schema, whose objects have no further properties."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: _closed(each) for name, each in schema.items()}
    return {**inner, "additionalProperties": False} if "properties" in schema else inner
