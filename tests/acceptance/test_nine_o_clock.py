"""A bad nine o'clock, played through the real pipeline and seen through the operators' room.

Who is on call answers seven questions from the overview alone, then acts, and sees what came of it.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance import nine_o_clock
from tests.acceptance.browser import opened
from tests.acceptance.nine_o_clock import Morning

pytestmark = pytest.mark.needs("chromium")

PASSWORD = "correct horse battery staple"
MAKE_OPERATOR = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("ada", password="{PASSWORD}")
"""
#: The overview refreshes itself every five seconds, and statistics are counted every ten.
PATIENCE_MS = 60_000
#: Of an outage: how many tries may fail, and how soon after it all that waited is public.
MOST_FAILED_TRIES, WAITING_POSTS_SECONDS = 30, 60
#: From the death of a worker until what it had begun is public; its lease is of a minute.
TAKEOVER_SECONDS = 15
#: So many times as long where other tests take the processors; alone it must hold as it is.
BUSY = 3 if "PYTEST_XDIST_WORKER" in os.environ else 1


@contextmanager
def played(home: Path) -> Iterator[Morning]:
    """The morning after nine, with an operator."""
    with nine_o_clock.running(home) as stack:
        made = stack.command("manage.py", "shell", "-c", MAKE_OPERATOR)
        assert made.returncode == 0, made.stderr
        yield nine_o_clock.play(stack)


def log_in(morning: Morning, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{morning.stack.url}/admin/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()


def test_a_bad_nine_o_clock_is_understood_and_mended_from_the_overview(tmp_path: Path):
    """One test, because to play it takes a minute."""
    with played(tmp_path) as morning, opened() as page:
        log_in(morning, page)
        answers_the_seven_questions(morning, page)
        for act in (
            names_the_missing_worker_of_a_post,
            pauses_and_resumes_a_network,
            retries_a_group_of_failures,
            settles_a_post_that_may_be_live,
            moves_a_post_in_time,
            releases_an_account_from_its_hold,
            takes_over_from_a_killed_worker,
        ):
            page.goto(f"{morning.stack.url}/admin/")
            act(morning, page)
        texts = Counter(public["text"] for public in morning.wall())
        assert texts
        assert set(texts.values()) == {1}


def verdict(page: Page, topic: str) -> Locator:
    return page.locator("#overview-verdict li").filter(
        has=page.locator("strong", has_text=re.compile(f"^{topic}$"))
    )


def says(page: Page, topic: str, *words: str) -> None:
    """Waits until one line of the verdict on this topic has all these words."""
    line = verdict(page, topic)
    for word in words:
        line = line.filter(has_text=word)
    expect(line).to_have_count(1, timeout=PATIENCE_MS)


def cell(page: Page, network: str, label: str) -> Locator:
    return page.locator(f"#network-{network} td[data-label='{label}']")


def answers_the_seven_questions(morning: Morning, admin: Page) -> None:
    named = [
        name
        for (name,) in morning.stack.rows(
            "SELECT name FROM destinations_account WHERE id = ANY(%s) ORDER BY id",
            [morning.revoked, *morning.doubtful],
        )
    ]
    # What is late, and why?
    says(admin, "Workers", "No uploader is alive", "to begin on YouTube")
    expect(verdict(admin, "Late").filter(has_text="Facebook")).to_have_count(0)
    # What failed, and why?
    says(admin, "Failed", "account_needs_reconnection on X", "content_rejected on LinkedIn")
    # What may be live?
    says(admin, "May be live", "2 posts", *named[1:])
    # Which account must be reconnected?
    says(admin, "Reconnect", "1 account", named[0])
    # Which network is down, what happens by itself, and which one holds us?
    says(admin, "Down", "Facebook has been down for", "go out once posts get through again")
    told = morning.incidents("open")
    assert [each["platform"] for each in told] == ["facebook"] * nine_o_clock.WORKSPACES
    # One may be probing.
    assert sum(each["posts_waiting"] for each in told) >= nine_o_clock.POSTS["facebook"] - 1
    says(admin, "Limited", "10 accounts of Threads")
    # Are workers alive?
    says(admin, "Workers", "No uploader is alive")
    expect(admin.locator("tr[id^='process-uploader']")).to_contain_text("Dead or frozen")
    expect(admin.locator("tr[id^='process-worker']")).to_contain_text("Alive")
    # How does each network do now?
    expect(cell(admin, "x", "May be live")).to_have_text("2")
    expect(cell(admin, "threads", "Limited")).to_have_text("10")
    expect(cell(admin, "youtube", "Due now")).to_have_text("1")
    expect(cell(admin, "linkedin", "Failing")).to_contain_text("content_rejected")


def names_the_missing_worker_of_a_post(morning: Morning, admin: Page) -> None:
    [(post,)] = morning.stack.rows(
        "SELECT post_id FROM destinations_destination WHERE platform = 'youtube'"
    )
    admin.goto(f"{morning.stack.url}/admin/posts/post/{post}/change/")
    expect(admin.locator("#main")).to_contain_text("no worker serves publish.youtube.upload")


def pauses_and_resumes_a_network(morning: Morning, admin: Page) -> None:
    """Its posts wait, and are not late; then they go out."""
    row = admin.locator("#network-facebook")
    row.get_by_role("link", name="Pause… Facebook").click()
    admin.get_by_label("Reason").fill("Facebook is down, see its status page")
    admin.get_by_role("button", name="Pause Facebook").click()

    admin.goto(f"{morning.stack.url}/admin/")
    says(admin, "Paused", "Facebook", "by ada")
    expect(row).to_contain_text("Paused")
    says(admin, "Workers", "to begin on YouTube")
    expect(verdict(admin, "Late").filter(has_text="Facebook")).to_have_count(0)
    expect(admin.get_by_role("alert").first).to_contain_text("Publishing is paused: Facebook")

    row.get_by_role("link", name="Resume… Facebook").click()
    admin.get_by_role("button", name="Resume Facebook").click()
    repaired_at = morning.repair("facebook")

    count = nine_o_clock.POSTS["facebook"]
    morning.stack.wait(
        "all posts to Facebook are public",
        lambda: morning.count(nine_o_clock.OPEN, "published", "facebook") == count,
        within_seconds=WAITING_POSTS_SECONDS * BUSY,
    )
    assert morning.count(nine_o_clock.FAILED_TRIES, "facebook") <= MOST_FAILED_TRIES
    over = [datetime.fromisoformat(each["ended_at"]) for each in morning.incidents("over")]
    assert len(over) == nine_o_clock.WORKSPACES
    assert min(over) > repaired_at - timedelta(seconds=1)
    admin.goto(f"{morning.stack.url}/admin/config/incident/")
    waited = re.compile(f"[0-9]+ posts, 10 accounts, {nine_o_clock.WORKSPACES} workspaces")
    expect(admin.locator("#result_list")).to_contain_text(waited)
    admin.goto(f"{morning.stack.url}/admin/")


def retries_a_group_of_failures(morning: Morning, admin: Page) -> None:
    """The customer's words were fine: LinkedIn had refused them by mistake."""
    failed = (
        "SELECT count(*) FROM destinations_destination WHERE account_number = %s AND status = %s"
    )
    count = morning.count(failed, morning.refused, "failed")
    assert count > 5
    morning.repair("linkedin")

    admin.get_by_role("link", name="Retry these: LinkedIn content_rejected").click()
    expect(admin.locator("#content")).to_contain_text("on linkedin")
    admin.get_by_role("button", name=re.compile("^Retry")).click()

    expect(admin.locator("#main")).to_contain_text(f"{count} destinations queued again")
    morning.stack.wait(
        "they are published", lambda: morning.count(failed, morning.refused, "published") >= count
    )


def settles_a_post_that_may_be_live(morning: Morning, admin: Page) -> None:
    section = admin.locator("section[aria-labelledby='may-be-live']")
    expect(section.get_by_role("link").first).to_be_visible(timeout=PATIENCE_MS)
    section.get_by_role("link").first.click()

    admin.get_by_role("button", name="It is not public: mark as not published").click()
    admin.get_by_role("button", name=re.compile("not public")).click()

    left = "SELECT count(*) FROM destinations_destination WHERE error_code = 'outcome_unknown'"
    morning.stack.wait("one is left", lambda: morning.count(left) == 1)
    admin.goto(f"{morning.stack.url}/admin/")
    says(admin, "May be live", "1 post")


def moves_a_post_in_time(morning: Morning, admin: Page) -> None:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0, second=0)
    post = morning.team.post("Later today", [morning.team.of("x")[3]], scheduled_at=at.isoformat())

    admin.keyboard.press("Control+k")
    admin.get_by_role("searchbox").fill(post)
    admin.keyboard.press("Enter")
    admin.get_by_role("button", name="Move in time…").click()
    later = at + timedelta(hours=3)
    admin.get_by_label("Or shift each by").fill("3")
    admin.get_by_role("button", name=re.compile("Look|Preview|Continue|Next|Show")).click()
    admin.get_by_role("button", name=re.compile("^Move")).click()

    expect(admin.locator("#main")).to_contain_text("1 post moved")
    told = morning.team.http.get(f"posts/{post}").json()["data"]["scheduled_for"]
    assert datetime.fromisoformat(told) == later


