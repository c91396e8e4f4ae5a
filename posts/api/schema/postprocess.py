"""What the OpenAPI document cannot read off the views, said once for all of them.

`complete` runs over the finished document, so that an endpoint added tomorrow has the envelope,
the errors, the headers and the examples too. What a view says itself is never overwritten.
"""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from posts.api.errors import RETRYABLE, STATUS
from posts.api.schema import descriptions, examples, operations, platform_content

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"
#: OpenAPI 3.0 has no type for it.
NULL: Json = {"type": "object", "nullable": True, "maxProperties": 0}
INTRODUCTION = """
One request publishes a post to many social accounts. Each account is a destination of its own, with
its own status, retries and result.

Send `Authorization: Bearer pe_live_…` with every call. Every answer is `{"data", "meta"}`, every
error `{"data": null, "error", "meta"}` with a stable `error.code`; `error.retryable` says whether
the same request may succeed later. Times are UTC. Unknown fields are refused.
"""
TAGS = {
    "accounts": "List connected accounts and their health; connect and repair them.",
    "me": "The calling key, its workspace and limits.",
    "media": "Upload files, or import them from URLs.",
    "platform-rules": "Limits and options of each network.",
    "posts": "Create, schedule, follow, retry and delete posts.",
}
#: What each status means, for whoever reads the document.
MEANINGS = {
    400: "The request is wrong; nothing was changed.",
    401: "The key is missing, malformed, unknown, revoked or expired.",
    403: "The key may not do this, or the workspace has no room for the file.",
    404: "There is no such thing, or none that this key sees.",
    409: "It is in a state in which this cannot be done, or the first request with this "
    "Idempotency-Key still runs (then Retry-After says when to ask again); nothing was changed.",
    413: "The body, or the file it announces, is too large.",
    415: "The body is not application/json, or the file is of a type that is not taken.",
    422: "This Idempotency-Key came with another request before.",
    429: "The key has called too often; wait for as long as Retry-After says.",
    500: "A fault on our side.",
    503: "A part of the service is away; try again in a moment.",
    507: "The service has no room for the file; its operator must make some.",
}
#: Answers that are not given again to a request with the same Idempotency-Key.
UNKEPT = frozenset({401, 409, 429, 500, 503, 507})
#: Answers that may say how long to wait.
WAITING = frozenset({409, 429})
REQUEST_ID = {
    "description": "The request's id, as in `meta`: in every log line and event it caused.",
    "required": True,
    "schema": {"type": "string", "pattern": "^req_[a-z0-9]+$", "example": "req_abc123def456"},
}
RATE_HEADERS = {
    "X-RateLimit-Limit": "How many calls the window with the fewest left takes.",
    "X-RateLimit-Remaining": "How many of them are left.",
    "X-RateLimit-Reset": "When it has more again, in seconds since 1970.",
}
REPLAYED: Json = {
    "description": "true: the first answer to a request with this Idempotency-Key, once more.",
    "schema": {"type": "string", "enum": ["true"]},
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A word of your own for this request: sent again within 24 hours, it gets the "
    "first answer (`Idempotent-Replayed: true`) and does nothing twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class BearerKey(OpenApiAuthenticationExtension):
    target_class = "posts.api.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key: pe_live_…"}


