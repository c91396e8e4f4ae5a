"""Files of posts: small ones are imported at once, large ones by workers, with one outcome."""

import asyncio
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests import programs
from tests.clients.published.ground import Ground

pytestmark = pytest.mark.thorough
HEAD = "content,account_ids,draft\n"
REFUSED = "No account,999,true\n"


def rows(ground: Ground, count: int) -> bytes:
    """So many rows that are accepted, and one that is not."""
    x = ground.of("x")
    made = "".join(f"Row {number},{x},true\n" for number in range(count))
    return f"{HEAD}{made}{REFUSED}".encode()


def test_a_small_file_is_imported_at_once(client, ground: Ground):
    done = client.posts.import_file(("posts.csv", rows(ground, 30)))

    assert (done.import_id, done.status, done.valid, done.invalid) == (None, "completed", 30, 1)
    assert [each.row for each in done.results if not each.ok] == [31]


def test_a_larger_one_is_waited_for_without_blocking(dovecote: ModuleType, client, ground: Ground):
    seen = []
    file = ("posts.csv", rows(ground, 501))

    async def imports():
        async with dovecote.AsyncClient(ground.stack.url, ground.key) as opened:
            return await opened.posts.import_file(file, seen=seen.append)

    done = asyncio.run(imports())

    assert (done.status, done.done, done.valid, done.invalid) == ("completed", 502, 501, 1)
    assert len(done.results) == 502
    assert [each.row for each in done.results if not each.ok] == [502]
    assert seen[-1].is_final
    assert client.imports.wait(done.import_id).results == done.results


def test_the_command_ends_with_the_counts_and_the_refused_rows(
    site: Path, ground: Ground, tmp_path: Path
):
    (tmp_path / "posts.csv").write_bytes(rows(ground, 501))

    done = programs.run(
        [sys.executable, "-W", "ignore", "-m", "dovecote.cli", "import", "posts.csv"],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(site),
            "PATH": "",
            "DOVECOTE_URL": ground.stack.url,
            "DOVECOTE_API_KEY": ground.key,
            "XDG_CONFIG_HOME": str(tmp_path),
        },
        timeout=300,
    )

    assert done.returncode == 1, done.stderr
    assert done.stderr == "These are 502 rows; files of up to 500 are answered at once.\n"
    assert "Row 502: account_ids" in done.stdout
    assert "501 of 502 rows imported; 1 refused." in done.stdout
