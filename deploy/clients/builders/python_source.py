"""The Python client's calls, resources and errors, as source made of the document."""

import builtins
import keyword
from collections.abc import Iterable, Iterator
from textwrap import indent

from deploy.clients.builders.python_types import Types, literal
from deploy.clients.operations import Document, Field, Operation

JSON = "application/json"
MULTIPART = "multipart/form-data"
#: Written by hand in the package, because they answer more than their data.
BY_HAND = ("create_post", "schedule_post", "upload_from_url", "import_posts")
#: Further pages are fetched by themselves.
PAGING = {
    "limit": "    limit: How many items to fetch at a time.",
    "offset": "    offset: How many items to skip.",
}
CALLS = '''"""Every operation of the API as a call to send: made from the OpenAPI document."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from dovecote._generated import models
from dovecote._generated.types import UNSET, Unset
from dovecote._calls import Call, File, Paged, key, nothing, raw, segment
'''
RESOURCES = '''"""The resources of a client: made from the OpenAPI document."""

from functools import cached_property

from dovecote import calls
from dovecote._resources import (
    AsyncListing,
    AsyncOperation,
    AsyncResource,
    Listing,
    Operation,
    Resource,
)
'''
ERRORS = '''"""An exception for each code of the API: made from the OpenAPI document."""

from dovecote._api_error import ApiError
'''


def calls(document: Document) -> str:
    names = _names(operation.id for operation in document.operations)
    return CALLS + names + "".join(_call(operation) for operation in document.operations)


def errors(document: Document) -> str:
    """A class for each code, and `BY_CODE`, which finds them."""
    names = {code: error_name(code) for code in document.error_codes}
    classes = (
        f"\n\nclass {names[code]}(ApiError):\n"
        f'    """The API answered `{code}`. {told["to_do"]}"""\n\n'
        f"    usual_actor = {literal(told['actor'])}\n"
        for code, told in document.error_codes.items()
    )
    entries = "".join(f'    "{code}": {name},\n' for code, name in names.items())
    table = f"BY_CODE: dict[str, type[ApiError]] = {{\n{entries}}}\n"
    return f"{ERRORS}{_names(names.values())}{''.join(classes)}\n\n{table}"


def _names(public: Iterable[str]) -> str:
    listed = "".join(f"    {literal(name)},\n" for name in sorted(public))
    return f"\n__all__ = [\n{listed}]\n"


def error_name(code: str) -> str:
    name = "".join(map(str.capitalize, code.split("_"))).removesuffix("Error") + "Error"
    return f"Api{name}" if hasattr(builtins, name) else name


def resources(document: Document) -> str:
    names = sorted({operation.resource for operation in document.operations})
    each = {name: [one for one in document.operations if one.resource == name] for name in names}
    source = [RESOURCES]
    for prefix in ("", "Async"):
        source += [_resource(prefix, name, each[name]) for name in names]
        source.append(_attributes(prefix, names))
    return "".join(source)


def class_name(resource: str) -> str:
    return "".join(map(str.capitalize, resource.split("_")))


def _resource(prefix: str, name: str, operations: Iterable[Operation]) -> str:
    lines = [f"\n\nclass {prefix}{class_name(name)}({prefix}Resource):"]
    lines += [f'    """Calls of `client.{name}`."""', ""]
    for operation in operations:
        if operation.id not in BY_HAND:
            kind = "Listing" if _items(operation) else "Operation"
            lines.append(f"    {operation.name} = {prefix}{kind}(calls.{operation.id})")
    return "\n".join(lines) + "\n"


def _attributes(prefix: str, names: Iterable[str]) -> str:
    lines = [f"\n\nclass {prefix}Resources({prefix}Resource):"]
    lines += ['    """What a client has as its attributes."""']
    for name in names:
        lines += ["", "    @cached_property"]
        lines += [f"    def {name}(self) -> {prefix}{class_name(name)}:"]
        lines += [f"        return {prefix}{class_name(name)}(self._client)"]
    return "\n".join(lines) + "\n"


def _call(operation: Operation) -> str:
    types = Types(operation.document)
    answer, data, take = _answer(operation, types)
    kind = "Paged" if _items(operation) else "Call"
    arguments = [f"    {argument},\n" for argument in _arguments(operation, types)]
    given = [
        *(f'"{operation.id}"', f'"{operation.method}"', _path(operation), answer[1], take),
        *_sent(operation),
    ]
    return (
        f"\n\ndef {operation.id}(\n{''.join(arguments)}) -> {kind}[{answer[0]}, {data}]:\n"
        f"{indent(_docstring(operation), '    ')}\n"
        f"    return {kind}(\n{''.join(f'        {each},{chr(10)}' for each in given)}    )\n"
    )


