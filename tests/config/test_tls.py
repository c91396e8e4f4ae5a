"""Connections over TLS: to PostgreSQL, to Redis, and to what Sentinels name."""

import dataclasses

import psycopg
import pytest
import redis
from django.db.utils import ConnectionHandler, OperationalError

from config import env
from config.status.servers import check_sentinels
from destinations.runtime import redis_client
from tests import sentinels, tls
from tests.config.queue.test_sentinels import until_it_works, uses
from tests.psql import psql


@pytest.fixture
def authority(tmp_path):
    return tls.Authority(tmp_path)


@pytest.fixture
def proxy():
    with tls.proxy() as running:
        yield running


@pytest.fixture
def group(tmp_path, authority, proxy):
    context = authority.server()
    with sentinels.group(tmp_path, lambda port: proxy.redis(context, port)) as running:
        yield running


def test_everything_finds_the_new_primary_by_sentinels_over_tls(
    group, authority, monkeypatch, settings
):
    with pytest.raises(redis.RedisError):
        redis_client.connect(group.url).ping()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    done = {name: (what, what()) for name, what in uses(group.url)}
    settings.REDIS_URL = group.url
    assert [finding.level for finding in check_sentinels()] == ["ok"]

    group.kill(group.primary)

    for name, (what, before) in done.items():
        assert until_it_works(what) == before, name


@dataclasses.dataclass
class Postgres:
    """PostgreSQL of the tests, by TLS."""

    proxy: tls.Proxy

    def url(self, context, query: str) -> str:
        ((folder,),) = psql("SHOW unix_socket_directories")
        port = self.proxy.postgres(context, f"{folder.strip(chr(34))}/.s.PGSQL.5432")
        return f"postgres://postgres@127.0.0.1:{port}/postgres?{query}"


@pytest.fixture
def postgres(db, proxy):
    return Postgres(proxy)


@pytest.mark.parametrize(
    ("name", "read"),
    [("DATABASE_URL", env.database), ("DATABASE_REPLICA_URL", env.database_replica)],
)
def test_the_database_is_reached_by_tls_and_its_certificate_verified(
    postgres, authority, monkeypatch, name, read
):
    query = f"sslmode=verify-full&sslrootcert={authority.file}"

    def ask(context):
        monkeypatch.setenv(name, postgres.url(context, query))
        found = ConnectionHandler({"default": read()})["default"]
        try:
            with found.cursor() as cursor:
                cursor.execute("SELECT 1")
                raw = found.connection
                assert isinstance(raw, psycopg.Connection)
                return raw.pgconn.ssl_in_use
        finally:
            found.close()

    assert ask(authority.server())
    with pytest.raises(OperationalError, match="does not match host name"):
        ask(authority.server("elsewhere.example"))


def test_a_database_whose_authority_is_unknown_is_not_spoken_to(
    postgres, authority, tmp_path, monkeypatch
):
    (tmp_path / "other").mkdir()
    other = tls.Authority(tmp_path / "other")
    query = f"sslmode=verify-full&sslrootcert={other.file}"
    monkeypatch.setenv("DATABASE_URL", postgres.url(authority.server(), query))
    found = ConnectionHandler({"default": env.database()})["default"]

    with pytest.raises(OperationalError, match="certificate verify failed"):
        found.cursor()


def test_redis_is_reached_by_tls_and_its_certificate_verified(authority, proxy, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    plain = redis.connection.parse_url(env.redis_url())

    def ask(context):
        port = proxy.redis(context, plain["port"])
        login = f":{plain['password']}@" if "password" in plain else ""
        with redis_client.connect(f"rediss://{login}127.0.0.1:{port}/0") as client:
            return client.ping()

    assert ask(authority.server())
    with pytest.raises(redis.ConnectionError, match="IP address mismatch"):
        ask(authority.server("elsewhere.example"))
