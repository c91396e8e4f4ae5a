"""The drill of deploy/README.md, "Point-in-time recovery": nothing is sent again."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.acceptance.stack import Stack, _answers, up
from tests.acceptance.team import Team
from tests.chaos.servers import POSTGRES, REDIS, Servers
from tests.deploy.postgres.archive import Archive, archived_servers

pytestmark = pytest.mark.thorough

#: Web stays, and notices that its database was away.
STOPPED = ("beat", "worker")
#: A lookup counts from when no worker of before can send any more: after a lease.
LEASE_SECONDS = 10
#: How long a stack is waited for on a machine that is busy with others.
START_SECONDS = 240
#: Far enough for a slow request to be in time.
SOON_SECONDS = 6
FAR = "2099-01-01T09:00:00Z"


class Place(NamedTuple):
    stack: Stack
    servers: Servers
    archive: Archive


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """A stack on a PostgreSQL of its own, which archives its history."""
    # PostgreSQL's user must reach it; pytest's own folder is closed by every run that starts.
    with tempfile.TemporaryDirectory(prefix="recovery-") as folder:
        home = Path(folder)
        with archived_servers(home / "servers") as (servers, archive):
            env = {"LEASE_SECONDS": str(LEASE_SECONDS)}
            stack = Stack(home, servers.database_url, servers.redis_url, env)
            with up(stack, "worker", within_seconds=START_SECONDS):
                yield Place(stack, servers, archive)


class Posts(NamedTuple):
    """What was asked for around the moment that the database is set back to."""

    #: Published before the base backup, and after it.
    known: tuple[str, str]
    #: Due at the moment, published since.
    doubtful: str
    later: str
    #: Scheduled at the moment, brought forward and published since.
    forward: str
    moment: str


def test_what_was_published_since_the_moment_is_not_sent_again(place: Place):
    stack, servers, archive = place
    team = stack.team(x=1, threads=1)
    posts = _publish(place, team)
    sent = _published_since(team, posts)
    stack.ticks(2)

    _stop(stack)
    servers.stop(POSTGRES)
    archive.recover(servers, posts.moment)
    servers.start(POSTGRES)

    _go_on(stack)
    _assert_in_doubt(team, posts.forward, "changed or deleted in between")
    # Both networks are asked for it by its text.
    found = team.published(posts.doubtful)
    assert _public_ids(found) <= _public_ids(sent)
    _assert_nothing_is_sent_again(team, posts, sent)


def test_the_archive_is_enough_when_all_else_is_lost(place: Place):
    stack, servers, archive = place
    team = stack.team(x=1, threads=1)
    posts = _publish(place, team)
    # What the archive has when the disk breaks.
    kept = _copy(archive.folder)
    sent = _published_since(team, posts)

    _stop(stack)
    servers.kill(POSTGRES)
    servers.kill(REDIS)
    shutil.rmtree(servers.data)
    shutil.rmtree(archive.folder)
    kept.rename(archive.folder)
    archive.recover(servers)
    servers.start(REDIS)
    servers.start(POSTGRES)

    _go_on(stack)
    # Redis, which knew of it, is lost too.
    assert stack.rows("SELECT reason FROM destinations_pause WHERE resumed_at IS NULL")
    assert team.http.delete(f"posts/{posts.forward}").is_success
    undecided = stack.command("manage.py", "resume", "installation")
    assert "2 due later" in undecided.stderr
    resumed = stack.command("manage.py", "resume", "installation", "--publish", "all")
    assert resumed.returncode == 0, resumed.stderr
    _assert_in_doubt(team, posts.doubtful, "may have been sent in between")
    _assert_nothing_is_sent_again(team, posts, sent)


def _publish(place: Place, team: Team) -> Posts:
    """Posts before the moment, one that is due at it, one for later. The archive has the moment."""
    stack, servers, archive = place
    first = team.post("Before the base backup")
    team.published(first)
    archive.back_up(servers)
    second = team.post("After the base backup")
    team.published(second)
    later = team.post("Later", scheduled_at=FAR)
    forward = team.post("Brought forward", scheduled_at=FAR)
    stack.signal("worker", signal.SIGSTOP)
    doubtful = team.post("Due at the moment")
    ((moment,),) = stack.rows("SELECT clock_timestamp()::text")
    ((segment,),) = stack.rows("SELECT pg_walfile_name(pg_switch_wal())")
    stack.wait("the moment is archived", lambda: f"{segment}.gz" in archive.names("wal"))
    stack.signal("worker", signal.SIGCONT)
    return Posts((first, second), doubtful, later, forward, moment)


def _published_since(team: Team, posts: Posts) -> list[dict[str, Any]]:
    """What is public of all that was there at the moment, and came since."""
    _bring_forward(team, posts.forward)
    return team.published(*posts.known, posts.doubtful, posts.forward, team.post("Forgotten"))


def _bring_forward(team: Team, post: str) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=SOON_SECONDS)
    changed = team.http.patch(f"posts/{post}", json={"scheduled_at": soon.isoformat()})
    assert changed.is_success, changed.text


def _go_on(stack: Stack) -> None:
    for name in STOPPED:
        stack.start(name)
    stack.wait("everything is ready", lambda: _answers(f"{stack.url}/readyz"), START_SECONDS)
    stack.ticks(3)


def _assert_nothing_is_sent_again(team: Team, posts: Posts, sent: list[dict[str, Any]]) -> None:
    team.assert_each_once(sent)
    assert len(team.published(*posts.known)) == 4

    _bring_forward(team, posts.later)
    team.assert_each_once([*sent, *team.published(posts.later, team.post("New"))])


def _public_ids(results: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(result["network"], result["platform_post_id"]) for result in results}


def _assert_in_doubt(team: Team, post: str, why: str) -> None:
    for result in team.results(post):
        assert result["status"] == "failed"
        assert "restored from an earlier state" in result["error"]
        assert "may be live" in result["error"]
        assert why in result["error"]


def _stop(stack: Stack) -> None:
    for name in STOPPED:
        stack.stop(name)


def _copy(folder: Path) -> Path:
    copy = folder.with_name("kept")
    # Not by Python, which would make the files ours.
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return copy
