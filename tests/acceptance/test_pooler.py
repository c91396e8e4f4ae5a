"""Workers behind the PgBouncer of deploy/compose.large.yaml; web beside it, as there."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from deploy.local import embedded
from deploy.local import home as homes
from tests import programs
from tests.acceptance.stack import ROOT, Stack, dying_with_us
from tests.platforms.driver import image

pytestmark = pytest.mark.needs("pgbouncer")

LARGE = (ROOT / "deploy/compose.large.yaml").read_text()
POOLED = ("worker", "beat")
PASSWORD = "of-the-pool"
POOL = 8
#: Connections of workers at PostgreSQL; without a pool they are more than their threads.
OPENED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'dovecote worker %%'
"""


@pytest.fixture
def pooled(stack: Stack) -> Iterator[Stack]:
    """The stack, with a pool of few connections between its workers and PostgreSQL."""
    port = embedded.free_port()
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        pooler = _start(Path(folder), port, stack.database_url)
        url = f"postgres://postgres:{PASSWORD}@127.0.0.1:{port}/dovecote"
        stack.restart(POOLED, {"DATABASE_URL": url})
        stack.ticks(2)
        yield stack
        stack.restart(POOLED, {})
        stack.ticks(2)
        pooler.kill()
        pooler.wait()


def test_workers_publish_through_a_pool_of_few_connections(pooled: Stack):
    team = pooled.team(x=3, threads=3)
    media_id = team.upload("a.jpg", "image/jpeg", image(600, 600, "JPEG"))
    before = len(pooled.log("worker"))
    posts = [team.post(f"Pooled {number}") for number in range(5)]
    posts.append(team.post("Pooled, with a picture", media_ids=[media_id]))

    team.assert_each_once(team.published(*posts))
    ((opened,),) = pooled.rows(OPENED)
    assert 0 < opened <= POOL
    assert '"level":"error"' not in pooled.log("worker")[before:]


def _start(folder: Path, port: int, database_url: str) -> "subprocess.Popen[bytes]":
    """PgBouncer with the settings of compose, on this machine."""
    server = conninfo_to_dict(database_url)
    database = {key: server[key] for key in ("host", "port", "user", "dbname") if server.get(key)}
    to = " ".join(f"{key}={value}" for key, value in database.items())
    changes = {
        r"dovecote = .*": f"dovecote = {to}",
        r"listen_addr = .*": "listen_addr = 127.0.0.1",
        r"listen_port = .*": f"listen_port = {port}",
        r"auth_file = .*": f"auth_file = {folder}/users.txt",
        r"default_pool_size = .*": f"default_pool_size = {POOL}",
        r"server_tls_sslmode = .*": "server_tls_sslmode = disable",
        r"server_tls_ca_file = .*\n": "",
    }
    settings = re.split(r"^    content: \|\n", LARGE, flags=re.M)[1]
    settings = re.sub(r"^      ", "", settings.partition("\n  pgbouncer-users:")[0], flags=re.M)
    for pattern, value in changes.items():
        settings, found = re.subn(rf"^{pattern}", value, settings, flags=re.M)
        assert found == 1, pattern
    (folder / "dovecote.ini").write_text(settings)
    (folder / "users.txt").write_text(f'"postgres" "{PASSWORD}"\n')
    folder.chmod(0o755)
    # It does not run as root, and must reach PostgreSQL's socket.
    user = homes.server_user(folder)
    command = [*dying_with_us()[:-1], f"{user.pw_uid}:{user.pw_gid}" if user else "-"]
    argv = [*command, programs.found("pgbouncer"), "--quiet", folder / "dovecote.ini"]
    return subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
