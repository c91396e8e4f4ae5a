"""Writes the collections: a file for Postman, a folder for Bruno."""

import json
import re
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.clients.builders.collection_requests import (
    Collection,
    Folder,
    Optional,
    Request,
    collection,
)
from deploy.clients.document import ROOT

README = ROOT / "deploy" / "clients" / "collection" / "README.md"
#: Forms of a value that a line of a block can hold.
_ONE_LINE = re.compile(r"\s+")
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def build(document: Path, into: Path) -> None:
    """Write `into`/postman.json and `into`/bruno."""
    found = collection(json.loads(document.read_text()))
    (into / "postman.json").write_text(_written(found))
    _write(found, into / "bruno")
    shutil.copy(README, into)


def _write(collection: Collection, into: Path) -> None:
    """Write the folder to open."""
    for name, text in _files(collection):
        file = into / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _files(collection: Collection) -> Iterator[tuple[str, str]]:
    about = {"version": "1", "name": collection.name, "type": "collection"}
    yield "bruno.json", json.dumps(about, indent=2) + "\n"
    auth = [_block("auth", {"mode": "bearer"}), _block("auth:bearer", {"token": "{{api_key}}"})]
    yield "collection.bru", _joined(*auth, _text("docs", collection.description))
    ids = {"base_url": collection.base_url, **dict.fromkeys(collection.ids, "")}
    secrets = "vars:secret [\n  api_key\n]\n"
    yield "environments/Dovecote.bru", _joined(_block("vars", ids), secrets)
    for seq, folder in enumerate(collection.folders, 1):
        meta = _block("meta", {"name": folder.name, "seq": str(seq)})
        yield f"{folder.name}/folder.bru", _joined(meta, _text("docs", folder.description))
        yield from _requests(folder)


def _requests(folder: Folder) -> Iterator[tuple[str, str]]:
    names: set[str] = set()
    for seq, request in enumerate(folder.requests, 1):
        name = re.sub(r"[^\w '-]", "", request.name)
        # Two files of one name would be one.
        name = f"{name} {seq}" if name in names else name
        names.add(name)
        yield f"{folder.name}/{name}.bru", _request(request, seq)


def _request(request: Request, seq: int) -> str:
    sent = {
        "url": request.url,
        "body": "none" if request.body is None else "json",
        "auth": "none" if request.is_open else "inherit",
    }
    body = "" if request.body is None else json.dumps(request.body, indent=2, ensure_ascii=False)
    return _joined(
        _block("meta", {"name": request.name, "type": "http", "seq": str(seq)}),
        _block(request.method.lower(), sent),
        _block("params:query", _optional(request.query)),
        _block("headers", _optional(request.headers)),
        _text("body:json", body),
        _text("docs", _told(request)),
    )


def _told(request: Request) -> str:
    """Its description, and what its parameters mean: a line of a block has no room for that."""
    given = [f"- `{each.name}`: {each.description}" for each in request.query]
    return "\n\n".join(filter(None, [request.description, "\n".join(given)]))


def _optional(given: list[Optional]) -> dict[str, str]:
    return {("" if each.is_needed else "~") + each.name: each.value for each in given}


def _block(name: str, values: Mapping[str, str]) -> str:
    lines = [f"  {key}: {_ONE_LINE.sub(' ', value)}".rstrip() for key, value in values.items()]
    return "\n".join([f"{name} {{", *lines, "}\n"]) if lines else ""


def _text(name: str, text: str) -> str:
    # A line that is indented never ends the block.
    return f"{name} {{\n{textwrap.indent(text, '  ', lambda _: True)}\n}}\n" if text else ""


def _joined(*blocks: str) -> str:
    return "\n".join(filter(None, blocks))


def _written(collection: Collection) -> str:
    """The file to import."""
    found = {
        "info": {
            "name": collection.name,
            "description": collection.description,
            "schema": SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [_pair("token", "{{api_key}}")]},
        "variable": [
            _pair("base_url", collection.base_url),
            _pair("api_key", ""),
            *(_pair(name, "", words) for name, words in collection.ids.items()),
        ],
        "item": [_folder(folder) for folder in collection.folders],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _folder(folder: Folder) -> Mapping[str, Any]:
    items = [_item(request) for request in folder.requests]
    return {"name": folder.name, "description": folder.description, "item": items}


def _item(request: Request) -> Mapping[str, Any]:
    headers = [_optional_pair(each) for each in request.headers]
    sent: dict[str, Any] = {
        "method": request.method,
        "header": headers,
        "url": _url(request),
        "description": request.description,
    }
    if request.is_open:
        sent["auth"] = {"type": "noauth"}
    if request.body is not None:
        raw = json.dumps(request.body, indent=2, ensure_ascii=False)
        sent["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
        headers.append(_pair("Content-Type", "application/json"))
    return {"name": request.name, "request": sent, "response": []}


def _url(request: Request) -> Mapping[str, Any]:
    return {
        "raw": request.url,
        "host": ["{{base_url}}"],
        "path": request.path.strip("/").split("/"),
        "query": [_optional_pair(each) for each in request.query],
    }


def _optional_pair(each: Optional) -> dict[str, Any]:
    return _pair(each.name, each.value, each.description) | {"disabled": not each.is_needed}


def _pair(key: str, value: str, description: str = "") -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"key": key, "value": value, "type": "string", **told}
