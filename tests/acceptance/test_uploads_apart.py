"""Slow files keep no other work waiting."""

import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from config.queue.processes import SERVES
from tests import strangers
from tests.acceptance.stack import LEASE_SECONDS, Stack
from tests.acceptance.team import Team
from tests.platforms.driver import clip

pytestmark = pytest.mark.thorough

CLIP = clip()
ONE_THREAD = {"WORKER_THREADS": "1"}
#: Together longer than the stack waits for anything. What goes before tells that it is a video.
PAUSE_SECONDS, SLOW_BYTES = 0.1, 1000


def is_alive(stack: Stack, name: str) -> bool:
    return bool(stack.checks().get("workers", {}).get(name, {}).get("ok"))


def lateness(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = stack.checks().get("lateness", {})
    return found


@pytest.fixture(scope="module")
def apart(running_stack: Stack) -> Iterator[Stack]:
    """Worker and uploader with one thread each, in place of one worker for everything."""
    stack = running_stack
    stack.stop("worker")
    for name, options in SERVES.items():
        stack.start(f"the {name}", "worker", ONE_THREAD, ["-n", f"{name}@%h", *options])
    stack.wait("both are alive", lambda: all(is_alive(stack, name) for name in SERVES))
    yield stack
    for name in SERVES:
        stack.kill(f"the {name}")


def trickling(going_on: threading.Event) -> strangers.Answer:
    """Sends a video byte by byte, so that no deadline ends it, and the rest when it may go on."""

    def answer(to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "video/mp4")
        to.send_header("Content-Length", str(len(CLIP)))
        to.end_headers()
        sent = len(CLIP) - SLOW_BYTES
        to.wfile.write(CLIP[:sent])
        while not going_on.wait(PAUSE_SECONDS):
            to.wfile.write(CLIP[sent : sent + 1])
            sent += 1
        to.wfile.write(CLIP[sent:])

    return answer


def fetch_status(team: Team, media_id: str) -> str:
    return str(team.http.get(f"media/{media_id}").json()["data"]["media_status"])


def test_a_text_goes_out_while_files_hold_every_thread_they_may_have(apart: Stack):
    team = apart.team(x=1, youtube=1)
    x, youtube = team.accounts
    media_id = team.upload("video.mp4", "video/mp4", CLIP)
    going_on = threading.Event()
    with strangers.stranger() as slow:
        slow.answers["/video.mp4"] = trickling(going_on)
        try:
            asked = team.http.post("media/upload-from-url", json={"url": slow.url("/video.mp4")})
            fetched = asked.json()["data"]["media_id"]
            apart.wait("it is fetched", lambda: "fetch_begun" in apart.log("the uploader"))
            video = team.post("A video", [youtube], media_ids=[media_id])

            text = team.published(team.post("A text", [x]))

            (waiting,) = team.results(video)
            assert waiting["status"] != "published"
            assert fetch_status(team, fetched) == "uploading"
        finally:
            going_on.set()
        team.assert_each_once([*text, *team.published(video)])
        apart.wait("the video is here", lambda: fetch_status(team, fetched) == "ready")


def test_a_frozen_uploader_and_the_posts_behind_it_are_seen(apart: Stack):
    """Its rows are claimed and sent to it again and again, so that none of them is ever overdue."""
    team = apart.team(youtube=1)
    media_id = team.upload("video.mp4", "video/mp4", CLIP)
    apart.signal("the uploader", signal.SIGSTOP)
    video = team.post("A video", media_ids=[media_id])
    apart.wait("it is missed", lambda: not is_alive(apart, "uploader"))
    apart.wait("the worker is not", lambda: is_alive(apart, "worker"))

    def is_late() -> bool:
        late: float = lateness(apart).get("by_platform", {}).get("youtube", 0)
        return late > 3 * float(LEASE_SECONDS)  # so that it was claimed again and again

    apart.wait("it is late", is_late)
    apart.signal("the uploader", signal.SIGCONT)
    team.assert_each_once(team.published(video))
    apart.wait("it is back", lambda: is_alive(apart, "uploader"))
    apart.wait("nothing is late", lambda: lateness(apart).get("by_platform") == {})
