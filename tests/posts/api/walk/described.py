"""What the OpenAPI document of a mount says of each answer, closed: no answer has other fields."""

import copy
from functools import cache, cached_property
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from config.web.documentation import COMPAT, REFERENCE, document

Json = dict[str, Any]
#: The URL map of each mount.
URLCONFS = {"/api/v1": REFERENCE, "/compat/api/v1": COMPAT}

#: Answers to a body that is not read, also where the document has none.
UNREAD = ("413", "415")


def closed(described: Json) -> Json:
    """The document, in which no answer has a field that it does not name."""
    found = copy.deepcopy(described)
    for shape in found["components"]["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return found


def as_json_schema(node: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema, which says `nullable` in another way."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    shape = {name: as_json_schema(each) for name, each in node.items() if name != "nullable"}
    return {"anyOf": [shape, {"type": "null"}]} if node.get("nullable") is True else shape


@cache
def of(mount: str) -> "Described":
    return Described(closed(document(URLCONFS[mount])))


class Described:
    """A document that answers are compared with."""

    def __init__(self, found: Json) -> None:
        self.document = found
        self._known: set[Any] = set()
        self._validators: dict[int, Draft202012Validator] = {}

    @cached_property
    def _components(self) -> Json:
        return {"schemas": as_json_schema(self.document["components"]["schemas"])}

    def problems(self, method: str, path: str, answer: Any) -> list[str]:
        """What is not as described, if there is this operation; its path has `{names}`."""
        operation = self.document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            return []
        responses = operation["responses"]
        status = str(answer.status_code)
        if status not in responses:
            if status in UNREAD and "requestBody" not in operation:
                return []
            return [f"no answer with the status {status} is described"]
        response = self._resolved(responses[status])
        return [*self._of_headers(response, answer), *self._of_content(response, answer)]

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            found = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    def _of_headers(self, response: Json, answer: Any) -> list[str]:
        found = []
        for name, node in response.get("headers", {}).items():
            header = self._resolved(node)
            value, kind = answer.headers.get(name), header["schema"].get("type")
            if value is None and header.get("required"):
                found.append(f"the header {name} is missing")
            if value is not None and kind == "integer" and not value.isdecimal():
                found.append(f"the header {name} is no integer: {value}")
        return found

    def _of_content(self, response: Json, answer: Any) -> list[str]:
        kind = answer.headers["Content-Type"].partition(";")[0]
        if kind not in response["content"]:
            return [f"no content of the type {kind} is described"]
        if kind != "application/json":
            return []
        body = answer.json()
        # All refusals of one code that tell of the same things have one shape.
        error = body.get("error")
        shape = error and (id(response), error["code"], *error.get("details", {}))
        if shape and shape in self._known:
            return []
        validator = self._validator(id(response), response["content"][kind]["schema"])
        found = [f"{each.json_path} {each.message[:300]}" for each in validator.iter_errors(body)]
        if shape and not found:
            self._known.add(shape)
        return found

    def _validator(self, number: int, schema: Json) -> Draft202012Validator:
        if number not in self._validators:
            whole = {**as_json_schema(schema), "components": self._components}
            self._validators[number] = Draft202012Validator(whole, format_checker=FormatChecker())
        return self._validators[number]
