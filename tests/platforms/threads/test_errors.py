"""What Threads refuses, in its words and ours, and how strict its simulator is."""

from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import RateLimited, Rejected, Unauthorized, Unavailable
from tests.platforms.driver import published
from tests.platforms.meta.container_refusals import RefusalPromises, Row
from tests.platforms.meta.containers import USER, Bench, graph_error, photo
from tests.platforms.threads.steps import SIX_LINKS, ask, grant

# Refusals

ROWS: list[Row] = [
    (400, graph_error(24, 4279009), Unavailable, "platform_unavailable"),
    (400, graph_error(24), Unavailable, "platform_unavailable"),
    (400, graph_error(100, 4279004), Unavailable, "platform_unavailable"),
    (400, graph_error(100, 4279071), Rejected, "option_rejected"),
    (400, graph_error(100, 4279013), Unauthorized, "account_restricted"),
    (400, graph_error(1, 2207052), Unavailable, "media_unreachable"),
    (400, graph_error("THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected, "content_rejected"),
    (
        400,
        graph_error("THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES"),
        Rejected,
        "option_rejected",
    ),
    (400, graph_error("THREADS_API__FEATURE_NOT_AVAILABLE"), Rejected, "option_rejected"),
    (
        400,
        graph_error(100, message="Param text must be at most 500 characters long."),
        Rejected,
        "text_too_long",
    ),
    (400, graph_error(80014), RateLimited, "rate_limited"),
]


PUBLISHING: list[Row] = [
    (400, graph_error(24, 4279009), Unavailable, "media_processing_failed"),
    (400, graph_error(24), Unavailable, "media_processing_failed"),
    (400, graph_error(100, 4279013), Unauthorized, "account_restricted"),
]


class TestRefusals(RefusalPromises):
    creating = ROWS
    publishing = PUBLISHING
    failures = {
        "FAILED_DOWNLOADING_VIDEO": (Unavailable, "media_unreachable", "FAILED_DOWNLOADING_VIDEO"),
        "FAILED_PROCESSING_VIDEO": (
            Unavailable,
            "media_processing_failed",
            "FAILED_PROCESSING_VIDEO",
        ),
        "FAILED_PROCESSING_AUDIO": (
            Unavailable,
            "media_processing_failed",
            "FAILED_PROCESSING_AUDIO",
        ),
        "UNKNOWN": (Unavailable, "media_processing_failed", "UNKNOWN"),
        "INVALID_ASPEC_RATIO": (Rejected, "media_rejected", "INVALID_ASPEC_RATIO"),
        "INVALID_BIT_RATE": (Rejected, "media_rejected", "INVALID_BIT_RATE"),
        "INVALID_DURATION": (Rejected, "media_rejected", "INVALID_DURATION"),
        "INVALID_FRAME_RATE": (Rejected, "media_rejected", "INVALID_FRAME_RATE"),
        "INVALID_AUDIO_CHANNELS": (Rejected, "media_rejected", "INVALID_AUDIO_CHANNELS"),
        "INVALID_AUDIO_CHANNEL_LAYOUT": (
            Rejected,
            "media_rejected",
            "INVALID_AUDIO_CHANNEL_LAYOUT",
        ),
    }
    refuses_twice = ("refuse", "bad")


# The simulator's own strictness

POLL = {"option_a": "Coo?", "option_b": "Coo!"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"media_type": "TEXT"}, 100),
        ({"media_type": "AUDIO"}, 100),
        ({"media_type": "TEXT", "text": "x" * 501}, 100),
        ({"media_type": "TEXT", "text": "x", "colour": "red"}, 100),
        ({"media_type": "IMAGE", "image_url": "x", "link_attachment": "https://a"}, 100),
        ({"media_type": "TEXT", "text": SIX_LINKS}, "THREADS_API__LINK_LIMIT_EXCEEDED"),
        ({"media_type": "TEXT", "text": "x", "topic_tag": "a.b"}, 100),
        ({"media_type": "TEXT", "text": "x", "topic_tag": ""}, 100),
        ({"media_type": "TEXT", "text": "x", "link_attachment": "example"}, 100),
        ({"media_type": "TEXT", "text": "x", "link_attachment": "https://no-domain"}, 100),
        ({"media_type": "TEXT", "text": "x", "quote_post_id": "1"}, 24),
        ({"media_type": "TEXT", "text": "x", "poll_attachment": {"option_a": "a"}}, 100),
        ({"media_type": "TEXT", "text": "x", "poll_attachment": POLL | {"option_e": "e"}}, 100),
        (
            {"media_type": "TEXT", "text": "x", "poll_attachment": POLL | {"option_b": "b" * 26}},
            100,
        ),
        ({"media_type": "TEXT", "text": "x", "reply_control": "no-one"}, 100),
        ({"media_type": "TEXT", "text": "x", "reply_to_id": "1"}, 24),
        ({"media_type": "CAROUSEL", "children": "1,2"}, 100),
        ({"media_type": "IMAGE", "image_url": "http://127.0.0.1:9/none"}, 9004),
        ({"media_type": "IMAGE", "image_url": "x", "alt_text": "x" * 1001}, 100),
    ],
)
def test_the_simulator_refuses_what_threads_refuses(b: Bench, body: Any, code: int | str):
    assert ask(b, "me/threads", **body)["error"]["code"] == code


