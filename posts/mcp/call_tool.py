"""Calls a tool: its arguments as a request to the API, and the answer as an agent reads it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from mcp import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, TextContent

from posts.api import errors
from posts.api.endpoints import Arguments, Json, Tool
from posts.errors import RequestRefused, invalid
from posts.mcp import catalogue, tool_errors
from posts.mcp.api_calls import ApiCall, Caller
from posts.mcp.catalogue import Ready
from posts.mcp.schemas import Operation

#: What ids look like; anything else could name another endpoint.
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
#: For so long the same call without an `idempotency_key` is one call, if it makes something.
REPEAT_SECONDS = 600
#: What follows any answer that foresees a failure.
WARNED = "Tell the user what meta.warnings says: those accounts will fail unless it is mended."


def call(caller: Caller, name: str, arguments: Arguments) -> CallToolResult:
    """The tool's result, also if it is refused. Raises MCPError if there is no such tool."""
    ready = catalogue.tools().get(name)
    if ready is None:
        raise MCPError(INVALID_PARAMS, f"Unknown tool: {name[:100]}")
    try:
        _check(ready, caller, arguments)
        answer = caller.send(_request(ready, arguments))
    except RequestRefused as error:
        return refused(name, error)
    if answer.is_refused:
        told = tool_errors.told(name, answer.body["error"], answer.retry_after_seconds)
        return _result({**told, "meta": answer.body["meta"]}, is_error=True)
    return _result(_shown(ready.tool, arguments, answer.body))


def refused(name: str, error: RequestRefused) -> CallToolResult:
    """The result of a call that never reached the API."""
    wait = error.retry_after_seconds or error.details.get("retry_after_seconds")
    return _result(tool_errors.told(name, errors.body(error), wait), is_error=True)


def _check(ready: Ready, caller: Caller, arguments: Arguments) -> None:
    """Raises RequestRefused for a call that the API would misunderstand."""
    name, tool = ready.listed.name, ready.tool
    if ready.operation.scope not in caller.key.scopes:
        message = f"{name} needs a key with the scope {ready.operation.scope}."
        raise RequestRefused("insufficient_scope", message)
    schema = ready.listed.input_schema
    unknown = [each for each in arguments if each not in schema["properties"]]
    if unknown:
        known = ", ".join(schema["properties"]) or "none"
        message = f"{name} has no argument {unknown[0][:100]}; it takes: {known}."
        raise RequestRefused("invalid_field_name", message)
    for argument in schema["required"]:
        if arguments.get(argument) is None:
            raise invalid(argument, "This argument is required.")
    if tool.one_of and not any(_says_when(arguments.get(each)) for each in tool.one_of):
        names = ", or ".join(tool.one_of)
        raise invalid(tool.one_of[0], f"Give {names}. Nothing was done.")
    for argument in tool.own:
        _check_own(argument, schema["properties"][argument], arguments[argument])


def _check_own(name: str, own: Json, value: Any) -> None:
    if "enum" in own:
        if value not in own["enum"]:
            raise invalid(name, f"Choose from {', '.join(own['enum'])}.")
    elif not isinstance(value, str) or not 0 < len(value) <= own["maxLength"]:
        raise invalid(name, f"Must be a text of 1 to {own['maxLength']} characters.")


def _says_when(value: Any) -> bool:
    """Strict, because a post whose time the API did not read would be public at once."""
    return value is True or (isinstance(value, str) and bool(value.strip()))


def _request(ready: Ready, arguments: Arguments) -> ApiCall:
    operation, tool = ready.chosen(arguments), ready.tool
    given = {name: value for name, value in arguments.items() if name in operation.places}
    placed: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "body": {}}
    for name, value in {**given, **tool.fixed}.items():
        placed[operation.places[name]][name] = value
    key = arguments.get("idempotency_key")
    if key is not None and not isinstance(key, str):
        raise invalid("idempotency_key", "Must be 1 to 255 visible ASCII characters.")
    body, kind = tool.file(arguments) if tool.file else _body(operation, placed["body"])
    return ApiCall(
        operation.method,
        operation.path.format(**{name: _id(name, value) for name, value in placed["path"].items()}),
        {name: _text(value) for name, value in placed["query"].items() if value is not None},
        body,
        kind,
        key,
        REPEAT_SECONDS if operation.makes and key is None else 0,
        tool.version_of,
    )


def _body(operation: Operation, fields: Json) -> tuple[bytes, str]:
    has_one = "body" in operation.places.values()
    return json.dumps(fields).encode() if has_one else b"", "application/json"


def _id(name: str, value: Any) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    if not ID.fullmatch(text):
        raise invalid(name, "This is no id.")
    return text


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(tool: Tool, arguments: Arguments, body: Json) -> Json:
    steps = [WARNED] if body["meta"].get("warnings") else []
    step = " ".join(filter(None, [*steps, tool.next_step(arguments, body)]))
    body = tool.shown(arguments, body) if tool.shown else body
    return {**body, "next_step": step} if step else body


def _result(content: Mapping[str, Any], *, is_error: bool = False) -> CallToolResult:
    """The content as text, and as structure too if the call succeeded.

    Programs take structured content for the answer, also if the call was refused.
    """
    text = json.dumps(content, ensure_ascii=False)
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=None if is_error else dict(content),
        is_error=is_error,
    )
