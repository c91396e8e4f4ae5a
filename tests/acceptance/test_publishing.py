"""One request, the whole machinery, all networks."""

import hashlib
import signal
from datetime import UTC, datetime, timedelta

import pytest

from platforms.registry import ADAPTERS
from tests.acceptance.stack import Stack
from tests.platforms.driver import clip, image


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_one_request_is_public_on_all_networks_once_each_byte_for_byte(stack: Stack):
    team = stack.team(**dict.fromkeys(ADAPTERS, 1))
    picture, moving = image(640, 640, "JPEG"), clip()
    files = {"image": picture, "video": moving}
    media = [
        team.upload("picture.jpg", "image/jpeg", picture),
        team.upload("video.mp4", "video/mp4", moving),
    ]

    post = team.post("Pigeons & doves: first post", media_ids=media)

    results = team.published(post)
    team.assert_each_once(results)
    assert {result["network"] for result in results} == set(ADAPTERS)
    assert [result["attempts"] for result in results] == [1] * len(ADAPTERS)
    assert all(result["platform_post_url"].startswith("https://") for result in results)
    assert all(result["error"] is None for result in results)
    for public in team.wall():
        assert public["text"] == "Pigeons & doves: first post"
        stored = [stack.simulator.http.get(f"/files/{file}").content for file in public["media"]]
        limits = ADAPTERS[public["network"]].limits
        sent = [picture, moving] if limits.mixes else [files[limits.prefers]]
        assert list(map(digest, stored)) == list(map(digest, sent)), public["network"]


def test_a_scheduled_post_starts_within_two_seconds_of_its_time_and_not_before(stack: Stack):
    team = stack.team(x=1)
    at = datetime.now(UTC) + timedelta(seconds=3)

    post = team.post("At its time", scheduled_at=at.isoformat())

    team.assert_each_once(team.published(post))
    (public,) = team.wall()
    seen_after = public["created_at"] - at.timestamp()
    ((started_at,),) = stack.rows(
        "SELECT a.started_at FROM destinations_attempt a JOIN destinations_destination d"
        " ON d.id = a.destination_id WHERE d.platform_post_id = %s",
        public["id"],
    )
    assert 0 <= (started_at - at).total_seconds() < 2
    assert seen_after >= 0


@pytest.mark.thorough
def test_two_beats_publish_nothing_twice(stack: Stack):
    team = stack.team(x=30, linkedin=30)
    stack.start("second beat", "beat")
    stack.signal("beat", signal.SIGSTOP)
    stack.ticks(3)  # All of them, or all but the first, are the second one's.
    stack.signal("beat", signal.SIGCONT)
    at = datetime.now(UTC) + timedelta(seconds=2)
    post = team.post("Once", scheduled_at=at.isoformat())

    results = team.published(post)
    stack.ticks(2)

    assert stack.is_running("beat")
    stack.stop("second beat")
    team.assert_each_once(results)
    assert {result["attempts"] for result in results} == {1}
