"""Campaigns and analytics have one shape on both mounts; only the compat mount shows a post's."""

from tests.factories import make_account, make_campaign, make_post
from tests.posts.conftest import data_of


def compat(caller, path: str):
    headers = {"Authorization": f"Bearer {caller.secret}"}
    return data_of(caller.client.get(f"/compat/api/v1{path}", headers=headers))


def test_campaigns_and_summaries_are_the_same_on_both_mounts(ada):
    campaign = make_campaign(ada.workspace)
    post = make_post(ada.workspace, [make_account(ada.workspace)], campaign=campaign.pk)
    post.status = "partial"
    post.save()

    for path in ("/campaigns", f"/campaigns/{campaign.pk}", "/analytics/summary?period=all"):
        here, there = ada.get(path).json()["data"], compat(ada, path)
        for each in (here, there):
            each.get("range", {}).pop("to", None)
        assert here == there
    assert compat(ada, "/analytics/summary")["posts"]["partially_failed"] == 1


def test_a_post_shows_its_campaign_on_the_compat_mount_and_none_once_it_is_deleted(ada):
    campaign = make_campaign(ada.workspace)
    post = make_post(ada.workspace, [make_account(ada.workspace)], campaign=campaign.pk)
    paths = ("/posts", f"/posts/{post.pk}")

    def shown() -> list[int | None]:
        listed, one = (compat(ada, path) for path in paths)
        return [listed["posts"][0]["campaign_id"], one["campaign_id"]]

    assert shown() == [campaign.pk] * 2
    assert compat(ada, f"/posts?campaign_id={campaign.pk}")["posts"][0]["id"] == str(post.pk)
    assert ada.delete(f"/campaigns/{campaign.pk}").status_code == 200
    assert shown() == [None] * 2
    assert compat(ada, f"/posts?campaign_id={campaign.pk}")["posts"] == []
    for path in (f"/posts/{post.public_id}", "/posts"):
        assert "campaign_id" not in ada.get(path).content.decode()
