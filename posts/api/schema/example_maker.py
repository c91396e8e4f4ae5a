"""Make the example of a body or an answer from its schema; refusals stand whole.

Each field is filled from the table of words, by `Component.field` or by `field`; what is in
neither is made from its type. So a new endpoint has examples of its own shape too.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from posts.api.schema.examples import (
    FILE,
    META,
    MOMENT,
    NETWORK,
    OWN,
    SCHEMAS,
    UNSAID,
    WORDS,
    Json,
)
from posts.errors import Code

_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
#: Begins the name of a component that another has the fields of.
FORM = re.compile("^(Created?|Edit|Rotated|Shown)(?=[A-Z])")
_FORMATS = {"date-time": MOMENT, "date": MOMENT[:10], "uuid": FILE, "uri": OWN}


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
        noun = FORM.sub("", owner)
        for word in (f"{owner}.{name}", f"{noun}.{name}", name):
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
        if schema.get("format") in ("uuid", "date"):
            return isinstance(value, str) and len(value) == len(_FORMATS[schema["format"]])
        if isinstance(value, list) and "$ref" in schema.get("items", {}):
            return all(self._fits(each, schema["items"]) for each in value)
        return _TYPES.get(type(value), "object") == schema.get("type")


REFUSALS: dict[str, str] = {
    "validation_error": "content: This field is required.",
    "invalid_json": "The body is not valid JSON in UTF-8.",
    "content_too_long": "The text has 300 characters; X takes 280.",
    "invalid_field_name": "There is no field 'media'; files are named in media_ids.",
    "past_schedule_time": "scheduled_at must be in the future.",
    "unauthorized": "This API key is malformed, unknown, revoked or expired.",
    "own_post": "The key that wrote the post cannot approve it.",
    "insufficient_scope": "This needs a key with the scope write.",
    "storage_quota_exceeded": "The files of this workspace use all of its storage.",
    "bulk_limit_exceeded": "One call creates at most 50 posts.",
    "invalid_webhook_url": "url: The URL must begin with https://.",
    "webhook_limit_reached": "The workspace has 25 webhooks, which is the most; delete one first.",
    "missing_filter": "Send at least one filter.",
    "idempotency_key_reused": "This Idempotency-Key was used for a different request.",
    "storage_full": "This installation has no storage left for files; its operator must free some.",
    "not_found": "There is no such post.",
    "internal_error": "An internal error occurred.",
    "service_unavailable": "Try again in a moment.",
}


def refusal(code: Code, *, retryable: bool) -> Json:
    """An answer that refuses with this code."""
    said = REFUSALS.get(code, f"{code.replace('_', ' ').capitalize()}.")
    error = {"message": said, "code": code, "retryable": retryable}
    return {"data": None, "error": error, "meta": META}


_REFUSED = {
    "code": "invalid_accounts",
    "message": "There is no such account: 4.",
    "status": 400,
    "details": {"account_ids": [4]},
}


def bulk_answer(made: Json, outcomes: Sequence[bool]) -> Json:
    """An answer about many posts, by whether each was made; `made` is one with every field."""
    post = made["data"]["results"][0]["post"]
    results = [
        {"index": index, "ok": ok, **({"post": post} if ok else {"error": _REFUSED})}
        for index, ok in enumerate(outcomes)
    ]
    count = sum(outcomes)
    summary = {"total": len(outcomes), "succeeded": count, "failed": len(outcomes) - count}
    error = {"error": None} if "error" in made else {}
    return {"data": {"summary": summary, "results": results}, **error, "meta": META}
