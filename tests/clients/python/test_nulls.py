"""The client reads null wherever the document allows it, and says so in its types."""

from types import ModuleType

import pytest

from deploy.clients.operations import Document, Schema
from posts.api.schema.example_maker import ExampleMaker
from tests.clients.python.built import described


def nullable_fields(document: Document) -> list[tuple[str, str]]:
    """Component and field, of all that may be null."""
    return [
        (component, name)
        for component, schema in document.whole["components"]["schemas"].items()
        for name, field in schema.get("properties", {}).items()
        if field.get("nullable") and not is_only_null(field)
    ]


def is_only_null(field: Schema) -> bool:
    """An error's `data`: OpenAPI 3.0 has no type for it."""
    return field.get("maxProperties") == 0


def attribute_of(model: type, field: str) -> str:
    """Names of fields are camelCase for some clients, and may be words of Python."""
    return next(
        each
        for each in model.__annotations__
        if each.replace("_", "") == field.replace("_", "").lower()
    )


def test_each_field_that_may_be_null_is_read_typed_and_sent_as_null(dovecote: ModuleType):
    document = Document.read(described())
    components = document.whole["components"]["schemas"]
    maker = ExampleMaker(components.__getitem__)
    wrong = []

    for component, name in nullable_fields(document):
        model = getattr(dovecote.models, component)
        example = maker.make(components[component], is_body=False, owner=component)
        try:
            read = model.from_dict({**example, name: None})
            attribute = attribute_of(model, name)
            typed = "None" in str(model.__annotations__[attribute])
            kept = getattr(read, attribute) is None and read.to_dict()[name] is None
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            wrong.append(f"{component}.{name}: {error!r}")
        else:
            wrong += [] if typed and kept else [f"{component}.{name}: {typed=} {kept=}"]

    assert wrong == []


@pytest.mark.parametrize("field", ["PostEvent.attempt", "PostEvent.from_status"])
def test_the_fields_that_failed_once_are_among_them(field: str):
    component, name = field.split(".")
    assert (component, name) in nullable_fields(Document.read(described()))
