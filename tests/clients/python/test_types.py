"""The package is typed: what is written by hand strictly, and what users see of every call."""

import sys
from pathlib import Path

import pytest

from tests import programs

pytestmark = pytest.mark.thorough
#: Within the classes that openapi-python-client makes, names of variables clash for mypy alone.
CONFIG = """
[mypy]
strict = true
[mypy-dovecote._generated.models.*]
ignore_errors = true
"""
MYPY = (sys.executable, "-m", "mypy")
USE = """
from dovecote import AsyncClient, Client, Outcome, models

def use(client: Client) -> Outcome:
    posts: list[models.ListedPost] = list(client.posts.list(status=["failed"]))
    retried: models.Retried = client.posts.retry(posts[0].id, account_ids=[1])
    return client.posts.publish("Hello", to="all").wait(timeout=5)

async def use_async(client: AsyncClient) -> models.Queue:
    async for queue in client.queues.list():
        return queue
    return await client.queues.get("1")
"""
MISUSE = """
from dovecote import Client

def misuse(client: Client) -> None:
    client.posts.retry("post_1", accounts=[1])
    client.posts.create(content=1)
"""


def test_the_package_and_right_uses_pass_the_strictest_check_and_wrong_ones_do_not(
    site: Path, tmp_path: Path
):
    use, misuse, config = (tmp_path / name for name in ("use.py", "misuse.py", "mypy.ini"))
    use.write_text(USE)
    misuse.write_text(MISUSE)
    config.write_text(CONFIG)

    done = programs.run([*MYPY, "--config-file", config, site / "dovecote", use, misuse], cwd=site)

    *wrong, summary = done.stdout.splitlines()
    assert summary.startswith("Found "), done.stdout + done.stderr
    assert [line for line in wrong if not line.startswith(str(misuse))] == []
    assert 'Unexpected keyword argument "accounts"' in done.stdout
    assert 'expected "str"' in done.stdout
