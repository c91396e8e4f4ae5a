"""Makes the example of a body or an answer from its schema.

Each field is filled from the table of words, by `Component.field` or by `field`; what is in neither
is made from its type. So a new endpoint has examples of its own shape too.
"""

from collections.abc import Callable
from typing import Any

from posts.api.schema.examples import FILE, MOMENT, NETWORK, OWN, SCHEMAS, UNSAID, WORDS, Json

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
_FORMATS = {"date-time": MOMENT, "uuid": FILE, "uri": OWN}


class ExampleMaker:
    """Makes values of a schema; `component` finds the schema that a `$ref` names."""

    def __init__(self, component: Callable[[str], Json]) -> None:
        self.component = component

    def make(self, schema: Json, *, is_body: bool, owner: str = "") -> Any:
        """A value of this schema; `owner` is the component whose fields these are."""
        if "$ref" in schema:
            owner = schema["$ref"].removeprefix(SCHEMAS)
            schema = self.component(owner)
        for kind in ("allOf", "oneOf"):
            if kind in schema:
                return self.make(schema[kind][0], is_body=is_body, owner=owner)
        if "properties" in schema:
            wanted = schema.get("required", []) if is_body else ()
            return {
                name: self._field(owner, name, inner, is_body)
                for name, inner in schema["properties"].items()
                if not is_body or name in wanted or name not in UNSAID
            }
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type", "object")
        if kind == "array":
            return [self.make(schema["items"], is_body=is_body, owner=owner)]
        if kind == "string":
            return _FORMATS.get(schema.get("format", ""), "Acme")
        if inner := schema.get("additionalProperties"):
            one = isinstance(inner, dict)
            return {NETWORK.key: self.make(inner, is_body=is_body)} if one else {}
        return {"integer": 1, "number": 1.5, "boolean": False}.get(kind, {})

    def _field(self, owner: str, name: str, schema: Json, is_body: bool) -> Any:
        for word in (f"{owner}.{name}", name):
            if word in WORDS and self._fits(WORDS[word], schema):
                return WORDS[word]
        return self.make(schema, is_body=is_body)

    def _fits(self, value: Any, schema: Json) -> bool:
        """Return whether the value has the field's type: one name may mean two things."""
        if "allOf" in schema:
            return self._fits(value, schema["allOf"][0])
        if "oneOf" in schema:
            return any(self._fits(value, each) for each in schema["oneOf"])
        if "$ref" in schema:
            return self._fits(value, self.component(schema["$ref"].removeprefix(SCHEMAS)))
        if "enum" in schema:
            return value in schema["enum"]
        if isinstance(value, list) and "$ref" in schema.get("items", {}):
            return all(self._fits(each, schema["items"]) for each in value)
        return _TYPES.get(type(value), "object") == schema.get("type")
