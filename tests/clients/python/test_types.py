"""The package is typed: what is written by hand strictly, and what users see of every call."""

import subprocess
import sys
from pathlib import Path

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


def check(tmp_path: Path, site: Path, *files: Path) -> str:
    config = tmp_path / "mypy.ini"
    config.write_text(CONFIG)
    done = subprocess.run(
        [*MYPY, "--config-file", config, "--cache-dir", site / ".types", *files],
        cwd=site,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_the_package_and_its_uses_pass_the_strictest_check(site: Path, tmp_path: Path):
    use = tmp_path / "use.py"
    use.write_text(USE)

    assert "Success" in check(tmp_path, site, site / "dovecote", use)


def test_a_wrong_use_is_found_before_it_runs(site: Path, tmp_path: Path):
    misuse = tmp_path / "misuse.py"
    misuse.write_text(MISUSE)

    told = check(tmp_path, site, misuse)

    assert 'Unexpected keyword argument "accounts"' in told
    assert 'expected "str"' in told
