"""Mastodon.py and toot play on a simulated server of Mastodon."""

import json
from typing import Any

import pytest

from tests.deploy.simulator.clients import install
from tests.deploy.simulator.clients.stage import HERE, Stage
from tests.platforms.mastodon.account import USUAL, new_id

pytestmark = pytest.mark.thorough
NO_TOKEN = "The access token is invalid"
TOO_LONG = "Validation failed: Text character limit of 500 exceeded"
UNKNOWN = "Record not found"
#: What our adapter calls.
CALLS = {
    f"{method} /{USUAL}/{path}"
    for method, path in (
        ("POST", "api/v1/apps"),
        ("POST", "oauth/token"),
        ("GET", "api/v1/accounts/verify_credentials"),
        ("POST", "api/v2/media"),
        ("GET", "api/v1/media/*"),
        ("POST", "api/v1/statuses"),
        ("GET", "api/v1/statuses/*"),
        ("DELETE", "api/v1/statuses/*"),
    )
}
MORE_CALLS = {
    f"GET /{USUAL}/api/v2/instance",
    f"GET /{USUAL}/api/v1/accounts/*/statuses",
    f"POST /{USUAL}/oauth/revoke",
}


def person(stage: Stage) -> str:
    """Return an account whose posts need no Idempotency-Key: ours have one, others may."""
    number = new_id()
    stage.simulator.connect("mastodon", number, username=f"dove@{USUAL}")
    stage.simulator.set("mastodon", "needs_keys", False, number)
    return number


def public(stage: Stage, account: str) -> list[tuple[Any, ...]]:
    """Return text, alternative texts and visibility of each post, oldest first."""
    posts = reversed(stage.simulator.posts("mastodon", account))
    return [(each["text"], each["extra"]["alt"], each["extra"]["visibility"]) for each in posts]


def test_mastodon_py_publishes_reads_and_deletes(stage: Stage):
    account = person(stage)
    child = stage.start(install.python(), "-I", HERE / "play_mastodon_py.py", f"https://{USUAL}")
    assert child.stdout is not None
    code = stage.consent(child.stdout.readline(), account)

    told = stage.told(child, f"{code}\n")

    ids = told["ids"]
    kinds = ("poll", "reply", "video", "image", "text")
    assert ids["text again"] == ids["text"]
    assert told["read"] == {
        "me": ["dove", "Acme"],
        "listed": [ids[kind] for kind in kinds],
        "without replies": 4,
        "reply to": ids["text"],
        "video": [True, "Wings", "video", "A dove that flies"],
        "poll": [["Coo", "Coo coo"], True, False],
        "has a date": True,
        "most characters": 500,
    }
    assert told["refused"] == {
        "wrong token": ["MastodonUnauthorizedError", 401, NO_TOKEN],
        "too long": ["MastodonAPIError", 422, TOO_LONG],
        "nothing": ["MastodonAPIError", 422, "Validation failed: Text can't be blank"],
        "unknown post": ["MastodonNotFoundError", 404, UNKNOWN],
        "unknown file": [
            "MastodonAPIError",
            422,
            "Validation failed: Media 1 not found or already attached to another post",
        ],
        "no file": [
            "MastodonAPIError",
            422,
            "Validation failed: File content type is invalid, File is invalid",
        ],
        "deleted post": ["MastodonNotFoundError", 404, UNKNOWN],
        "revoked token": ["MastodonUnauthorizedError", 401, NO_TOKEN],
    }
    assert told["deleted"] == "Coo"
    assert public(stage, account) == [
        ("Look", ["A dove"], "unlisted"),
        ("See", ["A dove that flies"], "public"),
        ("And coo", [], "public"),
        ("Which?", [], "public"),
    ]
    assert stage.calls() >= CALLS | MORE_CALLS


def toot(stage: Stage, *command: str) -> Any:
    """Return what the program prints as JSON, or the line in which it says what is wrong."""
    code, out, errors = stage.run(install.python(), "-I", "-m", "toot", *command)
    return json.loads(out.splitlines()[-1]) if code == 0 else errors.splitlines()[-1]


def log_in(stage: Stage, account: str) -> None:
    child = stage.start(install.python(), "-I", "-m", "toot", "login", "--instance", USUAL)
    assert child.stdout is not None
    page = next((line for line in child.stdout if line.startswith("https://")), "")
    assert page, child.communicate()
    code = stage.consent(page.strip(), account)
    said, errors = child.communicate(f"n\n{code}\n", timeout=60)
    assert (child.returncode, "Successfully logged in" in said) == (0, True), errors


def test_toot_publishes_reads_and_deletes(stage: Stage):
    account = person(stage)
    log_in(stage, account)

    text = toot(stage, "post", "Coo", "--json")
    files = ("--media", "dove.png", "--description", "A dove")
    picture = toot(stage, "post", "Look", *files, "--visibility", "unlisted", "--json")
    video = toot(stage, "post", "See", "--media", "dove.mp4", "--spoiler-text", "Wings", "--json")
    reply = toot(stage, "post", "And coo", "--reply-last", "--json")
    options = ("--poll-option", "Coo", "--poll-option", "Coo coo", "--poll-expires-in", "1h")
    poll = toot(stage, "post", "Which?", *options, "--json")

    assert toot(stage, "whoami", "--json")["acct"] == "dove"
    assert stage.run(install.python(), "-I", "-m", "toot", "status", picture["id"])[0] == 0
    assert toot(stage, "status", text["id"], "--json")["content"] == "<p>Coo</p>"
    assert video["media_attachments"][0]["type"] == "video"
    assert reply["in_reply_to_id"] == video["id"]
    assert [each["title"] for each in poll["poll"]["options"]] == ["Coo", "Coo coo"]
    assert toot(stage, "delete", text["id"], "--json")["text"] == "Coo"
    assert toot(stage, "status", text["id"]) == f"Error: {UNKNOWN}"
    assert toot(stage, "post", "a" * 501) == f"Error: {TOO_LONG}"
    assert public(stage, account) == [
        ("Look", ["A dove"], "unlisted"),
        ("See", [""], "public"),
        ("And coo", [], "public"),
        ("Which?", [], "public"),
    ]

    settings = stage.home / ".config" / "toot" / "config.json"
    kept = json.loads(settings.read_text())
    kept["users"][f"dove@{USUAL}"]["access_token"] = "nonsense"
    settings.write_text(json.dumps(kept))
    assert toot(stage, "post", "Coo") == f"Error: {NO_TOKEN}"
    assert stage.calls() >= CALLS
