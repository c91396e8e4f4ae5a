"""Makes the TypeScript client's package of the OpenAPI document, with tools that npm installs."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.clients.document import ROOT
from deploy.clients.operations import Document, Operation, Schema

HERE = ROOT / "deploy" / "clients" / "typescript"
#: Of a working copy, for people who develop there; none of it is the package's.
LEFT_OUT = ("node_modules", "dist", "generated")
#: npm checks each package against its hash in package-lock.json, and runs nothing of it.
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
BY_HAND = "// Made from the OpenAPI document; not by hand.\n"
#: What has another name than in Python: `import` is a word of that language, for one.
NAMES = {
    "complete_upload": "completeUpload",
    "get_default_queue": "getDefault",
    "import_posts": "import",
}
#: A part of the client, where it is not the tag.
PARTS = {"queue": "queues"}
#: Wide enough that a method's first line is one line.
_WIDTH = 96
_RESOURCES = f"""{BY_HAND}import type {{ Answer }} from "../answer.js";
import type {{ Listing }} from "../listing.js";
import {{ Resource }} from "../resource.js";
import type {{ CallOptions, Transport }} from "../transport.js";
import type {{ Body, Data, Query }} from "../types.js";

"""


def build(document: Path, into: Path) -> None:
    """Write the whole package to `into`, compile it, and pack it as a .tgz there."""
    if not shutil.which("npm"):
        sys.exit("The TypeScript client is built with Node.js and npm: apt install nodejs npm")
    shutil.copytree(HERE, into, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(ROOT / "LICENSE", into)
    shutil.copy(document, into / "openapi.json")
    _run(into, *INSTALL)
    generate(document, into / "src" / "generated")
    _run(into, "npm", "run", "--silent", "schema")
    _run(into, "npm", "run", "--silent", "compile")
    _run(into, "npm", "pack", "--silent", "--ignore-scripts")


def generate(document: Path, folder: Path) -> None:
    """Write what is generated here and not by npm's tools."""
    folder.mkdir(parents=True, exist_ok=True)
    described = Document.read(document)
    (folder / "operations.ts").write_text(_operations_file(described))
    (folder / "resources.ts").write_text(_resources_file(described))


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def _operations_file(document: Document) -> str:
    """operations.ts: where each operation is, and who solves each error."""
    parts = _parts(document).values()
    rows = "".join(f"  {one.id}: {json.dumps(_row(one))},\n" for each in parts for one in each)
    actors = "".join(
        f"  {code}: {json.dumps(told['actor'])},\n" for code, told in document.error_codes.items()
    )
    return (
        f"{BY_HAND}"
        'import type { Actor } from "../errors.js";\n'
        'import type { Operation, OperationId } from "../types.js";\n\n'
        f"export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {{\n{rows}}};\n\n"
        "/** Who must act when the API refuses, by code. */\n"
        f"export const ACTORS: Readonly<Record<string, Actor>> = {{\n{actors}}};\n"
    )


def _resources_file(document: Document) -> str:
    """resources.ts: a class for each part of the API, and one that has them all."""
    parts = _parts(document)
    told = {_part(tag["name"]): tag.get("description", "") for tag in document.whole["tags"]}
    classes = "\n".join(_class(part, told.get(part, ""), each) for part, each in parts.items())
    fields = "".join(f"  readonly {part}: {_name(part)};\n" for part in parts)
    made = "".join(f"    this.{part} = new {_name(part)}(transport);\n" for part in parts)
    return (
        f"{_RESOURCES}{classes}\n"
        "/** Every call of the API. */\n"
        f"export class Resources {{\n{fields}\n"
        f"  constructor(protected readonly transport: Transport) {{\n{made}  }}\n}}\n"
    )


def _parts(document: Document) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for operation in document.operations:
        found.setdefault(_part(operation.resource), []).append(operation)
    return found


def _part(tag: str) -> str:
    """The client's property for the calls of a tag."""
    return _camel(PARTS.get(tag, tag).replace("-", "_"))


def _name(part: str) -> str:
    return f"{part[0].upper()}{part[1:]}Calls"


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _row(operation: Operation) -> dict[str, Any]:
    row: dict[str, Any] = {"method": operation.method, "path": operation.path}
    if operation.takes_key:
        row["keyed"] = True
    if operation.items is not None:
        row["items"] = operation.items
    if operation.has_pages:
        limit = next(each for each in operation.parameters("query") if each.name == "limit")
        row["most"] = limit.schema.get("maximum", 100)
    return row


def _class(part: str, told: str, operations: list[Operation]) -> str:
    comment = _comment(told, "") if told else ""
    methods = "\n".join(map(_method, operations))
    return f"{comment}export class {_name(part)} extends Resource {{\n{methods}}}\n"


def _method(operation: Operation) -> str:
    names = [field.name for field in operation.parameters("path")]
    parts = [f"path: {{ {', '.join(f'{each}: {_camel(each)}' for each in names)} }}"] * bool(names)
    parts += ["query"] * bool(operation.parameters("query")) + ["body"] * bool(operation.bodies)
    about = f"{{ {', '.join(parts)} }}" if parts else "{}"
    answer, send = f'Answer<"{operation.id}">', "call"
    if operation.items is not None:
        field = f'["{operation.items}"]' if operation.items else ""
        item = f'Data<"{operation.id}">{field}[number]'
        answer, send = f'Listing<"{operation.id}", {item}>', "listing"
    name = NAMES.get(operation.id) or _camel(operation.name)
    return (
        f"{_comment(operation.told.get('description') or operation.told['summary'], '  ')}"
        f"  {name}({', '.join(_parameters(operation))}): {answer} {{\n"
        f'    return this.transport.{send}("{operation.id}", {about}, options);\n'
        "  }\n"
    )


def _parameters(operation: Operation) -> Iterator[str]:
    for field in operation.parameters("path"):
        kind = "string | number" if _takes_numbers(field.schema) else "string"
        yield f"{_camel(field.name)}: {kind}"
    if operation.bodies:
        is_needed = operation.told["requestBody"].get("required")
        yield f'body{"" if is_needed else "?"}: Body<"{operation.id}">'
    if query := operation.parameters("query"):
        is_needed = any(field.required for field in query)
        yield f'query{"" if is_needed else "?"}: Query<"{operation.id}">'
    yield "options?: CallOptions"


def _comment(words: str, indent: str) -> str:
    paragraphs = [" ".join(each.split()).replace("*/", "* /") for each in words.split("\n\n")]
    lines = [
        line for each in paragraphs for line in (*textwrap.wrap(each, _WIDTH - len(indent)), "")
    ]
    told = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines[:-1])
    return f"{indent}/**\n{told}{indent} */\n"


def _takes_numbers(schema: Schema) -> bool:
    """Return whether a part of a path may be a number: the document has some of those as text."""
    is_number = schema.get("type") == "integer"
    return is_number or re.match(schema.get("pattern", "$."), "1") is not None
