"""`manage.py migrate` beside long transactions."""

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from config.management.commands.migrate import retry_without_lock
from tests.psql import psql

ALTER = "ALTER TABLE posts_workspace ADD COLUMN extra integer"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader():
    """Another transaction that has read the table."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT 1 FROM posts_workspace LIMIT 1")
        yield other


def alter() -> None:
    with transaction.atomic():
        psql(ALTER)
        transaction.set_rollback(True)


def test_a_migration_that_gets_no_lock_is_tried_again(reader):
    said = []

    def say(text: str) -> None:
        said.append(text)
        reader.rollback()

    retry_without_lock(connection, alter, say, pause_seconds=0)

    assert said == ["A table is in use by another transaction; trying again."]


def test_it_gives_up_after_many_tries(reader, monkeypatch):
    monkeypatch.setattr("config.management.commands.migrate.TRIES", 2)

    with pytest.raises(OperationalError, match="lock timeout"):
        retry_without_lock(connection, alter, lambda text: None, pause_seconds=0)


def test_other_errors_are_not_repeated():
    calls = []

    def fail() -> None:
        calls.append(1)
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        retry_without_lock(connection, fail, lambda text: None, pause_seconds=0)

    assert calls == [1]
