"""How many connections the processes open, and what is between them and PostgreSQL."""

import socket
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import connection
from django.db import connections as databases

from config import process
from config.queue import heartbeats, routing
from config.status import connections
from config.status.connections import ProcessCounts, check_connections, judge


def test_processes_are_added_up(settings):
    settings.WEB_THREADS, settings.WORKER_THREADS, settings.WORKER_DATABASE_THREADS = 64, 24, 2

    found = ProcessCounts(web=2, workers=3, beats=1)

    assert found.connections() == 2 * 69 + 3 * 29 + 1
    assert judge(found, 226 + connections.SPARE).level == "ok"
    short = judge(found, 226)
    assert short.level == "warning"
    assert "2 web, 3 workers and 1 beat open 226 at most" in short.said
    assert "max_connections by 10" in short.remedy


def test_those_that_are_alive_are_counted(db, no_workers, monkeypatch):
    # The server of the tests has connections of other running Dovecotes.
    monkeypatch.setattr(process, "PREFIX", f"test-{uuid.uuid4().hex[:8]}")
    for name, queues in routing.SERVED.items():
        heartbeats.record(f"{name}@here", queues)
    heartbeats.record("beat@here", [])
    names = [f"{process.PREFIX} web {host} 1" for host in ("a", "a", "b")]
    parameters = connection.get_connection_params()
    webs = [psycopg.connect(**parameters, application_name=name) for name in names]

    [found] = check_connections()
    for each in webs:
        each.close()

    assert "2 web, 2 workers and 1 beat" in found.said


def test_a_process_tells_postgresql_which_it_is(monkeypatch):
    monkeypatch.delenv("PGAPPNAME", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "h" * 200)

    process.set_name("web")
    with psycopg.connect(**connection.get_connection_params()) as asked:
        [(name,)] = asked.execute("SELECT current_setting('application_name')")

    assert name.startswith(f"dovecote web {'h' * 30} ")
    assert name.rpartition(" ")[2].isdecimal()
    process.set_name("worker")
    with psycopg.connect(**connection.get_connection_params()) as asked:
        assert asked.execute("SELECT current_setting('application_name')").fetchone() == (name,)


class Pooler:
    """Passes everything on, but says that it is another process, as poolers do."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with source, suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_RDWR)

    def _answer(self, source: socket.socket, to: socket.socket) -> None:
        """As messages up to the key by which a statement is cancelled, then as bytes."""
        with source, suppress(OSError), source.makefile("rb") as reading:
            while head := reading.read(5):
                body = reading.read(struct.unpack("!I", head[1:])[0] - 4)
                if head[:1] == b"K":
                    body = struct.pack("!I", 1) + body[4:]
                to.sendall(head + body)


@pytest.fixture
def pooler(db) -> Iterator[Pooler]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW unix_socket_directories")
        ((folder,),) = cursor.fetchall()
    found = Pooler(f"{folder.strip(chr(34))}/.s.PGSQL.5432")
    yield found
    found.close()


def test_a_pooler_between_is_recognised_and_must_keep_statements(pooler, monkeypatch):
    parameters = {**connection.get_connection_params(), "host": "127.0.0.1"}
    parameters |= {"port": pooler.port, "sslmode": "disable", "gssencmode": "disable"}
    default = databases["default"]
    with psycopg.connect(**parameters, autocommit=True) as pooled, monkeypatch.context() as patched:
        patched.setattr(default, "connection", pooled)

        room, statements = check_connections()

        assert room.level == "ok"
        assert "max_client_conn must be" in room.said
        assert statements.level == "warning"
        assert "DATABASE_PREPARED_STATEMENTS=false" in statements.remedy
        patched.setitem(default.settings_dict["OPTIONS"], "prepare_threshold", None)
        assert len(list(check_connections())) == 1
