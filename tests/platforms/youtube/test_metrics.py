"""Reading the numbers of videos and channels."""

import json

from platforms.metrics import Metrics
from tests.platforms.test_deleting import connect, published


def test_fifty_videos_are_read_in_one_call(simulator):
    drive, post_id = published(simulator, "youtube")

    assert drive.read_metrics(post_id, *(f"{n:0>11}" for n in range(49))).keys() == {post_id}
    assert len(drive.requests) == 1


def test_what_the_owner_hides_is_absent_and_not_zero(simulator):
    drive, post_id = published(simulator, "youtube")
    video = {"id": post_id, "statistics": {"viewCount": "7"}}
    drive.fault(call="videos", status=200, body=json.dumps({"items": [video]}))

    assert drive.read_metrics(post_id) == {post_id: Metrics(views=7)}


def test_a_channel_may_hide_its_subscribers(simulator):
    drive = connect(simulator, "youtube")
    simulator.set("youtube", "subscribers_hidden", True)

    assert drive.read_followers() is None