def test_the_simulator_refuses_an_image_that_is_too_narrow(b: Bench):
    narrow = photo(width=200, height=200).url
    refused = ask(b, "me/threads", media_type="IMAGE", image_url=narrow)
    assert refused["error"]["error_subcode"] == 2207005


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("me/threads_publishing_limit?fields=quota_usage,config", ""),
        ("me/threads_publishing_limit?fields=reply_quota_usage", "threads_manage_replies"),
        ("me/threads_publishing_limit?fields=config,reply_config", "threads_manage_replies"),
        ("me/threads_publishing_limit?fields=delete_quota_usage", "threads_delete"),
        ("me/threads?fields=id", ""),
        ("me/replies?fields=id", "threads_read_replies"),
    ],
)
def test_the_simulator_wants_the_scopes_that_threads_wants(b: Bench, path: str, scope: str):
    def status() -> int:
        headers = {"Authorization": f"Bearer {b.account.token}"}
        url = f"/graph.threads.net/v1.0/{path}"
        return b.simulator.http.get(url, headers=headers).status_code

    grant(b)
    assert status() == (403 if scope else 200)
    grant(b, scope)
    assert status() == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("me", 200),
        ("me/threads", 200),
        (f"{USER}/threads", 200),
        ("me/threads_publishing_limit", 200),
        ("v1.0/me", 200),
        ("v2.0/me", 400),
        ("v2.0/me/threads", 400),
    ],
)
def test_the_simulator_takes_paths_without_a_version(b: Bench, path: str, status: int):
    headers = {"Authorization": f"Bearer {b.account.token}"}
    answer = b.simulator.http.get(f"/graph.threads.net/{path}", headers=headers)
    assert answer.status_code == status


def test_a_post_is_made_and_read_without_a_version(b: Bench):
    http, headers = b.simulator.http, {"Authorization": f"Bearer {b.account.token}"}
    host = "/graph.threads.net"
    body = {"media_type": "TEXT", "text": "Hello"}
    made = http.post(f"{host}/me/threads", headers=headers, json=body).json()["id"]
    form = {"creation_id": made}
    posted = http.post(f"{host}/me/threads_publish", headers=headers, json=form).json()["id"]
    assert http.get(f"{host}/{posted}?fields=text", headers=headers).json()["text"] == "Hello"


def test_a_carousel_item_is_not_published_alone(b: Bench):
    item = {"media_type": "IMAGE", "image_url": photo().url, "is_carousel_item": True}
    made = ask(b, "me/threads", **item)["id"]
    assert ask(b, "me/threads_publish", creation_id=made)["error"]["code"] == 100
    assert b.public() == []


def test_a_container_tells_its_state_only_and_a_post_has_none(b: Bench):
    made = ask(b, "me/threads", media_type="TEXT", text="Hello")["id"]
    posted = ask(b, "me/threads_publish", creation_id=made)["id"]
    headers = {"Authorization": f"Bearer {b.account.token}"}
    for object_id, field in ((made, "permalink"), (posted, "status")):
        url = f"/graph.threads.net/v1.0/{object_id}?fields={field}"
        error = b.simulator.http.get(url, headers=headers).json()["error"]
        assert (error["code"], error["type"]) == (100, "THApiException")


def test_another_profiles_container_does_not_exist(b: Bench):
    made = ask(b, "me/threads", media_type="TEXT", text="Hello")["id"]
    other = b.simulator.connect("threads", "17841400000000002")
    b.account = Credentials("17841400000000002", "other", other)
    error = ask(b, "me/threads_publish", creation_id=made)["error"]
    assert error["error_subcode"] == 4279009


def test_a_post_can_be_deleted_by_its_owner(b: Bench):
    result = published(b.finish(Draft("Hello")))
    headers = {"Authorization": f"Bearer {b.account.token}"}
    url = f"/graph.threads.net/v1.0/{result.id}"
    answer = b.simulator.http.delete(url, headers=headers).json()
    assert (answer, b.public()) == ({"success": True, "deleted_id": result.id}, [])
    assert b.simulator.http.delete(url, headers=headers).status_code == 400
