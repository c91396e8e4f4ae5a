"""Python's types for the document's schemas: of what is sent, and of what is read."""

from dataclasses import dataclass

from deploy.clients.operations import Document, Schema

PLAIN = {"integer": "int", "number": "float", "boolean": "bool"}
GIVEN = {
    "date-time": "datetime | str",
    "date": "date | str",
    "uuid": "UUID | str",
    "binary": "File",
}
READ = {"date-time": "datetime", "date": "date", "uuid": "UUID"}
#: How the pattern of a text looks that names several things, separated by commas.
SEVERAL = "(,("


@dataclass(frozen=True)
class Types:
    document: Document

    def given(self, schema: Schema) -> str:
        """Return what a caller may pass: also plain values and mappings instead of models."""
        kind = self._given(schema)
        return f"{kind} | None" if schema.get("nullable") else kind

    def _given(self, schema: Schema) -> str:
        opened, name = self.document.open(schema), self.document.name(schema)
        if values := opened.get("enum"):
            texts = f"Literal[{', '.join(literal(value) for value in values if value)}]"
            return f"models.{name} | {texts}" if name else texts
        if parts := opened.get("oneOf") or opened.get("anyOf"):
            return " | ".join(dict.fromkeys(map(self.given, parts)))
        kind = opened.get("type")
        if kind == "array":
            return f"Sequence[{self.given(opened['items'])}]"
        if kind == "string":
            several = " | Sequence[str]" if SEVERAL in opened.get("pattern", "") else ""
            return GIVEN.get(opened.get("format", ""), "str") + several
        if kind == "object":
            return f"models.{name} | Mapping[str, Any]" if name else self._mapping(opened)
        return PLAIN.get(str(kind), "Any")

    def _mapping(self, schema: Schema) -> str:
        values = schema.get("additionalProperties")
        inner = self.given(values) if isinstance(values, dict) else "Any"
        return f"Mapping[str, {inner}]"

    def read(self, schema: Schema) -> str:
        """Return what the models hold."""
        kind = self._read(schema)
        return f"{kind} | None" if schema.get("nullable") else kind

    def _read(self, schema: Schema) -> str:
        opened, name = self.document.open(schema), self.document.name(schema)
        if parts := opened.get("oneOf"):
            return " | ".join(map(self.read, parts))
        kind = opened.get("type")
        if name and (kind == "object" or "enum" in opened):
            return f"models.{name}"
        if kind == "array":
            return f"list[{self.read(opened['items'])}]"
        if kind == "string":
            return READ.get(opened.get("format", ""), "str")
        return PLAIN.get(str(kind), "Any")


def literal(text: str) -> str:
    """As source, in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
