"""The admin in a real browser: its policy blocks nothing that it needs."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from posts.keys import keys
from tests.acceptance.browser import opened
from tests.config.operators.browser import Phone
from tests.factories import make_account, make_post, make_workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs("chromium")]
LISTS = (
    "posts/post",
    "posts/media",
    "posts/apikey",
    "posts/apirequest",
    "posts/workspace",
    "destinations/destination",
    "destinations/account",
    "destinations/attempt",
    "destinations/event",
    "django_celery_beat/periodictask",
    "django_celery_beat/crontabschedule",
    "auth/user",
    "auth/group",
)


@pytest.fixture
def signed_in(sign_in):
    workspace = make_workspace()
    make_post(workspace, [make_account(workspace)])
    keys.create(workspace, "night", ["read"])
    return sign_in


def test_no_page_of_the_admin_breaks_its_policy(signed_in):
    with opened() as page:
        home = signed_in(page)
        for path in ("", *(f"{each}/" for each in LISTS)):
            answer = page.goto(home + path)
            assert answer is not None
            assert answer.status == 200
            page.wait_for_load_state("networkidle")
        for path in ("posts/apikey/add/", "auth/user/add/", "django_celery_beat/periodictask/add/"):
            page.goto(home + path)
            page.wait_for_load_state("networkidle")
        for path in ("posts/post/", "destinations/account/", "auth/user/", "posts/workspace/"):
            page.goto(home + path)
            page.locator("#result_list tbody a").first.click()
            page.wait_for_load_state("networkidle")
            expect(page.locator("#content")).to_be_visible()


def test_what_the_admins_scripts_do_works(signed_in):
    with opened() as page:
        home = signed_in(page)
        page.set_viewport_size({"width": 1300, "height": 900})
        page.goto(home)
        root = page.locator("html")
        expect(root).not_to_have_class(re.compile(r"\bdark\b"))
        # Menus are opened by expressions in attributes.
        page.get_by_role("button", name="Theme and account").click()
        page.get_by_role("button", name="Dark").click()
        expect(root).to_have_class(re.compile(r"\bdark\b"))
        page.goto(f"{home}posts/apikey/add/")
        expect(root).to_have_class(re.compile(r"\bdark\b"))
        # A script fills this choice from our own address.
        page.locator(".field-workspace .select2-selection").click()
        expect(page.locator(".select2-results__option").first).to_have_text("Acme")


def test_an_operator_sets_a_second_factor_up_and_logs_in_by_it(live_server):
    User.objects.create_superuser("ada", password="correct horse")
    home = f"{live_server.url}/admin/"

    def log_in(page: Page) -> None:
        page.goto(home)
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill("correct horse")
        page.get_by_role("button", name="Log in").click()

    with opened() as page:
        page.set_viewport_size({"width": 1300, "height": 900})
        log_in(page)
        page.get_by_role("button", name="Theme and account").click()
        page.get_by_role("link", name="Second factor").click()
        expect(page.locator(".dovecote-scan svg")).to_be_visible()
        phone = Phone(page.content())
        page.get_by_label("Code").fill(phone.code())
        page.get_by_role("button", name="Turn on").click()
        codes = page.locator(".dovecote-codes code")
        expect(codes).to_have_count(8)
        code = codes.first.inner_text()
        page.get_by_role("link", name="I have stored them").click()
        expect(page.get_by_text("Overview").first).to_be_visible()
        # The overview refreshes itself, and each answer sets the session's cookie again.
        page.goto("about:blank")
        page.context.clear_cookies()
        log_in(page)
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("This code is wrong")).to_be_visible()
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_text("Overview").first).to_be_visible()


def test_a_list_is_filtered_by_keyboard_and_says_how_many_rows_are_chosen(signed_in):
    with opened() as page:
        page.goto(f"{signed_in(page)}posts/post/")
        page.get_by_role("button", name="Filters").press("Enter")
        date = page.get_by_label("Date (UTC)")
        expect(date).to_be_focused()
        date.select_option("today")
        page.get_by_role("button", name="Apply Filters").press("Enter")
        chip = page.get_by_role("link", name="Remove the filter Date: Today")
        expect(chip).to_be_visible()
        page.get_by_label("Choose all 1 on this page").check()
        expect(page.locator(".action-counter")).to_have_text("1 of 1 selected")
        chip.click()
        expect(chip).to_be_hidden()
