import psycopg
import pytest
from django.db import close_old_connections, connection

from config.database.base import DatabaseWrapper
from tests.psql import psql


def test_a_database_host_that_vanishes_is_noticed_before_a_lease_has_ended(settings):
    parameters = connection.get_connection_params()

    quiet = parameters["keepalives_idle"]
    quiet += parameters["keepalives_interval"] * parameters["keepalives_count"]
    assert quiet < settings.LEASE_SECONDS
    assert parameters["tcp_user_timeout"] / 1000 < settings.LEASE_SECONDS
    assert parameters["connect_timeout"] < settings.LEASE_SECONDS


@pytest.mark.django_db(transaction=True)
def test_a_process_frozen_in_a_transaction_frees_its_rows_before_a_lease_ends(settings):
    ((milliseconds,),) = psql(
        "SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'"
    )
    assert 0 < milliseconds / 1000 < settings.LEASE_SECONDS


def is_asked(monkeypatch) -> list[bool]:
    asked, is_usable = [], DatabaseWrapper.is_usable

    def answer(self: object) -> bool:
        asked.append(is_usable(self))
        return asked[-1]

    monkeypatch.setattr(DatabaseWrapper, "is_usable", answer)
    return asked


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_is_used_without_a_question(monkeypatch):
    connection.ensure_connection()
    kept, asked = connection.connection, is_asked(monkeypatch)

    for _ in range(3):
        close_old_connections()
        psql("SELECT 1")

    assert connection.connection is kept
    assert asked == []


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_closed_is_replaced_before_its_use(monkeypatch):
    connection.ensure_connection()
    kept, asked = connection.connection, is_asked(monkeypatch)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [kept.info.backend_pid])
    close_old_connections()

    psql("SELECT 1")

    assert connection.connection is not kept
    assert asked == [False]
