"""A collection as Postman reads it.

Source: the schema of Postman's collections, version 2.1.0, in its repository postmanlabs/schemas.
"""

import json
from collections.abc import Mapping
from typing import Any

from deploy.clients.builders.collection.requests import Collection, Folder, Optional, Request

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def written(collection: Collection) -> str:
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
    headers = [_optional(each) for each in request.headers]
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
        "query": [_optional(each) for each in request.query],
    }


def _optional(each: Optional) -> dict[str, Any]:
    return _pair(each.name, each.value, each.description) | {"disabled": not each.is_needed}


def _pair(key: str, value: str, description: str = "") -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"key": key, "value": value, "type": "string", **told}
