"""Every operation of the document is a typed method, and works against the running server."""

import dataclasses

import pytest

from deploy.clients.operations import Document
from tests.clients.python.built import described
from tests.clients.python.tour import Tour


@pytest.fixture
def document() -> Document:
    return Document.read(described())


@pytest.mark.thorough
def test_every_operation_is_called_once_by_its_method(dovecote, client, ground, document):
    called = set()
    exchange = type(client.connection).exchange

    class Noting(type(client.connection)):
        def exchange(self, call, patience=None):
            called.add(call.operation)
            return exchange(self, call, patience)

    client.connection = Noting(**dataclasses.asdict(client.connection))
    for part in Tour(dovecote, client, ground).all():
        part()

    missing = {operation.id for operation in document.operations} - called
    assert not missing, "Call them in tests/clients/python/tour.py as users will."


def test_both_clients_have_every_operation_under_the_same_name(dovecote, document):
    assert "create_post" in {operation.id for operation in document.operations}
    for client in (dovecote.Client("http://here", "k"), dovecote.AsyncClient("http://here", "k")):
        for operation in document.operations:
            method = getattr(getattr(client, operation.resource), operation.name)
            assert operation.description.split("\n")[0] in method.__doc__ or operation.id in (
                "upload_from_url"
            )


def test_no_two_operations_have_one_name(document):
    names = [(operation.resource, operation.name) for operation in document.operations]
    assert len(set(names)) == len(names)


def test_each_error_says_who_must_act_as_the_document_does(dovecote, document):
    for code, told in document.error_codes.items():
        error = dovecote.errors.BY_CODE[code](400, code, "No.")
        assert error.actor == told["actor"]
        assert told["to_do"] in type(error).__doc__

    waiting = dovecote.errors.BY_CODE["service_unavailable"]
    assert waiting(503, "service_unavailable", "No.", details={"setting": "S3"}).actor == "operator"
    assert dovecote.ApiError(500, "new_code", "No.").actor == "operator"
    assert dovecote.ApiError(400, "new_code", "No.").actor == "customer"
