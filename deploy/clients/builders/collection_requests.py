"""The operations of the document as requests to send, the same for every kind of collection."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]

#: An example of a query parameter's value, where its schema has none.
_BY_TYPE = {"integer": "1", "number": "1", "boolean": "true"}


@dataclass(frozen=True)
class Optional:
    """A query parameter or a header, switched off until its reader wants it."""

    name: str
    value: str
    description: str
    is_needed: bool = False


@dataclass(frozen=True)
class Request:
    name: str
    method: str
    #: With `{{name}}` for each id in it.
    path: str
    description: str
    #: Needs no key.
    is_open: bool
    query: list[Optional] = field(default_factory=list)
    headers: list[Optional] = field(default_factory=list)
    #: The example of a JSON body; None if it has no body, or one of another type.
    body: Any = None

    @property
    def url(self) -> str:
        """Where it is sent, with the query parameters that it needs."""
        needed = "&".join(f"{each.name}={each.value}" for each in self.query if each.is_needed)
        return f"{{{{base_url}}}}{self.path}" + (f"?{needed}" if needed else "")


@dataclass(frozen=True)
class Folder:
    name: str
    description: str
    requests: list[Request]


@dataclass(frozen=True)
class Collection:
    name: str
    description: str
    base_url: str
    #: The names of ids in paths, with what each is.
    ids: dict[str, str]
    folders: list[Folder]


def collection(document: Json) -> Collection:
    """The whole document, a folder for each tag."""
    words = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    folders: dict[str, Folder] = {}
    ids: dict[str, str] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            folder = folders.setdefault(tag, Folder(tag, words.get(tag, ""), []))
            folder.requests.append(_request(method, path, operation))
            for each in _given(operation, "path"):
                ids.setdefault(each["name"], each.get("description", ""))
    info = document["info"]
    ordered = sorted(folders.values(), key=lambda folder: folder.name)
    base_url = document["servers"][0]["url"]
    return Collection(info["title"], info["description"].strip(), base_url, ids, ordered)


def _request(method: str, path: str, operation: Json) -> Request:
    content = operation.get("requestBody", {}).get("content", {})
    return Request(
        name=operation.get("summary") or operation["operationId"],
        method=method.upper(),
        path=re.sub(r"{(\w+)}", r"{{\1}}", path),
        description=operation.get("description", ""),
        is_open=not operation.get("security"),
        query=list(_optional(operation, "query")),
        headers=list(_optional(operation, "header")),
        body=content.get("application/json", {}).get("example"),
    )


def _optional(operation: Json, place: str) -> Iterator[Optional]:
    for each in _given(operation, place):
        yield Optional(
            each["name"],
            _value(each),
            " ".join(each.get("description", "").split()),
            bool(each.get("required")),
        )


def _value(parameter: Json) -> str:
    schema = parameter["schema"]
    known = parameter.get(
        "example", schema.get("default", next(iter(schema.get("enum", ())), None))
    )
    if known is None:
        return _BY_TYPE.get(schema.get("type", ""), "")
    return str(known).lower() if isinstance(known, bool) else str(known)


def _given(operation: Json, place: str) -> list[Json]:
    return [each for each in operation.get("parameters", ()) if each["in"] == place]
