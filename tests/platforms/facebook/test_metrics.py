"""Reading the numbers of what is no post of a Page's feed: videos, reels and stories."""

import pytest

from platforms.metrics import Metrics
from tests.platforms.meta.grants import grant
from tests.platforms.test_contract import new_case


def published(simulator, name: str):
    case = new_case(name)
    drive = case.connect(simulator)
    return drive, drive.finish(case.draft).id


@pytest.mark.parametrize("name", ["facebook video", "facebook reel"])
def test_a_video_has_views_without_the_permission_for_insights(simulator, name):
    drive, post_id = published(simulator, name)
    grant(simulator, drive, "pages_read_engagement", "pages_read_user_content", known=True)

    found = drive.read_metrics(post_id)[post_id]
    assert found.views
    assert None not in (found.likes, found.comments)
    assert found.shares is None

    grant(simulator, drive, "pages_read_engagement", known=False)
    later = drive.read_metrics(post_id)[post_id]
    assert later.views
    assert later == Metrics(views=later.views)


@pytest.mark.parametrize("name", ["facebook story", "facebook video story"])
def test_a_story_has_no_numbers_and_no_error(simulator, name):
    drive, post_id = published(simulator, name)

    assert drive.read_metrics(post_id) == {}
