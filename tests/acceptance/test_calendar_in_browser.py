"""The calendar in a real browser: a scheduled post is dragged, confirmed, and has moved."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from posts.models import Post
from tests.acceptance.browser import opened
from tests.factories import make_account, make_post, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/posts/post/calendar/?day=2099-01-15&zone=Asia/Tokyo"


@pytest.mark.parametrize(
    ("view", "target", "moved_to"),
    [
        ("month", 'td[data-day="2099-01-20"]', datetime(2099, 1, 20, 0, 30, tzinfo=UTC)),
        ("day", '[data-hour="11"]', datetime(2099, 1, 15, 2, 30, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("part", ["time", "a"])
def test_a_post_is_dragged_to_another_day_or_hour(
    admin_client, live_server, view, target, moved_to, part
):
    workspace = make_workspace()
    # 09:30 in Tokyo.
    when = datetime(2099, 1, 15, 0, 30, tzinfo=UTC)
    post = make_post(workspace, [make_account(workspace)], scheduled_for=when)
    [cookie] = admin_client.cookies.values()

    with opened() as page:
        page.set_viewport_size({"width": 1300, "height": 1200})
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}{PAGE}&view={view}")
        page.locator(f'[data-post="{post.pk}"] {part}').drag_to(page.locator(target))
        page.get_by_role("button", name="Move 1 post").click()
        expect(page.get_by_text("1 post moved.")).to_be_visible()
        assert f"view={view}" in page.url

    assert Post.objects.get().scheduled_for == moved_to
