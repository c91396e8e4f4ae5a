"""Reading the numbers of an organization's posts."""

import dataclasses
import json

import pytest

from platforms.errors import RateLimited, Unauthorized
from platforms.metrics import Metrics
from tests.platforms.linkedin import steps
from tests.platforms.test_deleting import connect, published

URN = "urn:li:ugcPost:7000000000000000000"


def test_shares_and_ugc_posts_are_read_in_a_call_each(simulator):
    drive, post_id = published(simulator, "linkedin")

    assert drive.read_metrics(post_id, URN).keys() == {post_id}
    assert len(drive.requests) == 2
    drive.requests.clear()
    drive.read_metrics(post_id)
    assert len(drive.requests) == 1


def test_the_numbers_of_a_ugc_post_are_its_own(simulator):
    drive = connect(simulator, "linkedin")
    element = {"ugcPost": URN, "totalShareStatistics": {"impressionCount": 8}}
    body = json.dumps({"elements": [element]})
    simulator.fault("linkedin", call="share_statistics", status=200, body=body)

    assert drive.read_metrics(URN) == {URN: Metrics(impressions=8)}


def test_nothing_is_asked_for_a_member(simulator):
    drive = steps.connect(simulator, "person")

    assert drive.read_metrics(URN) == {}
    assert drive.read_followers() is None
    assert not drive.requests


@pytest.mark.parametrize("known", [True, False])
def test_without_the_permission_there_are_no_numbers_and_no_error(simulator, known):
    drive, post_id = published(simulator, "linkedin")
    number, extra = drive.account.platform_account_id, drive.account.extra
    scopes = ("w_organization_social", "r_organization_social")
    token = simulator.connect("linkedin", number, extra={**extra, "scopes": list(scopes)})
    drive.account = dataclasses.replace(drive.account, token=token, scopes=scopes if known else ())

    assert drive.read_metrics(post_id) == {}
    assert drive.read_followers() is None
    assert bool(drive.requests) is not known


def test_a_dead_token_or_a_limit_is_an_error(simulator):
    drive, post_id = published(simulator, "linkedin")
    simulator.fault("linkedin", call="share_statistics", rate_limit_reset_seconds=60, times=1)

    with pytest.raises(RateLimited) as limit:
        drive.read_metrics(post_id)
    assert limit.value.retry_after_seconds == 60
    drive.account = dataclasses.replace(drive.account, token="gone")
    with pytest.raises(Unauthorized):
        drive.read_metrics(post_id)
