"""Reading what networks say of published posts, network by network."""

import dataclasses

import pytest

from platforms import metrics
from platforms.errors import PlatformError
from platforms.metrics import Metrics
from platforms.registry import ADAPTERS
from tests.platforms.driver import Drive
from tests.platforms.test_deleting import DRAFTS as SHOWN
from tests.platforms.test_deleting import connect
from tests.platforms.tiktok.steps import make_draft

DRAFTS = {**SHOWN, "tiktok": make_draft()}
READ = {key: adapter for key, adapter in ADAPTERS.items() if adapter.metrics_batch}
#: The call of each network, by the name that the simulator gives it.
CALLS = {
    "x": "get_posts",
    "youtube": "videos",
    "tiktok": "query_videos",
    "facebook": "read_post",
    "instagram": "read",
    "threads": "insights",
    "linkedin": "share_statistics",
    "bluesky": "get_posts",
    "mastodon": "get_status",
    "wordpress": "list_comments",
    "telegram": "get_chat_member_count",
    "discord": "get_message",
}
#: The numbers that each network gives.
GIVEN = {
    "x": {"likes", "comments", "shares", "impressions"},
    "youtube": {"views", "likes", "comments"},
    "tiktok": {"views", "likes", "comments", "shares"},
    "facebook": {"views", "likes", "comments", "shares", "clicks"},
    "instagram": {"views", "likes", "comments", "shares"},
    "threads": {"views", "likes", "comments", "shares"},
    "linkedin": {"likes", "comments", "shares", "impressions", "clicks"},
    "bluesky": {"likes", "comments", "shares"},
    "mastodon": {"likes", "comments", "shares"},
    "wordpress": {"comments"},
    "telegram": set(),
    "discord": {"likes"},
}
#: A bot is told no numbers of a message.
NUMBERED = [key for key in READ if GIVEN[key]]
#: A blog has no followers, nor has a channel of Discord.
FOLLOWED = [key for key in READ if key not in ("wordpress", "discord")]
WEEK = 7 * 24 * 3600


def published(simulator, key: str) -> tuple[Drive, str]:
    drive = connect(simulator, key)
    post_id = drive.finish(DRAFTS[key]).id
    drive.requests.clear()
    return drive, post_id


def given(found: Metrics) -> set[str]:
    return {name for name in metrics.NAMES if getattr(found, name) is not None}


@pytest.mark.parametrize("key", NUMBERED)
def test_the_numbers_of_a_post_grow_and_what_a_network_does_not_give_is_absent(simulator, key):
    drive, post_id = published(simulator, key)

    first = drive.read_metrics(post_id)[post_id]
    simulator.advance(WEEK)
    later = drive.read_metrics(post_id)[post_id]

    assert given(first) == given(later) == GIVEN[key]
    assert all(getattr(later, name) >= getattr(first, name) for name in GIVEN[key])
    assert later != first


@pytest.mark.parametrize("key", NUMBERED)
def test_a_post_that_is_gone_is_left_out(simulator, key):
    drive, post_id = published(simulator, key)
    drive.checkpoint = {}
    other = drive.finish(dataclasses.replace(DRAFTS[key], text="Another one")).id
    simulator.http.delete(f"/control/posts/{key}/{other}").raise_for_status()

    found = [each for asked in _batches(key, post_id, other) for each in drive.read_metrics(*asked)]

    assert found == [post_id]


def _batches(key: str, *post_ids: str) -> list[tuple[str, ...]]:
    size = ADAPTERS[key].metrics_batch
    return [post_ids[at : at + size] for at in range(0, len(post_ids), size)]


@pytest.mark.parametrize("key", NUMBERED)
def test_what_a_network_does_not_say_is_no_number(simulator, key):
    drive, post_id = published(simulator, key)

    for fault in ({"status": 500}, {"drop": "before"}, {"status": 401}):
        drive.fault(call=CALLS[key], **fault, times=1)
        with pytest.raises(PlatformError):
            drive.read_metrics(post_id)
    for body in ("{}", '{"data": null}', '{"data": [{}]}', '{"data": 5}', "[]"):
        drive.fault(call=CALLS[key], status=200, body=body, times=1)
        try:
            found = drive.read_metrics(post_id)
        except PlatformError:
            continue
        assert (body, [given(each) for each in found.values() if given(each)]) == (body, [])


@pytest.mark.parametrize("key", FOLLOWED)
def test_the_followers_of_an_account_are_counted(simulator, key):
    drive = connect(simulator, key)

    first = drive.read_followers()
    simulator.advance(WEEK)

    assert first
    assert drive.read_followers() > first


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("5", 5),
        (0, 0),
        (-1, None),
        (True, None),
        ("5.0", None),
        (None, None),
        (2**63, None),
    ],
)
def test_only_whole_numbers_count(value, number):
    assert metrics.as_count(value) == number


def test_a_sum_of_numbers_of_which_one_is_missing_is_missing():
    assert metrics.complete_sum([1, 2]) == 3
    assert metrics.complete_sum([1, None, 2]) is None