def releases_an_account_from_its_hold(morning: Morning, admin: Page) -> None:
    morning.repair("threads")
    held = "SELECT count(*) FROM destinations_account WHERE held_until > now()"
    before = morning.count(held)

    cell(admin, "threads", "Limited").get_by_role("link").click()
    admin.locator("#result_list tbody input[type=checkbox]").first.check()
    admin.locator("select[name=action]").select_option(label="Release hold")
    admin.get_by_role("button", name="Run").click()

    expect(admin.locator("#main")).to_contain_text("1 released from their hold")
    assert morning.count(held) == before - 1
    morning.stack.wait(
        "a post to Threads", lambda: morning.count(nine_o_clock.OPEN, "published", "threads") > 0
    )


def takes_over_from_a_killed_worker(morning: Morning, _: Page) -> None:
    stack, team = morning.stack, morning.team
    stack.stop("worker")
    stack.start("doomed", "worker", {"DOVECOTE_FAILPOINT": "begun:x:stop"})
    begun = team.post("Begun by a worker that dies", [team.of("x")[3]])
    stack.wait("it has begun", lambda: stack.is_frozen("doomed"))
    stack.start("worker")
    team.published(team.post("By the other worker", [team.of("linkedin")[0]]))

    stack.kill("doomed")
    killed_at = time.monotonic()
    team.published(begun)
    assert time.monotonic() - killed_at <= TAKEOVER_SECONDS
