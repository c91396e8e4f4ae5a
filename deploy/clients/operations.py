"""The operations of the OpenAPI document, each with its place in a client: `posts.retry`."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

Schema = Mapping[str, Any]

KEY_HEADER = "Idempotency-Key"
METHODS = ("get", "post", "put", "patch", "delete")
#: Where the words of the operation make a poor name.
NAMES = {
    "create_posts": "create_many",
    "import_posts": "import_file",
    "resolve_destination": "resolve",
    "complete_upload": "complete",
    "get_default_queue": "get",
}


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    schema: Schema
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    document: "Document"
    id: str
    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def resource(self) -> str:
        """The attribute of a client that has it: `platform_rules`."""
        return str(self.told["tags"][0]).replace("-", "_")

    @property
    def name(self) -> str:
        """The method's name there: what it does, without repeating to what."""
        if self.id in NAMES:
            return NAMES[self.id]
        known = {word for part in self.resource.split("_") for word in (part, part.rstrip("s"))}
        words = [word for word in self.id.split("_") if word not in known] or ["get"]
        return "_".join(words[1:] if words[0] in ("get", "list") and words[1:] else words)

    @property
    def description(self) -> str:
        return f"{self.told['summary']}.\n\n{self.told.get('description', '')}".strip()

    def parameters(self, where: str) -> list[Field]:
        """Those in its `path` or its `query`; the former in the order of the path."""
        found = [
            Field(each["name"], each["schema"], each.get("required", False), _told(each))
            for each in self.told.get("parameters", ())
            if each["in"] == where
        ]
        return sorted(found, key=lambda field: self.path.find(f"{{{field.name}}}"))

    @property
    def takes_key(self) -> bool:
        """Return whether it may be repeated under an Idempotency-Key."""
        return any(each["name"] == KEY_HEADER for each in self.told.get("parameters", ()))

    @property
    def bodies(self) -> dict[str, Schema]:
        """Return what may be sent, by content type."""
        content = self.told.get("requestBody", {}).get("content", {})
        return {kind: each["schema"] for kind, each in content.items()}

    @property
    def answers(self) -> dict[str, Schema]:
        """Return what success answers, by content type; the first of several statuses."""
        return self._answers(min(code for code in self.told["responses"] if code.startswith("2")))

    @property
    def accepted(self) -> dict[str, Schema]:
        """Return what it answers by 202, if that differs from other success."""
        found = self._answers("202")
        return found if found != self.answers else {}

    @property
    def has_pages(self) -> bool:
        return {"limit", "offset"} <= {field.name for field in self.parameters("query")}

    @property
    def items(self) -> str | None:
        """Return the field of `data` with the items of a list, "" if `data` is the list of them,
        None if the answer is no list.
        """
        # Some answers are no envelope, such as an export.
        answer = self.document.properties(self.answers.get("application/json", {}))
        if "data" not in answer or self.method != "GET":
            return None
        data = answer["data"]
        if data.get("type") == "array":
            return ""
        fields = self.document.properties(data)
        lists = [name for name, each in fields.items() if each.get("type") == "array"]
        if self.has_pages:
            # Beside them stand, for instance, warnings.
            lists = [name for name in lists if "$ref" in fields[name]["items"]]
        is_list = len(lists) == 1 and (self.has_pages or len(fields) == 1)
        return lists[0] if is_list else None

    def _answers(self, code: str) -> dict[str, Schema]:
        content = self.told["responses"].get(code, {}).get("content", {})
        return {kind: each["schema"] for kind, each in content.items()}


@dataclass(frozen=True)
class Document:
    whole: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> "Document":
        return cls(json.loads(file.read_text()))

    @cached_property
    def operations(self) -> list[Operation]:
        """In the order of the document."""
        return list(self._operations())

    def _operations(self) -> Iterator[Operation]:
        for path, methods in self.whole["paths"].items():
            for method in METHODS:
                if told := methods.get(method):
                    yield Operation(self, told["operationId"], method.upper(), path, told)

    @property
    def error_codes(self) -> Mapping[str, Mapping[str, str]]:
        """Return who must act (`actor`) and what to do (`to_do`), by code."""
        field = self.whole["components"]["schemas"]["ErrorObject"]["properties"]["code"]
        found: Mapping[str, Mapping[str, str]] = field["x-codes"]
        return found

    def name(self, schema: Schema) -> str:
        """The component that this schema is, or ""."""
        reference = schema.get("$ref") or _only(schema).get("$ref", "")
        return str(reference).rpartition("/")[2]

    def open(self, schema: Schema) -> Schema:
        """The schema itself, where it is a reference to a component."""
        name = self.name(schema)
        found: Schema = self.whole["components"]["schemas"][name] if name else schema
        return found

    def fields(self, schema: Schema) -> list[Field]:
        """Of an object; those that are required first, and none that only answers have."""
        required = self.open(schema).get("required", ())
        found = [
            Field(name, each, name in required, _told(each))
            for name, each in self.properties(schema).items()
            if not each.get("readOnly")
        ]
        return sorted(found, key=lambda field: not field.required)

    def properties(self, schema: Schema) -> Mapping[str, Schema]:
        found: Mapping[str, Schema] = self.open(schema).get("properties", {})
        return found


def _only(schema: Schema) -> Schema:
    """Return what a reference stands in, if it has a description or may be null."""
    parts = schema.get("allOf", ())
    return parts[0] if len(parts) == 1 else {}


def _told(schema: Schema) -> str:
    return re.sub(r"\s+", " ", str(schema.get("description", ""))).strip()
