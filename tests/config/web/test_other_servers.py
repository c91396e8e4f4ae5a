"""No request waits for another server in a thread that others need."""

import ast
import uuid
from contextlib import ExitStack

import pytest

from destinations import authorship
from destinations.accounts import connect_flow
from destinations.runtime.request_waits import Busy, RequestWaitLimiter
from posts.composing.changes import deletion
from posts.features.ai import generate
from posts.features.webhooks import lifecycle, replay
from posts.media import uploads
from posts.media.fetch import request as fetch
from tests.scans.found import modules

#: What waits for another server, in whichever thread calls it.
WAITS = {"asyncio.run", "requests.get", "requests.post", "urllib.request.urlopen",
         "socket.getaddrinfo", "socket.create_connection"}  # fmt: skip
ROOM = "few at a time: destinations/runtime/request_waits.py"
WORKER = "a worker's or a command's thread"
PLACES = {
    "config.operators.sso.backend": ROOM,
    "config.operators.sso.provider": ROOM,
    "config.status.reach": WORKER,
    "destinations.accounts.oauth_apps": ROOM,
    "destinations.authorship": ROOM,
    "platforms.downloads.addresses": "called by workers, and by receiver_url in a room",
    "posts.features.ai.provider": ROOM,
    "posts.media.s3": ROOM,
    "posts.features.webhooks.replay": ROOM,
}


def test_every_place_that_waits_for_another_server_is_known():
    found = {
        module
        for module, tree in modules("asyncio", "requests", "urllib", "socket", "botocore")
        if not module.startswith("deploy.simulator")
        for each in ast.walk(tree)
        if (isinstance(each, ast.Call) and ast.unparse(each.func) in WAITS)
        or (isinstance(each, ast.ImportFrom) and str(each.module).startswith("botocore"))
    }

    assert found == set(PLACES), "Bound a new one, and say here how."


@pytest.mark.parametrize(
    "room",
    [each._room for each in (authorship, connect_flow, deletion, generate, fetch,
                             lifecycle, replay, uploads)],
)  # fmt: skip
def test_a_room_has_few_places_for_a_workspace(room, settings):
    settings.WEB_THREADS = 64

    with ExitStack() as held:
        taken = [held.enter_context(room.one("one workspace")) for _ in range(10)]
        other = held.enter_context(room.one("another"))

    assert sum(taken) <= 4
    assert other is True


def test_all_rooms_together_have_half_of_the_threads(settings):
    settings.WEB_THREADS = 8
    with ExitStack() as held:
        rooms = [RequestWaitLimiter() for _ in range(8)]
        taken = [held.enter_context(room.one(uuid.uuid4())) for room in rooms for _ in range(2)]
        assert sum(taken) == 4
    rooms[0].enter("a").close()


@pytest.mark.parametrize("threads", [1, 2, 4, 8, 32])
def test_no_workspace_takes_the_last_place(settings, threads):
    settings.WEB_THREADS = threads
    with ExitStack() as held:
        rooms = [RequestWaitLimiter() for _ in range(8)]
        assert any(held.enter_context(room.one("one")) for room in rooms for _ in range(10))
        for room in rooms:
            with room.one("another") as is_free:
                assert is_free
    assert not RequestWaitLimiter._in_all_rooms


def test_a_webhooks_name_is_not_looked_up_while_many_are(monkeypatch):
    monkeypatch.setattr(lifecycle._lookups, "submit", None)

    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(lifecycle._room.enter("hooks.example.com"))
        lifecycle.check_url("https://hooks.example.com/a")


def test_a_place_that_no_request_gives_back_is_refused_at_once(settings):
    room = RequestWaitLimiter(1)
    place = room.enter("a")
    with pytest.raises(Busy):
        room.enter("a")
    place.close()
    room.enter("a").close()
