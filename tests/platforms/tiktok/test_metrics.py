"""Reading the numbers of TikTok posts, with the scopes that an account has granted."""

import dataclasses

import pytest

from platforms.errors import RateLimited, Unauthorized
from tests.platforms.driver import Drive
from tests.platforms.test_deleting import connect
from tests.platforms.tiktok.steps import make_draft

BASIC = ("user.info.basic", "video.publish")


def published(simulator, **settings: str) -> tuple[Drive, str]:
    drive = connect(simulator, "tiktok")
    post_id = drive.finish(make_draft(**settings)).id
    drive.requests.clear()
    return drive, post_id


def grants(simulator, drive: Drive, *scopes: str, known: bool) -> None:
    """Give the account a token with these scopes, which its row knows or not."""
    number = drive.account.platform_account_id
    token = simulator.connect("tiktok", number, extra={"scopes": list(scopes)})
    drive.account = dataclasses.replace(drive.account, token=token, scopes=scopes if known else ())


@pytest.mark.parametrize("known", [True, False])
def test_an_account_without_the_scope_for_posts_has_no_numbers_and_no_error(simulator, known):
    drive, post_id = published(simulator)
    grants(simulator, drive, *BASIC, known=known)

    assert drive.read_metrics(post_id) == {}
    assert bool(drive.requests) is not known


@pytest.mark.parametrize("known", [True, False])
def test_an_account_without_the_scope_for_followers_has_the_numbers_of_its_posts(simulator, known):
    drive, post_id = published(simulator)
    grants(simulator, drive, *BASIC, "video.list", known=known)

    assert drive.read_metrics(post_id).keys() == {post_id}
    assert drive.read_followers() is None


def test_a_post_that_is_not_public_is_not_asked_for(simulator):
    drive, _ = published(simulator)

    assert drive.read_metrics("v_pub_file~v2-1.7") == {}
    assert not drive.requests


def test_twenty_posts_are_read_in_one_call(simulator):
    drive, post_id = published(simulator)

    assert drive.read_metrics(post_id, *map(str, range(1, 20))).keys() == {post_id}
    assert len(drive.requests) == 1


def test_a_dead_token_is_an_error(simulator):
    drive, post_id = published(simulator)
    drive.account = dataclasses.replace(drive.account, token="gone")

    for read in (lambda: drive.read_metrics(post_id), drive.read_followers):
        with pytest.raises(Unauthorized):
            read()


def test_a_rate_limit_says_when_it_ends(simulator):
    drive, post_id = published(simulator)
    drive.fault(call="query_videos", rate_limit_reset_seconds=60)

    with pytest.raises(RateLimited) as limit:
        drive.read_metrics(post_id)
    assert limit.value.retry_after_seconds
