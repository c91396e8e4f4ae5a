"""A campaign and its posts, changed by many at once."""

import pytest

from posts import read_models as rows
from posts.features.campaigns import campaigns
from posts.models import Campaign, Post
from tests.factories import make_campaign
from tests.posts.at_once import at_once
from tests.posts.conftest import refused

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 20


@pytest.mark.parametrize("turn", range(3))
def test_no_post_is_put_into_a_campaign_that_was_deleted_at_the_same_moment(ada, account, turn):
    campaign = make_campaign(ada.workspace)
    body = {"content": "Hi", "account_ids": [account.pk], "draft": True, "campaign_id": campaign.pk}
    posts = [lambda: ada.post("/posts", body).status_code] * (THREADS - 1)

    codes = at_once([*posts, lambda: ada.delete(f"/campaigns/{campaign.pk}").status_code])

    assert codes.pop() == 200
    assert set(codes) <= {201, 400}
    assert Post.objects.filter(campaign=campaign.pk).count() == codes.count(201)
    campaigns.clear_deleted()
    assert not Campaign.objects.filter(pk=campaign.pk).exists()
    for post in Post.objects.all():
        found = rows.post(ada.key.reach, post.pk)
        assert found is not None
        assert found.campaign_id is None


def test_of_callers_at_once_only_one_makes_the_last_campaign(ada, settings):
    settings.CAMPAIGN_LIMIT = 3

    answers = at_once([lambda: ada.post("/campaigns", {"name": "Spring"})] * THREADS)

    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 3
    for answer in answers:
        if answer not in made:
            refused(answer, 409, "campaign_limit_reached")
    assert Campaign.objects.count() == 3


def test_a_deleted_campaign_is_not_brought_back_by_an_edit(ada):
    campaign = make_campaign(ada.workspace)
    path = f"/campaigns/{campaign.pk}"
    edits = [lambda: ada.patch(path, {"name": "Other"}).status_code] * (THREADS - 1)

    codes = at_once([*edits, lambda: ada.delete(path).status_code])

    assert codes.pop() == 200
    assert set(codes) <= {200, 404}
    assert Campaign.objects.get().deleted_at is not None
