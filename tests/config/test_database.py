import psycopg
import pytest
from django.db import close_old_connections, connection, transaction

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


@pytest.fixture
def of_database(transactional_db):
    """Sets what the database says of `synchronous_commit`, for sessions from then on."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])

    def change(value: str) -> None:
        psql(f"ALTER DATABASE {name} SET synchronous_commit = {value}")
        connection.close()

    yield change
    psql(f"ALTER DATABASE {name} RESET synchronous_commit")
    connection.close()


@pytest.mark.parametrize(
    ("said", "used"),
    [("off", "on"), ("on", "on")]
    + [(value, value) for value in ("local", "remote_write", "remote_apply")],
)
def test_each_session_waits_for_the_disk_and_for_standbys_as_the_operator_says(
    of_database, said, used
):
    of_database(said)

    assert psql("SHOW synchronous_commit") == [(used,)]


def test_through_a_pooler_each_transaction_waits_for_the_disk_and_no_shared_session_changes(
    of_database, monkeypatch
):
    of_database("off")
    # Of PgBouncer's own making: no process of the server has it.
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)

    for _ in range(2):
        with transaction.atomic():
            assert psql("SHOW synchronous_commit") == [("on",)]
        assert psql("SHOW synchronous_commit") == [("off",)]


def test_through_a_pooler_nothing_is_asked_where_commits_wait_anyway(of_database, monkeypatch):
    of_database("remote_apply")
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)

    with transaction.atomic():
        assert psql("SHOW synchronous_commit") == [("remote_apply",)]
