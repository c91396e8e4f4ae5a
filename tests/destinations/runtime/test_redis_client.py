"""What a REDIS_URL names."""

import pytest

from destinations.runtime import redis_client

PATTERN = "redis+sentinel://{}/main/3"


def test_the_address_of_one_server_names_no_sentinels():
    assert redis_client.sentinels("rediss://:p@host:6379/0") is None
    assert redis_client.hosts("rediss://:p@host:6379/0") == ["host"]


def test_sentinels_are_named_with_the_service_and_two_logins():
    url = "rediss+sentinel://ann:p%40w@a:1,[::1]:2,c/main/3?sentinel_password=s%26t"

    found = redis_client.sentinels(url)

    assert found.hosts == (("a", 1), ("::1", 2), ("c", 26379))
    assert (found.service, found.database, found.is_encrypted) == ("main", 3, True)
    assert found.login == {"username": "ann", "password": "p@w"}
    options = found.sentinel_options({"socket_timeout": 5, "max_connections": 9})
    del options["retry"]
    assert options == {"socket_timeout": 5, "password": "s&t", "ssl": True}
    assert redis_client.hosts(url) == ["a", "::1", "c"]


def test_kombu_gets_each_sentinel_with_the_servers_login():
    found = redis_client.sentinels(PATTERN.format(":p%40w@a:1,[::1]:2"))

    assert found.kombu_url() == "sentinel://:p%40w@a:1/3;sentinel://:p%40w@[::1]:2/3"


def test_a_database_need_not_be_named():
    assert redis_client.sentinels("redis+sentinel://a:1/main").database == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("redis+sentinel://a:1", "must look like"),
        ("redis+sentinel:///main/0", "must look like"),
        ("redis+sentinel://a:1,,b:2/main", "must look like"),
        ("redis+sentinel://a:1/main/x", "no number of a database"),
        ("redis+sentinel://a:x/main", "Port could not be cast"),
        ("redis+sentinel://:1/main", "no host"),
        ("redis+sentinel://a:1/main?password=p", "unknown option: password"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url, reason):
    with pytest.raises(ValueError, match=reason):
        redis_client.sentinels(url)


@pytest.mark.parametrize(
    ("url", "is_encrypted"),
    [
        ("redis://a:1/0", False),
        ("redis+sentinel://a:1/main", False),
        ("rediss://a:1/0", True),
        ("rediss+sentinel://a:1/main", True),
        ("unix:///run/redis.sock", True),
    ],
)
def test_it_is_known_whether_others_on_the_way_could_read_it(url, is_encrypted):
    assert redis_client.is_encrypted(url) is is_encrypted


def test_no_password_is_shown():
    assert "hush" not in repr(redis_client.sentinels(PATTERN.format(":hush@a:1")))
