import pytest
from django.db import connection


def test_a_database_host_that_vanishes_is_noticed_before_a_lease_has_ended(settings):
    parameters = connection.get_connection_params()

    quiet = parameters["keepalives_idle"]
    quiet += parameters["keepalives_interval"] * parameters["keepalives_count"]
    assert quiet < settings.LEASE_SECONDS
    assert parameters["tcp_user_timeout"] / 1000 < settings.LEASE_SECONDS
    assert parameters["connect_timeout"] < settings.LEASE_SECONDS


@pytest.mark.django_db
def test_a_process_frozen_in_a_transaction_frees_its_rows_before_a_lease_ends(settings):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setting::int FROM pg_settings"
            " WHERE name = 'idle_in_transaction_session_timeout'"
        )
        ((milliseconds,),) = cursor.fetchall()
    assert 0 < milliseconds / 1000 < settings.LEASE_SECONDS
