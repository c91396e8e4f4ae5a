"""The OpenAPI documents pass what redocly and spectral ask, checked without these tools."""

import pytest

from config.web.documentation import COMPAT, REFERENCE, document


def inner(node):
    """Yield each object of the document."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inner(each)


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_schema_that_may_be_null_has_a_type(mount):
    """OpenAPI 3.0 reads `nullable` only beside a type."""
    assert not [
        each for each in inner(document(mount)) if "nullable" in each and "type" not in each
    ]


@pytest.mark.parametrize("mount", [REFERENCE, COMPAT])
def test_each_operation_says_its_security_and_a_tag_that_is_described(mount):
    found = document(mount)
    described = {each["name"] for each in found["tags"]}
    for operation in (each for each in inner(found["paths"]) if "operationId" in each):
        assert "security" in operation
        assert set(operation["tags"]) <= described
