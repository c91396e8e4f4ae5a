"""Describe what holds for every answer: headers, errors with their meaning, and
`platform_content`|with each platform's post types and options.
"""

from functools import lru_cache
from typing import Any

from platforms.registry import ADAPTERS, ALIASES
from posts.api.errors import RETRYABLE, STATUS
from posts.api.schema import descriptions, example_maker
from posts.api.schema.examples import SCHEMAS, Json
from posts.api.serializers import error_codes

#: OpenAPI 3.0 has no type for it.
NULL: Json = {"type": "object", "nullable": True, "maxProperties": 0}
#: What each status means.
MEANINGS = {
    400: "The request is wrong; nothing was changed.",
    401: "The key is missing, malformed, unknown, revoked or expired.",
    402: "The workspace has too few AI credits left; nothing was made.",
    403: "The key may not do this, or the workspace has no room for the file.",
    404: "Not found, or not visible to this key.",
    409: "Its current state does not allow this, or the first request with this Idempotency-Key "
    "is still running (then Retry-After says when to retry); nothing was changed.",
    413: "The body, or the file that it announces, is too large.",
    415: "The body is not application/json, or the type of the file is not accepted.",
    422: "This Idempotency-Key was used for a different request.",
    429: "The key's rate limit is reached; wait as long as Retry-After says.",
    500: "An internal error.",
    503: "A part of the service is unavailable; try again in a moment.",
    507: "The installation has no storage left for the file; its operator must free some.",
}
#: Answers that are not given again to a request with the same Idempotency-Key.
UNKEPT = frozenset({401, 409, 429, 500, 503, 507})
#: Answers that may say how long to wait.
WAITING = frozenset({409, 429})
RATE_HEADERS = {
    "X-RateLimit-Limit": "The limit of the window with the fewest calls left.",
    "X-RateLimit-Remaining": "How many calls are left in it.",
    "X-RateLimit-Reset": "When it has room again, in seconds since 1970.",
}
HEADERS: Json = {
    "X-Request-Id": {
        "description": "The request's id, as in `meta`: in every log line and event it caused.",
        "required": True,
        "schema": {"type": "string", "pattern": "^req_[a-z0-9]+$", "example": "req_abc123def456"},
    },
    **{
        name: {"description": text, "schema": {"type": "integer"}}
        for name, text in RATE_HEADERS.items()
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "Idempotent-Replayed": {
        "description": "true: the first answer to a request with this Idempotency-Key, replayed.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def headers(*more: str) -> Json:
    """The headers of an answer, with `more` of those below."""
    names = ("X-Request-Id", *RATE_HEADERS, *more)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusal(status: int) -> Json:
    """The error answer with this status, and an example of each of its codes."""
    codes = [code for code, its in STATUS.items() if its == status]
    shown = {
        code: {"value": example_maker.refusal(code, retryable=code in RETRYABLE)} for code in codes
    }
    content = {"schema": {"$ref": f"{SCHEMAS}ErrorAnswer"}, "examples": shown}
    more = ["Retry-After"] if status in WAITING else []
    more += ["Idempotent-Replayed"] if status not in UNKEPT else []
    return {
        "description": MEANINGS[status],
        "headers": headers(*more),
        "content": {"application/json": content},
    }


def add_components(result: Json, **_: Any) -> Json:
    """A postprocessing hook of drf-spectacular: adds the components that operations refer to.

    It runs after the hook that names enums: these keep their own.
    """
    components = result["components"]
    components["schemas"] |= {**_error_schemas(), **content_components()}
    components["responses"] = {f"Error{status}": refusal(status) for status in MEANINGS}
    components["headers"] = HEADERS
    _type_nulls(result, components["schemas"])
    return result


def _type_nulls(node: Any, components: Json) -> None:
    """Give each nullable schema a type: OpenAPI 3.0 reads `nullable` only beside one."""
    if isinstance(node, list):
        for each in node:
            _type_nulls(each, components)
    elif isinstance(node, dict):
        for each in node.values():
            _type_nulls(each, components)
        if node.get("nullable") is True and "type" not in node:
            _type_null(node, components)


def _type_null(node: Json, components: Json) -> None:
    if parts := node.get("oneOf"):
        del node["nullable"]
        parts[0] = {**parts[0], "nullable": True}
    elif parts := node.get("allOf"):
        named = components[parts[0]["$ref"].removeprefix(SCHEMAS)]
        node["type"] = named.get("type", "object")


def _error_schemas() -> Json:
    schemas: Json = {
        "ErrorObject": {
            "type": "object",
            "required": ["message", "code", "retryable"],
            "properties": {
                "message": {"type": "string", "description": "For people; its words may change."},
                "code": {
                    "type": "string",
                    "enum": list(STATUS),
                    "description": "A stable code. Who must act, and what to do:\n\n"
                    + error_codes.listed(error_codes.REQUESTS),
                    **error_codes.extension(error_codes.REQUESTS),
                },
                "retryable": {"type": "boolean"},
                "details": {"type": "object", "additionalProperties": True},
            },
        },
        "ErrorAnswer": {
            "type": "object",
            "required": ["data", "error", "meta"],
            "properties": {
                "data": NULL,
                "error": {"$ref": f"{SCHEMAS}ErrorObject"},
                "meta": {"$ref": f"{SCHEMAS}Meta"},
            },
        },
    }
    for name, schema in schemas.items():
        descriptions.describe(name, schema)
    return schemas


@lru_cache(maxsize=1)
def content_components() -> Json:
    """The schemas PlatformContent, and per platform its content and its settings."""
    found: Json = {}
    parts: Json = {}
    for key, adapter in ADAPTERS.items():
        name = adapter.name.replace(" ", "")
        options = {option.name: option.schema() for option in adapter.options}
        of_options = f"{adapter.name}'s own options."
        content: Json = {
            "content": {"type": "string", "description": "Replaces the post's text there."}
        }
        if words := list(adapter.post_types):
            text = "The post type; default: the one that suits the files."
            content["contentType"] = {"type": "string", "enum": words, "description": text}
        content["settings"] = _described(f"{name}Settings", of_options)
        of_content = f"What differs on {adapter.name}."
        found[f"{name}Settings"] = _object(of_options, options)
        found[f"{name}Content"] = _object(of_content, content)
        parts[key] = _described(f"{name}Content", of_content)
    parts |= {alias: parts[key] for alias, key in ALIASES.items()}
    found["PlatformContent"] = _object("What differs per platform; each part is optional.", parts)
    return found


def _object(text: str, properties: Json) -> Json:
    closed = {"type": "object", "additionalProperties": False}
    return {**closed, "description": text, "properties": properties}


def _described(component: str, text: str) -> Json:
    # OpenAPI 3.0 ignores what stands beside a $ref.
    return {"allOf": [{"$ref": f"{SCHEMAS}{component}"}], "description": text}
