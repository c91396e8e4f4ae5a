"""What Instagram refuses, in its words and ours, and how strict its simulator is."""

from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized, Unavailable
from platforms.outcomes import Processing
from tests.platforms.meta.container_refusals import RefusalPromises, Row
from tests.platforms.meta.containers import (
    USER,
    Bench,
    clip,
    clip_bytes,
    graph_error,
    photo,
    photos,
)

# Refusals

ROWS: list[Row] = [
    (400, graph_error(25, 2207050), Unauthorized, "account_restricted"),
    (400, graph_error(9, 2207042), RateLimited, "daily_limit_reached"),
    (400, graph_error(9004, 2207077), Unavailable, "media_unreachable"),
    (400, graph_error(-2, 2207003), Unavailable, "media_unreachable"),
    (400, graph_error(-2, 2207020), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207032), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207053), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207082), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207001), Unavailable, "platform_unavailable"),
    (400, graph_error(9007, 2207027), Unavailable, "platform_unavailable"),
    (400, graph_error(24, 2207008), Unavailable, "platform_unavailable"),
    (400, graph_error(24, 2207006), Unavailable, "platform_unavailable"),
    (400, graph_error(36000, 2207004), Rejected, "media_rejected"),
    (400, graph_error(36001, 2207005), Rejected, "media_rejected"),
    (400, graph_error(36003, 2207009), Rejected, "media_rejected"),
    (400, graph_error(36004, 2207010), Rejected, "content_rejected"),
    (400, graph_error(352, 2207026), Rejected, "media_rejected"),
    (400, graph_error(1, 2207057), Rejected, "option_rejected"),
    (400, graph_error(100, 2207023), Rejected, "media_rejected"),
    (400, graph_error(100, 2207028), Rejected, "media_rejected"),
    *[
        (400, graph_error(100, subcode), Rejected, "option_rejected")
        for subcode in (2207035, 2207036, 2207037)
    ],
    (400, graph_error(100, 2207040), Rejected, "content_rejected"),
    (400, graph_error(100, 2207081), Rejected, "option_rejected"),
    (
        400,
        graph_error(100, message="INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"),
        Rejected,
        "option_rejected",
    ),
]


PUBLISHING: list[Row] = [
    (400, graph_error(9, 2207042), RateLimited, "daily_limit_reached"),
    (400, graph_error(25, 2207050), Unauthorized, "account_restricted"),
    (400, graph_error(9007, 2207027), Unavailable, "media_processing_failed"),
    (400, graph_error(24, 2207008), Unavailable, "media_processing_failed"),
    (400, graph_error(24, 2207006), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(-2, 2207020), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207001), OutcomeUnknown, "outcome_unknown"),
]


class TestRefusals(RefusalPromises):
    creating = ROWS
    publishing = PUBLISHING
    failures = {
        "2207026": (Rejected, "media_rejected", "2207026"),
        "2207052": (Unavailable, "media_unreachable", "2207052"),
        "2207001": (Unavailable, "platform_unavailable", "2207001"),
        "unknown": (Unavailable, "media_processing_failed", ""),
    }
    refuses_twice = ("refuse", "not_ready")


def test_a_lost_container_is_renewed_once_and_then_the_account_reconnected(b: Bench):
    b.fault(call="publish", status=400, body=graph_error(24, 2207006), times=2)
    assert b.publish(photos()) == Processing(5)
    assert "container" not in b.checkpoint
    assert type(b.fails(photos())) is Unauthorized
    assert b.public() == []


# The simulator's own strictness


def ask(b: Bench, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {b.account.token}"}
    url = f"/graph.instagram.com/v26.0/{path}"
    answer = b.simulator.http.post(url, headers=headers, json=body)
    return answer.json()


@pytest.mark.parametrize(
    ("body", "subcode"),
    [
        ({"image_url": "x", "colour": "red"}, None),
        ({"media_type": "VIDEO", "video_url": "x"}, 2207023),
        ({"media_type": "REELS", "is_carousel_item": True, "video_url": "x"}, 2207023),
        ({"media_type": "STORIES", "image_url": "x", "caption": "No"}, None),
        ({"image_url": "http://127.0.0.1:9/none"}, 2207052),
        ({"image_url": "x", "caption": "#a " * 31}, 2207010),
        ({"image_url": "x", "caption": "@a " * 21}, 2207040),
        ({"media_type": "REELS", "upload_type": "resumable"}, None),
        ({"media_type": "CAROUSEL", "children": "1"}, 2207028),
        ({"media_type": "CAROUSEL", "children": "1,2"}, 2207028),
        ({"media_type": "REELS", "video_url": "x", "trial_params": {}}, None),
        ({"media_type": "REELS", "video_url": "x", "thumb_offset": "soon"}, None),
        ({"image_url": "x", "user_tags": [{"name": "dove", "x": 0.5, "y": 0.5}]}, None),
        ({"image_url": "x", "user_tags": [{"username": "dove", "x": 2, "y": 0.5}]}, None),
    ],
)
def test_the_simulator_refuses_what_instagram_refuses(b: Bench, body: Any, subcode: int | None):
    error = ask(b, f"{USER}/media", **body)["error"]
    assert error.get("error_subcode") == subcode


def test_the_simulator_refuses_an_image_that_is_too_narrow(b: Bench):
    narrow = photo(width=200, height=200).url
    assert ask(b, f"{USER}/media", image_url=narrow)["error"]["error_subcode"] == 2207005


def test_the_simulator_refuses_a_comment_that_is_too_long(b: Bench):
    post_id = b.finish(photos()).id
    assert ask(b, f"{post_id}/comments", message="x" * 2201)["error"]["code"] == 100
    assert "id" in ask(b, f"{post_id}/comments", message="x" * 2200)


def test_a_carousel_item_is_not_published_alone(b: Bench):
    made = ask(b, f"{USER}/media", image_url=photo().url, is_carousel_item=True)["id"]
    b.simulator.advance(10)
    assert ask(b, f"{USER}/media_publish", creation_id=made)["error"]["code"] == 100
    assert b.public() == []


def test_an_unfinished_container_is_not_published(b: Bench):
    b.set("processing_seconds", 60)
    made = ask(b, f"{USER}/media", image_url=photo().url)["id"]
    error = ask(b, f"{USER}/media_publish", creation_id=made)["error"]
    assert (error["code"], error["error_subcode"]) == (9007, 2207027)


def test_containers_are_counted_too(b: Bench):
    b.set("container_quota", 1)
    b.finish(photos())
    b.checkpoint = {}
    error = b.fails(photos())
    assert (type(error), error.code) == (RateLimited, "daily_limit_reached")


def test_another_accounts_container_does_not_exist(b: Bench):
    made = ask(b, f"{USER}/media", image_url=photo().url)["id"]
    other = b.simulator.connect("instagram", "17841400000000002")
    b.account = Credentials("17841400000000002", "other", other)
    error = ask(b, "17841400000000002/media_publish", creation_id=made)["error"]
    assert error["error_subcode"] == 2207008


def test_a_video_of_ten_frames_a_second_is_refused(b: Bench):
    found = b.fails(Draft("Slow", (clip(clip_bytes(rate=10)),)))
    assert (type(found), found.platform_code) == (Rejected, "2207026")
