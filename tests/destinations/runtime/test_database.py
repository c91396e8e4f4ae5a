"""Statements are prepared once per connection, and their plans do not grow old."""

import pytest
from django.db import IntegrityError, connection, transaction

from destinations.runtime import database
from tests.psql import psql

pytestmark = pytest.mark.django_db

LOOK_UP = "SELECT id FROM prepared_test WHERE id = %(id)s::int"


@pytest.fixture(autouse=True)
def _table():
    psql("CREATE TEMP TABLE prepared_test (id int PRIMARY KEY)")
    psql("INSERT INTO prepared_test VALUES (0)")
    psql("ANALYZE prepared_test")
    yield
    psql("DROP TABLE prepared_test")


def kept() -> list[str]:
    """The names of the kept statements about the table."""
    return [name for name, sql in psql("SELECT name, statement FROM pg_prepared_statements")
            if "prepared_test" in sql]  # fmt: skip


def look_up(times: int = 10) -> None:
    for _ in range(times):
        assert database.execute_prepared(LOOK_UP, {"id": 0}) == [(0,)]


def test_a_statement_is_prepared_once():
    look_up()

    assert len(kept()) == 1


def test_nothing_is_kept_where_a_pooler_does_not_allow_it(monkeypatch):
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)

    look_up()

    assert kept() == []


def test_a_plan_made_for_a_small_table_is_replaced(monkeypatch):
    monkeypatch.setattr(database, "PLAN_SECONDS", 3600)  # not by chance just now
    look_up()
    (name,) = kept()
    psql("INSERT INTO prepared_test SELECT generate_series(1, 50000)")
    look_up()
    assert "Seq Scan" in psql(f"EXPLAIN EXECUTE {name}(1)")[0][0]

    monkeypatch.setattr(database, "PLAN_SECONDS", 0)
    look_up(1)

    assert "Index" in psql(f"EXPLAIN EXECUTE {name}(1)")[0][0]


def test_a_failure_is_one_of_djangos():
    with pytest.raises(IntegrityError), transaction.atomic():
        database.execute_prepared("INSERT INTO prepared_test VALUES (%(id)s)", {"id": 0})


def test_a_parameter_is_sent_once_and_a_percent_sign_is_one():
    sql = "SELECT %(b)s::text || %(a)s::text || %(b)s::text || '100%%'"

    assert database.execute_prepared(sql, {"a": "%s", "b": "$1", "unused": 0}) == [("$1%s$1100%",)]
    sql = "SELECT %s::text || '%%' || %s::text"
    assert database.execute_prepared(sql, ("a", "b")) == [("a%b",)]
