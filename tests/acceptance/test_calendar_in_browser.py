"""The calendar in a real browser: a scheduled post is dragged, confirmed, and has moved."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from posts.models import Post
from tests.acceptance.browser import opened
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]
PAGE = "posts/post/calendar/?day=2099-01-15&zone=Asia/Tokyo"
#: 09:30 in Tokyo.
WHEN = datetime(2099, 1, 15, 0, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
#: (when a post is, the view, what is taken of it, where it is dropped, how far it moves)
DRAGS = (
    (WHEN - DAY, "month", "time", 'td[data-day="2099-01-20"]', 6 * DAY),
    (WHEN + DAY, "month", "a", 'td[data-day="2099-01-20"]', 4 * DAY),
    (WHEN, "day", "time", '[data-hour="11"]', 2 * HOUR),
    (WHEN, "day", "a", '[data-hour="11"]', 2 * HOUR),
)


def test_a_post_is_dragged_to_another_day_or_hour(sign_in):
    workspace = make_workspace()
    account = make_account(workspace)
    posts = [make_post(workspace, [account], scheduled_for=when).pk for when, *_ in DRAGS]

    with opened() as page:
        page.set_viewport_size({"width": 1300, "height": 1200})
        home = sign_in(page)
        for post, (_, view, part, target, _) in zip(posts, DRAGS, strict=True):
            page.goto(f"{home}{PAGE}&view={view}")
            drag(page, f'[data-post="{post}"] {part}', target)
            assert f"view={view}" in page.url

    moved = [Post.objects.get(pk=post).scheduled_for for post in posts]
    assert moved == [when + by for when, *_, by in DRAGS]


def test_the_calendar_opens_at_today_and_a_list_shows_ten_rows(sign_in):
    workspace = make_workspace()
    account = make_account(workspace)
    for number in range(11):
        make_post(workspace, [account], content=f"A text of some length, and more of it {number}")

    with opened() as page:
        page.set_viewport_size({"width": 1280, "height": 800})
        home = sign_in(page)
        page.goto(f"{home}posts/post/calendar/")
        expect(page.locator(".dovecote-today")).to_be_in_viewport()
        for path in ("posts/post/", "destinations/destination/"):
            page.goto(f"{home}{path}")
            expect(page.locator("#result_list tbody tr").nth(9)).to_be_in_viewport(ratio=1)
            ids = page.locator("#result_list .field-text .dovecote-under")
            heights = ids.evaluate_all("all => all.map((each) => each.offsetHeight)")
            assert max(heights) < 24, "an id wraps"


def drag(page: Page, post: str, target: str) -> None:
    page.locator(post).drag_to(page.locator(target))
    page.get_by_role("button", name="Move 1 post").click()
    expect(page.get_by_text("1 post moved.")).to_be_visible()
