"""Files on their ways in, through the web server and the worker as they really run."""

import hashlib
from collections.abc import Iterator

import pytest

from tests import strangers
from tests.acceptance.stack import Stack
from tests.posts.factories import png
from tests.posts.media import videos


@pytest.fixture
def team(stack: Stack):
    return stack.team()


def announced(team, content: bytes, kind: str = "image/png") -> dict:
    facts = {"filename": "a", "content_type": kind, "size": len(content)}
    return team.http.post("media/upload", json=facts).json()["data"]


def in_pieces(content: bytes, size: int = 60_000) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def sent(team, place: dict, body, **headers: str):
    return team.http.put(
        place["upload_url"], content=body, headers={"Content-Type": "image/png", **headers}
    )


def test_a_file_may_come_in_chunks_without_a_length(team):
    content = videos.picture(800, 600, "PNG", "RGB")
    place = announced(team, content)

    assert sent(team, place, in_pieces(content)).json()["data"]["size"] == len(content)

    done = team.http.post(f"media/{place['media_id']}/complete").json()["data"]
    assert (done["status"], done["width"], done["height"]) == ("ready", 800, 600)
    served = team.http.get(done["url"]).content
    assert hashlib.sha256(served).digest() == hashlib.sha256(content).digest()
    assert team.http.get(done["thumbnail_url"]).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("cut", "status", "code"), [(-1, 409, "upload_incomplete"), (1, 413, "file_too_large")]
)
def test_chunks_that_are_fewer_or_more_than_announced_are_refused(team, cut, status, code):
    content = png(300, 300)
    place = announced(team, content)
    other = content[:cut] if cut < 0 else content + b"x"

    answer = sent(team, place, in_pieces(other, 100))

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert sent(team, place, in_pieces(content, 100)).status_code == 200
    assert sent(team, place, content).status_code == 200
    assert team.http.post(f"media/{place['media_id']}/complete").status_code == 200


def test_a_video_is_fetched_from_its_address_by_a_worker(team):
    clip = videos.make(seconds=2, sound=True)
    with strangers.stranger() as stranger:
        url = stranger.sends_on("/a", stranger.gives("/video.mp4", clip))
        asked = team.http.post("media/upload-from-url", json={"url": url}).json()["data"]
        assert asked["media_status"] == "uploading"

        def ready() -> dict:
            found = team.http.get(f"media/{asked['media_id']}").json()["data"]
            return found if found["media_status"] != "uploading" else {}

        found = team.stack.wait("the video is here", ready)

    assert (found["media_status"], found["error_message"]) == ("ready", None)
    assert found["duration"] == pytest.approx(2, abs=0.2)
    assert team.http.get(found["url"]).content == clip


@pytest.mark.parametrize(
    "url", ["http://localhost/a.png", "http://[::1]:8000/", "http://169.254.169.254/latest"]
)
def test_a_private_address_is_refused_by_the_server_as_it_runs(team, url: str):
    answer = team.http.post("media/upload-from-url", json={"url": url})
    if answer.status_code == 201:  # busy workers: the request did not wait for the refusal
        path = f"media/{answer.json()['data']['media_id']}"
        team.stack.wait("the file has failed", lambda: has_failed(team, path))
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "validation_error")


def has_failed(team, path: str) -> bool:
    found = team.http.get(path).json()["data"]
    assert found["media_status"] != "ready"
    return found["media_status"] == "failed"
