"""The scripts of deploy/postgres on a real PostgreSQL: archived, backed up, set back."""

import gzip
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.chaos.servers import POSTGRES, Servers
from tests.deploy.postgres.archive import Archive, archived_servers
from tests.until import until

pytestmark = pytest.mark.thorough
WITHIN_SECONDS = 55


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="archive-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def running(home: Path) -> Iterator[tuple[Servers, Archive]]:
    with archived_servers(home / "servers") as running:
        sql(running[0], "CREATE TABLE notes (note text)")
        yield running


@pytest.fixture
def servers(running: tuple[Servers, Archive]) -> Servers:
    return running[0]


@pytest.fixture
def archive(running: tuple[Servers, Archive]) -> Archive:
    return running[1]


def sql(servers: Servers, statement: str) -> str:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        done = connection.execute(statement)
        return str(done.fetchall()[0][0]) if done.description else ""


def note(servers: Servers, text: str) -> str:
    """Store it; the moment after that."""
    sql(servers, f"INSERT INTO notes VALUES ('{text}')")
    return sql(servers, "SELECT clock_timestamp()::text")


def notes(servers: Servers) -> str:
    return sql(servers, "SELECT string_agg(note, ' ' ORDER BY note) FROM notes")


def segments(archive: Archive) -> list[str]:
    return [name for name in archive.names("wal") if re.fullmatch(r"[0-9A-F]{24}\.gz", name)]


@contextmanager
def damaged(file: Path) -> Iterator[None]:
    """Its second half is lost for as long as the block lasts."""
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    yield
    file.write_bytes(whole)


def archived(servers: Servers, archive: Archive) -> None:
    """Wait until everything so far is in the archive."""
    segment = sql(servers, "SELECT pg_walfile_name(pg_switch_wal())")
    until(lambda: f"{segment}.gz" in archive.names("wal"))


def test_a_database_is_set_back_to_a_moment_again_and_again(servers, archive):
    note(servers, "a")
    archive.back_up(servers)
    moment = note(servers, "b")
    note(servers, "c")
    servers.stop(POSTGRES)
    archive.recover(servers, moment)
    servers.start(POSTGRES)
    assert notes(servers) == "a b"

    # In the new timeline as well, and from a backup of the one before.
    moment = note(servers, "d")
    note(servers, "e")
    servers.stop(POSTGRES)
    archive.recover(servers, moment)
    servers.start(POSTGRES)
    assert notes(servers) == "a b d"


def test_what_a_killed_server_had_not_archived_is_kept(servers, archive):
    archive.back_up(servers)
    note(servers, "killed")
    servers.kill(POSTGRES)
    archive.recover(servers)
    servers.start(POSTGRES)

    assert "killed" in notes(servers)


def test_a_recovery_that_cannot_be_had_leaves_everything_as_it_is(servers, archive):
    archive.back_up(servers)
    before = notes(servers)
    environ = {"PGDATA": str(servers.data)}

    running = archive.run("recover", **environ)
    servers.stop(POSTGRES)
    refused = {
        "PostgreSQL runs": running,
        "with its zone": archive.run("recover", "2026-11-26 09:00:00", **environ),
        "no backup from before": archive.run("recover", "2001-01-01 09:00:00Z", **environ),
        "before configured recovery target": archive.run(
            "recover", "2099-01-01 09:00:00Z", **environ
        ),
    }
    servers.start(POSTGRES)

    for words, done in refused.items():
        assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    assert notes(servers) == before


def test_a_damaged_backup_or_archive_is_not_taken_for_its_end(servers, archive):
    archive.back_up(servers)
    note(servers, "whole")
    archived(servers, archive)
    note(servers, "more")
    archived(servers, archive)
    environ = {"PGDATA": str(servers.data)}
    servers.stop(POSTGRES)
    newest = archive.folder / "base" / archive.names("base")[-1]
    wal = archive.folder / "wal" / archive.names("wal")[-2]
    with damaged(newest / "base.tar.gz"):
        base = archive.run("recover", **environ)
    with damaged(wal):
        segment = archive.run("recover", **environ)
    servers.start(POSTGRES)

    assert base.returncode != 0
    assert (segment.returncode, wal.name.removesuffix(".gz") in segment.stderr) == (1, True)
    assert "whole" in notes(servers)


def test_only_the_newest_backups_and_the_wal_that_they_need_are_kept(servers, archive):
    archive.back_up(servers)
    first, oldest = segments(archive)[0], archive.names("base")[-1]
    for _ in range(2):
        note(servers, "kept")
        archived(servers, archive)
        archive.back_up(servers, KEEP="2")

    assert len(archive.names("base")) == 2
    assert oldest not in archive.names("base")
    assert segments(archive)[0] > first
    servers.stop(POSTGRES)
    archive.recover(servers)
    servers.start(POSTGRES)
    assert "kept" in notes(servers)


def test_a_file_of_the_archive_is_never_replaced(archive, home):
    file = home / "segment"
    file.write_text("one")
    file.chmod(0o644)
    home.chmod(0o755)
    first, again = (archive.run("archive-wal", file, "0000TEST") for _ in range(2))
    file.write_text("another")
    other = archive.run("archive-wal", file, "0000TEST")

    assert (first.returncode, again.returncode, other.returncode) == (0, 0, 1), first.stderr
    assert "another server" in other.stderr
    kept = archive.folder / "wal/0000TEST.gz"
    assert gzip.decompress(kept.read_bytes()) == b"one"
    kept.unlink()


def test_an_archive_that_is_not_mounted_is_not_made_elsewhere(archive, home):
    moved = archive.folder.rename(archive.folder.with_name("moved"))
    refused = archive.run("archive-wal", home, "0000TEST")
    moved.rename(archive.folder)

    assert (refused.returncode, "is not there" in refused.stderr) == (1, True)