def complete(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """A postprocessing hook of drf-spectacular: the document, with what every answer has."""
    components = result["components"]
    schemas = components["schemas"]
    for schema in schemas.values():
        schema.pop("description", None)  # a docstring, for who reads the code
    schemas.update(_error_shapes())
    schemas.update(platform_content.components())
    components["responses"] = {
        f"Error{status}": _refusal(status) for status in MEANINGS if status in STATUS.values()
    }
    components["headers"] = _headers()
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            _finish(schemas, path, method != "get", operation)
    used = {
        tag
        for methods in result["paths"].values()
        for each in methods.values()
        for tag in each["tags"]
    }
    result["tags"] = [{"name": tag, "description": TAGS.get(tag, "")} for tag in sorted(used)]
    result["info"]["description"] = INTRODUCTION
    descriptions.add(result)
    examples.add(result)
    return result


def _finish(schemas: Json, path: str, is_write: bool, operation: Json) -> None:
    for body in _bodies(operation):
        _close(schemas, body)
    for answer in operation["responses"].values():
        _finish_answer(schemas, operation["operationId"], is_write, answer)
    title = operations.SUMMARIES.get(operation["operationId"], operation["operationId"])
    operation.setdefault("summary", title)
    given = operation.setdefault("parameters", [])
    named = {each.get("name") for each in given}
    if is_write and _keeps_answers() and IDEMPOTENCY_KEY["name"] not in named:
        given.append(IDEMPOTENCY_KEY)
    _add_errors(path, is_write, operation)


def _error_shapes() -> Json:
    return {
        "ApiError": {
            "type": "object",
            "required": ["message", "code", "retryable"],
            "properties": {
                "message": {"type": "string", "description": "For people; its words may change."},
                "code": {"type": "string", "enum": list(STATUS)},
                "retryable": {
                    "type": "boolean",
                    "description": "Whether the same request may succeed later.",
                },
                "details": {"type": "object", "additionalProperties": True},
            },
        },
        "ErrorAnswer": {
            "type": "object",
            "required": ["data", "error", "meta"],
            "properties": {
                "data": NULL,
                "error": {"$ref": f"{SCHEMAS}ApiError"},
                "meta": {"$ref": f"{SCHEMAS}Meta"},
            },
        },
    }


def _headers() -> Json:
    told = {
        name: {"description": says, "schema": {"type": "integer"}}
        for name, says in RATE_HEADERS.items()
    }
    wait = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    return {
        "X-Request-Id": REQUEST_ID,
        **told,
        "Retry-After": wait,
        "Idempotent-Replayed": REPLAYED,
    }


def _told(*more: str) -> Json:
    names = ("X-Request-Id", *RATE_HEADERS, *more)
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _refusal(status: int) -> Json:
    """The answer with this status, an example for each of its codes."""
    codes = [code for code, its in STATUS.items() if its == status]
    shown = {code: {"value": examples.refusal(code, retryable=code in RETRYABLE)} for code in codes}
    content = {"schema": {"$ref": f"{SCHEMAS}ErrorAnswer"}, "examples": shown}
    more = ["Retry-After"] if status in WAITING else []
    more += ["Idempotent-Replayed"] if status not in UNKEPT else []
    return {
        "description": MEANINGS[status],
        "headers": _told(*more),
        "content": {"application/json": content},
    }


def _bodies(operation: Json) -> Iterator[Json]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield content["schema"]


def _close(schemas: Json, schema: Json) -> None:
    """Unknown fields of a body are refused, at every depth."""
    for name in _named(schema):
        shape = schemas[name]
        if "properties" in shape and "additionalProperties" not in shape:
            shape["additionalProperties"] = False
            _close(schemas, shape)


def _named(schema: Any) -> Iterator[str]:
    """The components that a schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(SCHEMAS)
        for inner in schema.values():
            yield from _named(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _named(inner)


def _finish_answer(schemas: Json, operation_id: str, is_write: bool, answer: Json) -> None:
    answer.setdefault("headers", _told("Idempotent-Replayed") if is_write else _told())
    answer["description"] = answer.get("description") or "Done."
    content = answer.get("content", {}).get("application/json")
    if content and not _is_enveloped(schemas, content["schema"]):
        name = "".join(word.title() for word in operation_id.split("_"))
        schemas[f"{name}Answer"] = {
            "type": "object",
            "required": ["data", "meta"],
            "properties": {"data": content["schema"], "meta": {"$ref": f"{SCHEMAS}Meta"}},
        }
        content["schema"] = {"$ref": f"{SCHEMAS}{name}Answer"}


def _is_enveloped(schemas: Json, schema: Json) -> bool:
    shape = schemas.get(schema.get("$ref", "").removeprefix(SCHEMAS), schema)
    return {"data", "meta"} <= set(shape.get("properties", {}))


def _keeps_answers() -> bool:
    return 422 in STATUS.values()


def _add_errors(path: str, is_write: bool, operation: Json) -> None:
    asks = any(each["in"] == "query" for each in operation["parameters"])
    applies = {
        400: asks or is_write,
        401: bool(operation.get("security")),
        403: bool(operation.get("security")),
        404: "{" in path,
        409: is_write and ("{" in path or _keeps_answers()),
        413: "requestBody" in operation,
        415: "requestBody" in operation,
        422: is_write and _keeps_answers(),
        429: True,
        500: True,
        503: True,
        507: is_write and "media" in operation["tags"],
    }
    answers = operation["responses"]
    for status, can_occur in applies.items():
        if can_occur and status in STATUS.values():
            named = {"$ref": f"#/components/responses/Error{status}"}
            own = answers.setdefault(str(status), named)
            if status == 422 and own is not named:
                _add_refusal(own, status)


def _add_refusal(own: Json, status: int) -> None:
    """The view answers so itself, and what stands before every view may refuse so."""
    general = _refusal(status)["content"]["application/json"]
    own["description"] = f"{own['description']} Or: {MEANINGS[status]}"
    content = own["content"]["application/json"]
    content["schema"] = {"oneOf": [content["schema"], general["schema"]]}
    content["examples"] = {**content.get("examples", {}), **general["examples"]}
