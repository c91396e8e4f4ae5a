"""Makes the example of a body or an answer from its schema.

Each field is filled from the table of words, by `Component.field` or by `field`; what is in neither
is made from its type. So a new endpoint has examples of its own shape too.
"""

from collections.abc import Callable
from typing import Any

from posts.api.schema.examples import FILE, MOMENT, OWN, UNSAID, WORDS, Json

SCHEMAS = "#/components/schemas/"
#: Deeper than any answer; shapes that hold themselves end here.
DEPTH = 12


class ExampleMaker:
    """Makes values of a schema; `component` finds the schema that a `$ref` names."""

    def __init__(self, component: Callable[[str], Json]) -> None:
        self.component = component

    def make(self, schema: Json, *, is_body: bool, owner: str = "", depth: int = 0) -> Any:
        """A value of this schema; `owner` is the component whose fields these are."""
        if "$ref" in schema:
            owner = schema["$ref"].removeprefix(SCHEMAS)
            schema = self.component(owner)
        for kind in ("allOf", "anyOf", "oneOf"):
            if kind in schema:
                return self.make(schema[kind][0], is_body=is_body, owner=owner, depth=depth)
        if "properties" in schema and depth < DEPTH:
            wanted = schema.get("required", []) if is_body else ()
            return {
                name: self._field(owner, name, inner, is_body, depth)
                for name, inner in schema["properties"].items()
                if not is_body or name in wanted or not UNSAID & {name, f"{owner}.{name}"}
            }
        return self._plain(schema, is_body, owner, depth)

    def _field(self, owner: str, name: str, schema: Json, is_body: bool, depth: int) -> Any:
        for word in (f"{owner}.{name}", name):
            if word in WORDS and self._fits(WORDS[word], schema):
                return WORDS[word]
        return self.make(schema, is_body=is_body, depth=depth + 1)

    def _fits(self, value: Any, schema: Json) -> bool:
        """Whether the value has the field's type: one name may mean two things."""
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
        types = schema.get("type", [])
        return _TYPES[type(value)] in ([types] if isinstance(types, str) else types)

    def _plain(self, schema: Json, is_body: bool, owner: str, depth: int) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        kinds = schema.get("type", "object")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "array":
            return [self.make(schema["items"], is_body=is_body, owner=owner, depth=depth + 1)]
        if kind == "string":
            return _FORMATS.get(schema.get("format", ""), "Acme")
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            inner = schema["additionalProperties"]
            return {"x": self.make(inner, is_body=is_body, depth=depth + 1)} if inner else {}
        return {"integer": 1, "number": 1.5, "boolean": False, "null": None}.get(kind, {})


_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_FORMATS = {"date-time": MOMENT, "uuid": FILE, "uri": OWN}
