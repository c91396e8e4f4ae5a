from django.db import connection


def test_a_database_host_that_vanishes_is_noticed_before_a_lease_has_ended(settings):
    parameters = connection.get_connection_params()

    quiet = parameters["keepalives_idle"]
    quiet += parameters["keepalives_interval"] * parameters["keepalives_count"]
    assert quiet < settings.LEASE_SECONDS
    assert parameters["tcp_user_timeout"] / 1000 < settings.LEASE_SECONDS
    assert parameters["connect_timeout"] < settings.LEASE_SECONDS
