"""How an operation is described: envelope, headers, errors and examples follow from its view.

A view says what it takes and the serializer of its data. What it says beyond that is kept.
"""

from typing import Any

from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import ResolvedComponent

from posts.api import mounts
from posts.api.endpoints import Options, ReplayPolicy
from posts.api.schema import answers, descriptions
from posts.api.schema.example_maker import ExampleMaker, bulk_answer
from posts.api.schema.examples import Json
from posts.api.serializers.resources import MetaSerializer
from posts.models import ApiKey

IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A unique name for this request. Sent again within 24 hours, it gets the first "
    "answer (`Idempotent-Replayed: true`), and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
#: Of operations that change nothing: any name is taken, and none is remembered.
IGNORED_KEY: Json = {
    **IDEMPOTENCY_KEY,
    "description": "Not needed: nothing is changed, so nothing is remembered.",
    "schema": {"type": "string"},
}


class BearerKey(OpenApiAuthenticationExtension):
    target_class = "posts.api.auth.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: openapi.AutoSchema) -> Json:
        return {"type": "http", "scheme": "bearer", "description": "An API key: pe_live_…"}


class AutoSchema(openapi.AutoSchema):
    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation: Json | None = super().get_operation(*args, **kwargs)
        if operation:
            operation.setdefault("parameters", [])
            operation.setdefault("security", [])
            self._add_errors(operation)
        return operation

    def get_summary(self) -> str:
        return descriptions.summary(self.get_operation_id())

    def resolve_serializer(
        self, serializer: Any, direction: Any, bypass_extensions: bool = False
    ) -> ResolvedComponent:
        """A component with all its fields described; a body takes no other fields."""
        component = super().resolve_serializer(serializer, direction, bypass_extensions)
        schema: Json = component.schema or {}
        schema.pop("description", None)  # a docstring, for readers of the code
        if "properties" in schema:
            descriptions.describe(component.name, schema)
            if direction == "request":
                # One that `takes_more` leaves unknown fields out, and warns of them.
                takes_more = getattr(serializer, "takes_more", False)
                schema.setdefault("additionalProperties", takes_more)
            else:
                _add_formats(schema["properties"])
        return component

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Json:
        """Return the field's schema; a list that may not be empty says so."""
        schema: Json = super()._map_serializer_field(field, direction, bypass_extensions)
        if schema.get("type") == "array" and not getattr(field, "allow_empty", True):
            schema.setdefault("minItems", 1)
        return schema

    def _get_parameters(self) -> list[Json]:
        found = [*super()._get_parameters()]
        # An Idempotency-Key belongs to an API key.
        if self._is_write and self.view.authentication_classes:
            found.append(dict(IGNORED_KEY if self._is_never_replayed else IDEMPOTENCY_KEY))
        for each in found:
            each.setdefault("description", descriptions.parameter(each["name"]))
        return found

    def _get_request_body(self, direction: Any = "request") -> Json | None:
        body: Json | None = super()._get_request_body(direction)
        self._add_example(body or {}, is_body=True)
        return body

    def _get_response_headers_for_code(self, status_code: str, direction: Any = "response") -> Json:
        return answers.headers(*(["Idempotent-Replayed"] if self._is_write else []))

    def _get_response_for_code(
        self, serializer: Any, status_code: str, *args: Any, **kwargs: Any
    ) -> Json:
        answer: Json = super()._get_response_for_code(serializer, status_code, *args, **kwargs)
        answer["description"] = answer["description"] or "Done."
        if self._options.is_file and status_code < "300":
            answer["description"] = "The file."
            self._add_example(answer, is_body=True)
            return answer
        for content in answer["content"].values():
            content["schema"] = self._enveloped(serializer, content["schema"], status_code)
        self._add_example(answer, is_body=False)
        serializer = getattr(serializer, "response", serializer)
        if outcomes := getattr(serializer, "outcomes", {}).get(status_code):
            content = answer["content"]["application/json"]
            content["example"] = bulk_answer(content["example"], outcomes)
        return answer

    def _enveloped(self, serializer: Any, data: Json, status_code: str) -> Json:
        """The envelope around `data`; a serializer's `meta_serializer` describes `meta`."""
        serializer = getattr(serializer, "response", serializer)
        serializer = getattr(serializer, "child", serializer)
        meta = self.resolve_serializer(
            getattr(serializer, "meta_serializer", MetaSerializer), "response"
        )
        is_refusal = status_code >= "400"
        has_error = is_refusal or self.path.startswith(mounts.COMPAT)
        error = {"error": answers.NULL} if has_error else {}
        name = "".join(word.title() for word in self.get_operation_id().split("_"))
        name += "Refusal" if is_refusal else "Answer"
        properties = {"data": data, **error, "meta": meta.ref}
        schema = {"type": "object", "required": list(properties), "properties": properties}
        descriptions.describe(name, schema)
        if status_code == "202" and self._differs(name, data):
            name += "Accepted"
        envelope = ResolvedComponent(name, ResolvedComponent.SCHEMA, schema, name)
        self.registry.register_on_missing(envelope)
        found: Json = envelope.ref
        return found

    def _differs(self, name: str, data: Json) -> bool:
        """Return whether another status of this operation answers something else."""
        if ResolvedComponent(name, ResolvedComponent.SCHEMA, None, name) not in self.registry:
            return False
        return bool(self._component(name)["properties"]["data"] != data)

    def _add_example(self, holder: Json, *, is_body: bool) -> None:
        content = holder.get("content", {}).get("application/json")
        if content and "examples" not in content:
            maker = ExampleMaker(self._component)
            content["example"] = maker.make(content["schema"], is_body=is_body)

    def _component(self, name: str) -> Json:
        shared = answers.content_components()
        found: Json = shared.get(name) or self.registry[name, ResolvedComponent.SCHEMA].schema
        return found

    def _add_errors(self, operation: Json) -> None:
        applies = {
            # Also for a query parameter that there is not.
            400: True,
            401: bool(operation.get("security")),
            402: self._options.scope == ApiKey.Scope.AI,
            403: bool(operation.get("security")),
            404: "{" in self.path,
            409: self._is_write,
            413: "requestBody" in operation,
            415: "requestBody" in operation,
            422: self._is_write,
            429: True,
            500: True,
            503: True,
            507: self._is_write and "media" in operation["tags"],
        }
        for status in (status for status, can_occur in applies.items() if can_occur):
            named = {"$ref": f"#/components/responses/Error{status}"}
            own = operation["responses"].setdefault(str(status), named)
            if status == 422 and own is not named:
                _add_refusal(own, status)

    @property
    def _is_write(self) -> bool:
        return bool(self.method != "GET")

    @property
    def _is_never_replayed(self) -> bool:
        return self._options.replay is ReplayPolicy.NEVER

    @property
    def _options(self) -> Options:
        name = getattr(self.view, "action", None) or str(self.method).lower()
        found: Options = getattr(getattr(self.view, name, None), "options", Options())
        return found


def _add_formats(fields: Json) -> None:
    """Mark the addresses of an answer as such."""
    for name, field in fields.items():
        if name.endswith("url") and field.get("type") == "string":
            field.setdefault("format", "uri")


def _add_refusal(own: Json, status: int) -> None:
    """Both the view and a middleware before it answer with this status."""
    general = answers.refusal(status)["content"]["application/json"]
    own["description"] = f"{own['description']} Or: {answers.MEANINGS[status]}"
    content = own["content"]["application/json"]
    content["schema"] = {"oneOf": [content["schema"], general["schema"]]}
    mine = {"own": {"value": content.pop("example")}} if "example" in content else {}
    content["examples"] = {**mine, **content.get("examples", {}), **general["examples"]}
