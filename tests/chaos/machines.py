"""A host whose clock is wrong, and a disk that is full."""

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from tests.chaos.ground import WORKERS, Ground
from tests.chaos.scenario import Scenario
from tests.platforms.driver import image

#: How wrong a host's clock is.
WRONG_SECONDS = 90
#: Some posts are due sooner than the clock is wrong, others later.
SOON_SECONDS, LATER_SECONDS = 30, 120
DISK = "size=8m"
MAKING = "SELECT count(*) FROM posts_variant WHERE status <> 'ready' AND tries > 0"
STORED = "SELECT count(*) FROM posts_media WHERE storage_key <> ''"


# Clocks


def wrong_clock(ahead_seconds: float, ground: Ground) -> None:
    """Web, beat and one worker are on a host whose clock is wrong; the other worker is not."""
    env = {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.shifted",
        "CLOCK_AHEAD_SECONDS": str(ahead_seconds),
    }
    for name in ("web", "beat", WORKERS[0]):
        ground.stack.stop(name)
    for name in ("web", "beat"):
        ground.stack.start(name, env=env)
    ground.start_worker(WORKERS[0], env=env)
    ground.until("the web process answers", lambda: answers(ground))
    _check_clock(ground, ahead_seconds)
    ground.ask(in_seconds=SOON_SECONDS)
    ground.ask(max(1, ground.n // 2), in_seconds=LATER_SECONDS)
    ground.ask()
    ground.settle()
    early = ground.early()
    assert not early, f"Public before their time: {early}"
    workers = ground.stack.rows("SELECT DISTINCT worker FROM destinations_attempt")
    assert len(workers) == len(WORKERS), f"Not both workers took part: {workers}"


def answers(ground: Ground) -> bool:
    try:
        return httpx.get(f"{ground.stack.url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def _check_clock(ground: Ground, ahead_seconds: float) -> None:
    """What the web process takes for now, as its answers show it."""
    told = ground.team.http.get("posts").json()["meta"]["timestamp"]
    ahead = (datetime.fromisoformat(told) - datetime.now(UTC)).total_seconds()
    assert abs(ahead - ahead_seconds) < abs(ahead_seconds) / 2, f"The clock is {ahead} s ahead."


# Disks


def full_disk(ground: Ground) -> None:
    """The media folder takes no more, while posts go out that need what is in it."""
    picture = ground.team.upload("picture.png", "image/png", image(640, 640, "PNG"))
    with _small_disk(ground.stack.home / "media") as folder:
        filling = folder / "filling"
        _fill(filling)
        stored, files = ground.stack.rows(STORED), _files(folder)
        ground.ask()
        # Instagram takes no PNG: another form of it has to be written.
        ground.ask(networks=("instagram",), media_ids=[picture])
        ground.ask(in_seconds=2)
        answer = _upload(ground)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (507, "storage_full"), answer.text
        ground.until("a form could not be written", lambda: ground.stack.rows(MAKING)[0][0])
        ground.until(
            "other posts go out", lambda: ground.count("published") >= len(ground.networks)
        )
        assert ground.stack.rows(STORED) == stored, "Something was half-stored."
        assert _files(folder) == files, "A part of a file was left."
        assert ground.count("queued"), "Nothing waited for room."
        filling.unlink()
        ground.broken()
        assert _upload(ground).is_success
        ground.ask()
        ground.settle()


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """The folder, with what is in it, on a file system of its own."""
    with tempfile.TemporaryDirectory() as before:
        shutil.copytree(folder, before, dirs_exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(folder)], check=True)
        try:
            shutil.copytree(before, folder, dirs_exist_ok=True)
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(path: Path) -> None:
    """A file that takes all the room there is."""
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            os.fsync(file)


def _files(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def _upload(ground: Ground) -> httpx.Response:
    """Announce a picture and send it; the answer to the bytes."""
    content = image(800, 800, "PNG") + uuid.uuid4().bytes
    facts = {"filename": "more.png", "content_type": "image/png", "size": len(content)}
    place = ground.team.http.post("media/upload", json=facts).json()["data"]
    headers = {"Content-Type": "image/png"}
    return ground.team.http.put(place["upload_url"], content=content, headers=headers)


SCENARIOS = [
    Scenario(
        "clock-ahead",
        "A host's clock may be 90 s ahead: nothing goes out before its time.",
        partial(wrong_clock, WRONG_SECONDS),
    ),
    Scenario(
        "clock-behind", "A host's clock may be 90 s behind.", partial(wrong_clock, -WRONG_SECONDS)
    ),
    Scenario(
        "full-disk",
        "The disk for media may be full: uploads say so and leave nothing behind, other posts go "
        "out, and those that wait for room go out once there is some.",
        full_disk,
        needs_root=True,
    ),
]
