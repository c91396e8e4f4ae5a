"""The database knows which rows ask their network next, and lets no writer say otherwise."""

import importlib
import uuid
from itertools import product

import pytest
from django.utils import timezone

from destinations.models import Destination
from tests.factories import make_account, make_post, make_workspace
from tests.psql import psql

pytestmark = pytest.mark.django_db
S = Destination.Status
NOW = timezone.now()


def make_destination(**fields) -> Destination:
    workspace = make_workspace()
    return make_post(workspace, [make_account(workspace)], **fields).destinations.get()


def test_it_follows_every_insert_and_update():
    asks = {S.QUEUED: False, S.PUBLISHING: True, S.UNCONFIRMED: True, S.FAILED: False}
    for status, claim, retry in product(asks, (None, uuid.UUID(int=7)), (None, NOW)):
        fields = {"status": status, "claim": claim, "next_retry_at": retry}
        awaits = asks[status] and claim is None and retry is None
        row = make_destination(**fields)
        inserted = row.awaits_network
        known = Destination.objects.filter(pk=row.pk)
        told = known.values_list("awaits_network", flat=True)
        known.update(status=S.PUBLISHED, claim=None)
        published = told.get()
        known.update(**fields)

        assert (fields, inserted, published, told.get()) == (fields, awaits, False, awaits)


def test_no_writer_can_set_it_wrongly():
    make_destination(status=S.UNCONFIRMED)
    Destination.objects.update(awaits_network=False)

    assert Destination.objects.get().awaits_network


def test_what_waited_before_there_was_a_trigger_is_found():
    """As a worker of 0.1.0 left it."""
    make_destination(status=S.UNCONFIRMED, due_at=NOW)
    make_destination(due_at=NOW)
    psql("SET CONSTRAINTS ALL IMMEDIATE")
    psql("ALTER TABLE destinations_destination DISABLE TRIGGER USER")
    psql("UPDATE destinations_destination SET awaits_network = false")
    psql("ALTER TABLE destinations_destination ENABLE TRIGGER USER")
    filling = importlib.import_module("destinations.migrations.0008_fill_awaits_network")

    psql(filling.FILL)

    rows = Destination.objects.filter(awaits_network=True)
    assert [row.status for row in rows] == [S.UNCONFIRMED]
