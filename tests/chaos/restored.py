"""PostgreSQL comes back as it was some time ago, and calls due what has been public ever since.

Nothing in it tells, and no network can be asked about a call that is not recorded. So nothing of
that may go out again without a person's word.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg

from platforms.registry import ADAPTERS
from tests.chaos.aftermath import goes_on
from tests.chaos.ground import WORKERS, Ground
from tests.chaos.machines import answers
from tests.chaos.scenario import Scenario
from tests.chaos.servers import POSTGRES, REDIS
from tests.standby import Standby

#: Until posts are due that are published after the backup, and others that are due after all.
SOON_SECONDS, LATER_SECONDS = 30, 300
BACKUP = "backup"
#: Of a spike whose posts wait for each other: accounts per network, and what each call takes.
SHARED, SLOW_SECONDS = 3, 2
DOUBTED = """
SELECT DISTINCT d.platform FROM destinations_event e
JOIN destinations_destination d ON d.id = e.destination_id
WHERE e.move IN ('mark_possibly_published', 'look_up_doubtful')
"""
PAUSED = "SELECT 1 FROM destinations_pause WHERE scope = 'installation' AND resumed_at IS NULL"


def from_files(ground: Ground) -> None:
    """A copy of the server's files, and Redis still knows what was."""
    with _published_since(ground):
        ground.servers.stop(POSTGRES)
        ground.servers.copy_postgres()
        ground.servers.start(POSTGRES)
    ground.servers.kill(POSTGRES)
    ground.servers.restore_postgres()
    ground.servers.start(POSTGRES)
    _assert_doubted(ground)
    goes_on(ground)


def with_everything(ground: Ground) -> None:
    """All is lost, Redis too; what was dumped is another database."""
    with _published_since(ground, _changed):
        _replace(ground, f"CREATE DATABASE {BACKUP} TEMPLATE postgres")
    ground.servers.kill(REDIS)
    _replace(
        ground,
        "ALTER DATABASE postgres RENAME TO lost",
        f"ALTER DATABASE {BACKUP} RENAME TO postgres",
    )
    ground.servers.start(REDIS)
    _assert_doubted(ground)
    # What is scheduled waits: what was changed in between is not known.
    assert ground.stack.rows(PAUSED)
    asked = ground.stack.command("manage.py", "resume", "installation")
    assert asked.returncode == 1, asked.stdout
    assert "/day  " in asked.stderr, asked.stderr
    assert ground.stack.rows(PAUSED)
    resumed = ground.stack.command("manage.py", "resume", "installation", "--doubt", "all")
    assert resumed.returncode == 0, resumed.stderr
    goes_on(ground)


def _changed(ground: Ground, posts: list[str]) -> None:
    """In the lost time customers bring a post forward, change one and delete one."""
    http = ground.team.http
    soon = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    http.patch(f"posts/{posts[0]}", json={"scheduled_at": soon}).raise_for_status()
    http.patch(f"posts/{posts[1]}", json={"content": "Changed"}).raise_for_status()
    http.delete(f"posts/{posts[2]}").raise_for_status()
    forward = ground.team.http.get(f"posts/{posts[0]}").json()["data"]["content"]
    # Of the others nothing is known any more: they may not go out behind their customers' backs.
    ground.asked = [
        each
        if each.mark in forward or each.due_at < datetime.now(UTC)
        else replace(each, wish="maybe")
        for each in ground.asked
    ]
    ground.until(
        "what was brought forward is public",
        lambda: any(mark in forward for mark, _, _ in ground.public()),
    )


@contextmanager
def _published_since(
    ground: Ground, change: Callable[[Ground, list[str]], None] = lambda ground, posts: None
) -> Iterator[None]:
    """The block makes a backup; when it ends, posts of every network are public that it calls due,
    and others, which customers may `change` since, are still to come."""
    later = datetime.now(UTC) + timedelta(seconds=LATER_SECONDS)
    to_come = ground.ask(3, at=later)
    ground.ask(in_seconds=SOON_SECONDS)
    before = ground.count("published")
    yield
    published = partial(ground.count, "published")
    wanted = before + ground.n * len(ground.networks)
    ground.until("what was due is published", lambda: published() == wanted, SOON_SECONDS + 180)
    change(ground, to_come)
    assert datetime.now(UTC) < later, "Nothing is left that is due after the restore"


def _replace(ground: Ground, *statements: str) -> None:
    """What can be done to a database only while no client is connected to it."""
    address = ground.servers.database_url.rpartition("/")[0]
    with psycopg.connect(f"{address}/template1", autocommit=True) as server:
        server.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        server.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE datname = 'postgres'"
        )
        for statement in statements:
            server.execute(statement)
        server.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")


def _assert_doubted(ground: Ground) -> None:
    def doubted() -> set[str]:
        return {platform for (platform,) in ground.stack.rows(DOUBTED)}

    ground.until("what was due is in doubt", lambda: doubted() == set(ground.networks))


def promoted(ground: Ground) -> None:
    """In the middle of a spike an asynchronous standby takes over that lacks the last commits, all
    of them since the last tick."""
    standby = Standby(ground.stack.home / "standby", ground.servers.database_url)
    standby.copy()
    standby.start()
    try:
        ground.share(SHARED)
        for network in ground.networks:
            ground.fault(network, delay_seconds=SLOW_SECONDS)
        ground.ask(at=datetime.now(UTC) + timedelta(seconds=8 + 2 * ground.n))
        ground.until("the first is public", ground.public, 240)
        ground.stack.kill("beat")
        standby.withhold()
        seen = len(ground.public())
        ground.until("more is public", lambda: len(ground.public()) >= seen + len(ground.networks))
        for name in ("web", *WORKERS):
            ground.stack.kill(name)
        ground.servers.kill(POSTGRES)
        ground.servers.take_postgres(standby.promote())
    finally:
        standby.stop()
    ground.mend()
    ground.servers.start(POSTGRES)
    ground.broken()
    for name in ("web", "beat"):
        ground.stack.start(name)
    ground.start_workers()
    ground.until("the web process answers", lambda: answers(ground))
    ground.until("its outcomes are in doubt", lambda: ground.stack.rows(DOUBTED))
    goes_on(ground)


SCENARIOS = [
    Scenario(
        "restored",
        "PostgreSQL may come back as it was some time ago: what was published since is not sent "
        "again without a person's word.",
        from_files,
        may_stay_unknown=tuple(ADAPTERS),
    ),
    Scenario(
        "restored-with-everything",
        "The same if Redis is lost too, and the backup is another database.",
        with_everything,
        may_stay_unknown=tuple(ADAPTERS),
    ),
    Scenario(
        "standby-promoted",
        "An asynchronous standby that lacks the commits of less than a second may be promoted in "
        "the middle of a spike: what was published since is not sent again.",
        promoted,
        may_stay_unknown=tuple(ADAPTERS),
    ),
]
