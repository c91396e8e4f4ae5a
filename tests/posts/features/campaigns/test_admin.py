"""What operators see of campaigns."""

import pytest
from django.urls import reverse

from posts.models import Post
from tests.factories import make_account, make_campaign, make_post, make_workspace

pytestmark = pytest.mark.django_db
LIST = "admin:posts_campaign_changelist"


@pytest.fixture
def spring():
    return make_campaign(make_workspace(), "Spring opening", description="Of the loft")


def opened(client, name: str, *args, **query) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def post_in(campaign) -> Post:
    account = make_account(campaign.workspace)
    return make_post(campaign.workspace, [account], campaign=campaign.pk)


def test_the_list_shows_campaigns_and_no_deleted_ones(admin_client, spring):
    make_campaign(spring.workspace, "Gone", deleted_at=spring.created_at)

    page = opened(admin_client, LIST)

    assert "Spring opening" in page
    assert "Gone" not in page


def test_the_list_is_searched_and_filtered(admin_client, spring):
    make_campaign(make_workspace("Elsewhere"), "Autumn sale", status="archived")

    assert "Spring opening" in opened(admin_client, LIST, q="spring")
    assert "Autumn sale" not in opened(admin_client, LIST, q="spring")
    archived = opened(admin_client, LIST, status__exact="archived")
    assert "Autumn sale" in archived
    assert "Spring opening" not in archived
    assert "Autumn sale" not in opened(
        admin_client, LIST, workspace__id__exact=spring.workspace_id
    ).replace("Elsewhere", "")


def test_the_page_counts_its_posts_and_leads_to_them(admin_client, spring):
    inside = post_in(spring)
    outside = make_post(spring.workspace, [make_account(spring.workspace)], content="Other words")

    page = opened(admin_client, "admin:posts_campaign_change", spring.pk)

    assert "Of the loft" in page
    assert "1 post" in page
    query = {"campaign__id__exact": spring.pk}
    assert f"campaign__id__exact={spring.pk}" in page
    posts = opened(admin_client, "admin:posts_post_changelist", **query)
    assert inside.public_id in posts
    assert outside.content not in posts


def test_operators_change_no_campaign(admin_client, spring):
    for name, args in (("add", []), ("delete", [spring.pk])):
        assert (
            admin_client.get(reverse(f"admin:posts_campaign_{name}", args=args)).status_code == 403
        )
    path = reverse("admin:posts_campaign_change", args=[spring.pk])
    assert admin_client.post(path, {"name": "Mine"}).status_code == 403
    spring.refresh_from_db()
    assert spring.name == "Spring opening"


def test_the_page_of_a_post_names_its_campaign_while_there_is_one(admin_client, spring):
    post = post_in(spring)
    path = reverse("admin:posts_campaign_change", args=[spring.pk])

    assert path in opened(admin_client, "admin:posts_post_change", post.pk)
    spring.deleted_at = spring.created_at
    spring.save()
    assert path not in opened(admin_client, "admin:posts_post_change", post.pk)


def test_the_search_finds_campaigns_by_name(admin_client, spring):
    page = opened(admin_client, "admin:search", q="opening")

    assert reverse("admin:posts_campaign_change", args=[spring.pk]) in page