def _arguments(operation: Operation, types: Types) -> Iterator[str]:
    for field in operation.parameters("path"):
        kind = types.given(field.schema)
        # Answers have some ids as UUIDs or numbers.
        yield f"{_name(field)}: {'UUID | str | int' if kind == 'str' else kind}"
    named = sorted(
        [*_body(operation), *operation.parameters("query")], key=lambda field: not field.required
    )
    required = [f"{_name(f)}: {types.given(f.schema)}" for f in named if f.required]
    # What a call cannot do without needs no name, if that is one thing.
    yield from required if len(required) == 1 else ()
    if len(named) > (len(required) == 1) or operation.takes_key:
        yield "*"
    yield from required if len(required) != 1 else ()
    for field in named:
        if not field.required:
            yield f"{_name(field)}: {types.given(field.schema)} | Unset = UNSET"
    if operation.takes_key:
        yield "idempotency_key: str | None = None"


def _sent(operation: Operation) -> Iterator[str]:
    if query := operation.parameters("query"):
        yield f"query={_mapping(query)}"
    if fields := _body(operation):
        yield f"{'form' if MULTIPART in operation.bodies else 'body'}={_mapping(fields)}"
    elif operation.bodies:
        yield "body={}"
    if operation.takes_key:
        yield "key=key(idempotency_key)"
    if accepted := operation.accepted.get(JSON):
        yield f"accepted=models.{operation.document.name(accepted)}.from_dict"
    if items := _items(operation):
        yield f"items=lambda answer: answer.{items}"
        more = _more(operation)
        yield f"more={f'lambda answer: answer.{more}' if more else None}"


def _mapping(fields: Iterable[Field]) -> str:
    return "{" + ", ".join(f"{literal(field.name)}: {_name(field)}" for field in fields) + "}"


def _body(operation: Operation) -> list[Field]:
    """A file is sent as a form, everything else as JSON."""
    bodies = operation.bodies
    schema = bodies.get(MULTIPART) or bodies.get(JSON)
    return operation.document.fields(schema) if schema else []


def _answer(operation: Operation, types: Types) -> tuple[tuple[str, str], str, str]:
    """Type and reader of the whole answer, type of its data, and how to get at that."""
    document, answers = operation.document, operation.answers
    name = document.name(answers.get(JSON, {})) if len(answers) == 1 else ""
    if not answers:
        return ("None", "nothing"), "None", "lambda answer: answer"
    if not name:
        return ("bytes", "raw"), "bytes", "lambda answer: answer"
    data = document.properties(answers[JSON])["data"]
    kind = types.read(data)
    if items := _items(operation):
        inner = data if items == "data" else document.properties(data)[items.split(".")[1]]
        kind = types.read(inner["items"])
    whole, reads = f"models.{name}", f"models.{name}.from_dict"
    if accepted := operation.accepted.get(JSON):
        whole += f" | models.{document.name(accepted)}"
        kind += f" | {types.read(document.properties(accepted)['data'])}"
    return (whole, reads), kind, "lambda answer: answer.data"


def _items(operation: Operation) -> str:
    """Return where the items of a list are in its answer; "" if it is no list, or one as it is."""
    document, found = operation.document, operation.items
    if not found:
        return "data" if found == "" and operation.has_pages else ""
    data = document.properties(operation.answers[JSON])["data"]
    # What says more than its items is read as a whole.
    return "" if set(document.properties(data)) - {found, "pagination"} else f"data.{found}"


def _more(operation: Operation) -> str:
    """Return where a page says whether another one follows; "" if it does not."""
    document, answer = operation.document, operation.answers[JSON]
    for part in ("data", "meta"):
        if "pagination" in document.properties(document.properties(answer)[part]):
            return f"{part}.pagination.has_more"
    return ""


def _path(operation: Operation) -> str:
    path = operation.path
    for field in operation.parameters("path"):
        path = path.replace(f"{{{field.name}}}", f"{{segment({_name(field)})}}")
    return f'f"{path}"' if "{" in path else f'"{path}"'


def _name(field: Field) -> str:
    name = field.name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _docstring(operation: Operation) -> str:
    fields = [*operation.parameters("path"), *_body(operation), *operation.parameters("query")]
    told = [f"    {_name(f)}: {f.description}" for f in fields if f.description]
    if operation.has_pages and _items(operation):
        told = [PAGING.get(line.split(":")[0].strip(), line) for line in told]
    text = operation.description + ("\n\nArgs:\n" + "\n".join(told) if told else "")
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''") + '\n"""'
