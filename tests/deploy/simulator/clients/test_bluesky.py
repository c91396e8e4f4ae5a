"""Bluesky's own clients, for Python and for JavaScript, play on its simulated servers."""

from typing import Any

import pytest

from tests import programs
from tests.clients.published import npm
from tests.deploy.simulator.clients import install
from tests.deploy.simulator.clients.stage import HERE, Stage
from tests.platforms.bluesky.account import PASSWORD, new_did

pytestmark = pytest.mark.thorough
#: What our adapter calls, of an account's server and of the video service.
CALLS = {
    *(
        f"POST /bsky.social/xrpc/com.atproto.{name}"
        for name in (
            *("server.createSession", "server.refreshSession", "repo.applyWrites"),
            *("repo.deleteRecord", "repo.uploadBlob"),
        )
    ),
    "GET /bsky.social/xrpc/com.atproto.repo.getRecord",
    "GET /bsky.social/xrpc/com.atproto.identity.resolveHandle",
    "GET /bsky.social/xrpc/app.bsky.feed.getPosts",
    "GET /bsky.social/xrpc/app.bsky.actor.getProfile",
}
VIDEO_CALLS = {
    "GET /bsky.social/xrpc/com.atproto.server.getServiceAuth",
    "POST /video.bsky.app/xrpc/app.bsky.video.uploadVideo",
    "GET /video.bsky.app/xrpc/app.bsky.video.getJobStatus",
}


def person(stage: Stage) -> tuple[str, str]:
    """Return the DID and the handle of an account."""
    did = new_did()
    handle = f"{did[-12:]}.bsky.social"
    stage.simulator.connect("bluesky", did, username=handle, extra={"password": PASSWORD})
    return did, handle


def words(handle: str) -> str:
    return f"Coo #doves of @{handle}, https://example.com/dovecote"


def seen(handle: str) -> dict[str, Any]:
    """Return what a client reads of what it has published."""
    facets = [f"app.bsky.richtext.facet#{name}" for name in ("tag", "mention", "link")]
    return {
        "me": [handle, "Acme"],
        "texts": [words(handle), "Look", "See", "And coo"],
        "cids": True,
        "facets": facets,
        "image": "A dove",
        "reply to": True,
    }


def public(stage: Stage, did: str) -> list[tuple[str, list[str]]]:
    """Return the text and the alternative texts of each post, oldest first."""
    posts = reversed(stage.simulator.posts("bluesky", did))
    return [(each["text"], each["extra"]["alt"]) for each in posts]


def test_the_sdk_for_python_publishes_reads_and_deletes(stage: Stage):
    did, handle = person(stage)

    told = stage.told(
        stage.start(install.python(), "-I", HERE / "play_atproto.py", handle, PASSWORD)
    )

    assert told == {
        "read": seen(handle),
        "renews": True,
        "refused": {
            "wrong password": ["UnauthorizedError", 401, "AuthenticationRequired"],
            "wrong token": ["BadRequestError", 400, "InvalidToken"],
            "too long": ["BadRequestError", 400, "InvalidRequest"],
            "unknown post": ["BadRequestError", 400, "RecordNotFound"],
            "unknown file": ["BadRequestError", 400, "BlobNotFound"],
        },
        "deleted": True,
        "left": 3,
    }
    assert public(stage, did) == [
        ("Look", ["A dove"]),
        ("See", ["A dove that flies"]),
        ("And coo", [""]),
    ]
    assert stage.calls() >= CALLS


@pytest.mark.needs("node", "npm")
def test_the_client_for_javascript_publishes_reads_and_deletes(stage: Stage):
    did, handle = person(stage)
    modules = npm.installed(HERE) / "node_modules"

    told = stage.told(
        stage.start(
            programs.found("node"), HERE / "play_atproto_api.mjs", modules, handle, PASSWORD
        )
    )

    assert told == {
        "read": seen(handle),
        "renews": True,
        "refused": {
            "wrong password": ["XRPCError", 401, "AuthenticationRequired"],
            "wrong token": ["XRPCError", 400, "InvalidToken"],
            "too long": ["XRPCError", 400, "InvalidRequest"],
            "unknown post": ["RecordNotFoundError", 400, "RecordNotFound"],
        },
        "left": 3,
    }
    assert public(stage, did) == [
        ("Look", ["A dove"]),
        ("See", ["Flying"]),
        ("And coo", [""]),
    ]
    assert stage.calls() >= CALLS | VIDEO_CALLS
