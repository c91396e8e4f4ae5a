"""Calendars that programs subscribe to: made by the API, read without a key."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from config.observability import redaction
from destinations.runtime import clock
from posts.features.calendar_feeds import api, calendar
from posts.features.calendar_feeds.calendar import CalendarEvent, Shown
from posts.keys import keys
from posts.models import Post, Workspace
from tests.factories import make_account, make_campaign
from tests.posts.conftest import Caller, data_of


def schedule(caller, account, content="Hello", days=1, **more):
    when = (clock.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"content": content, "account_ids": [account.pk], "scheduled_at": when, **more}
    return data_of(caller.post("/posts", body), 201)["post_id"]


def feed(caller, **values):
    return data_of(caller.post("/calendar-feeds", {"name": "Plan", **values}), 201)


def get(made, **headers):
    path = "/" + made["url"].split("/", 3)[3]
    return Client().get(path, headers=headers)


def events(made):
    answer = get(made)
    assert answer.status_code == 200, answer.content
    return Calendar.from_ical(answer.content).walk("VEVENT")


def test_a_calendar_has_an_event_for_each_post_with_a_time(ada, account):
    schedule(ada, account, "Our new loft is open, and there is a lot more to say about it: come by")
    schedule(ada, account, "A draft", draft=True)
    shown = {str(each["status"]): each for each in events(feed(ada))}

    assert set(shown) == {"CONFIRMED", "TENTATIVE"}
    post = Post.objects.get(status="scheduled")
    event = shown["CONFIRMED"]
    assert str(event["uid"]) == str(post.pk)
    assert event.decoded("dtstart") == post.scheduled_for
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(minutes=15)
    assert str(event["summary"]).startswith("Our new loft is open")
    assert str(event["summary"]).endswith("… (X)")
    assert len(str(event["summary"])) <= 61 + len(" (X)")
    assert str(shown["TENTATIVE"]["summary"]) == "Draft: A draft (X)"


def test_titles_say_what_programs_show_no_status_of(ada, account):
    ada.workspace.approval_mode = Workspace.ApprovalMode.OPTIONAL
    ada.workspace.save()
    made = feed(ada)
    waiting = schedule(ada, account, "Look at this")
    assert ada.post(f"/posts/{waiting}/request-approval").status_code == 200
    ada.delete(f"/posts/{schedule(ada, account, 'Not this')}")
    schedule(ada, account, "Later")
    schedule(ada, account, "Not at all")
    Post.objects.filter(content="Not at all").update(status="failed")

    titles = {str(each["summary"]): str(each["status"]) for each in events(made)}
    assert titles == {
        "Not approved yet: Look at this (X)": "TENTATIVE",
        "Cancelled: Not this (X)": "CANCELLED",
        "Later (X)": "CONFIRMED",
        "Failed: Not at all (X)": "CONFIRMED",
    }


def test_programs_find_its_name_and_how_often_to_look(ada):
    found = Calendar.from_ical(get(feed(ada, name="Team, plan")).content)

    assert str(found["name"]) == str(found["x-wr-calname"]) == "Team\\, plan"
    assert found.decoded("refresh-interval") == timedelta(hours=1)


def test_it_is_written_as_the_format_asks_in_every_language(ada, account):
    schedule(ada, account, "Grüße,; \\ 🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍🌍\r\nEND:VEVENT\tx")
    answer = get(feed(ada, name="Frühling;,\n"))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert "END:VEVENT x" in str(event["summary"])


def test_a_change_raises_the_sequence_and_keeps_the_id(ada, account):
    post_id, made = schedule(ada, account), feed(ada)
    (before,) = events(made)
    Post.objects.update(created_at=clock.now() - timedelta(minutes=5))
    assert ada.patch(f"/posts/{post_id}", {"content": "Changed"}).status_code == 200
    (after,) = events(made)

    assert after["uid"] == before["uid"]
    assert int(after["sequence"]) > int(before["sequence"])
    assert after.decoded("last-modified") >= before.decoded("last-modified")


def test_a_deleted_post_is_cancelled_and_forgotten_by_feeds_that_never_showed_it(ada, cy, account):
    post_id, made, his = schedule(ada, account), feed(ada), feed(cy)
    other = feed(ada, account_id=make_account(ada.workspace).pk)
    (before,) = events(made)
    assert ada.delete(f"/posts/{post_id}").status_code == 200

    (after,) = events(made)
    assert (str(after["status"]), after["uid"]) == ("CANCELLED", before["uid"])
    assert events(his) == events(other) == []


def test_a_program_that_has_the_calendar_is_told_so(ada, account):
    schedule(ada, account)
    made = feed(ada)
    first = get(made)
    again = get(made, **{"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    schedule(ada, account, "Another")
    assert get(made, **{"If-None-Match": first["ETag"]}).status_code == 200
    path = "/" + made["url"].split("/", 3)[3]
    head = Client().head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert Client().post(path).status_code == 405


def test_a_program_that_has_the_calendar_costs_no_texts(ada, account, monkeypatch):
    schedule(ada, account)
    made = feed(ada)
    first = get(made)
    monkeypatch.setattr(calendar, "build_calendar", None)

    with CaptureQueriesContext(connection) as asked:
        assert get(made, **{"If-None-Match": first["ETag"]}).status_code == 304
    read = [each["sql"] for each in asked if "posts_post" in each["sql"]]
    assert len(read) == 2
    assert not [sql for sql in read if "content" in sql or "destination" in sql]


def test_each_change_of_what_is_shown_changes_its_tag(ada, account):
    ada.workspace.approval_mode = Workspace.ApprovalMode.OPTIONAL
    ada.workspace.save()
    linkedin, post_id, made = (
        make_account(ada.workspace, "linkedin"),
        schedule(ada, account),
        feed(ada),
    )
    path, before = f"/posts/{post_id}", get(made)
    for change in (
        lambda: ada.patch(path, {"content": "Changed"}),
        lambda: ada.patch(path, {"account_ids": [account.pk, linkedin.pk]}),
        lambda: ada.patch(path, {"scheduled_at": "2099-01-01T00:00:00Z"}),
        lambda: ada.patch(path, {"scheduled_at": f"{clock.now() + timedelta(days=9):%FT%TZ}"}),
        lambda: ada.post(f"{path}/request-approval"),
        lambda: ada.delete(path),
    ):
        answer = change()
        assert answer.status_code == 200, answer.content
        after = get(made, **{"If-None-Match": before["ETag"]})
        assert after.status_code == 200
        assert after.content != before.content
        before = after
    assert get(made, **{"If-None-Match": before["ETag"]}).status_code == 304


def test_a_calendar_that_is_cut_says_so_and_keeps_the_nearest(ada, account, monkeypatch):
    monkeypatch.setattr(calendar, "MOST", 3)
    made = feed(ada)
    for days in (3, 1, 2):
        schedule(ada, account, f"{days}", days=days)
    assert b"X-WR-CALDESC" not in get(made).content
    schedule(ada, account, "past", days=1)
    Post.objects.filter(content="past").update(scheduled_for=clock.now() - timedelta(hours=1))

    titles = [str(each["summary"]) for each in events(made)]
    assert titles == ["past (X)", "1 (X)", "2 (X)", calendar.CUT]
    assert str(Calendar.from_ical(get(made).content)["description"]) == calendar.CUT


def test_two_thousand_events_are_written_in_half_a_second(ada):
    now = clock.now()
    whole = Shown("Plan", "", [an_event("Öffnung: neu, " * 9, now)] * calendar.MOST)
    began = time.thread_time()

    assert whole.written().count(b"BEGIN:VEVENT") == calendar.MOST

    assert time.thread_time() - began < 0.5


@given(title=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_title_is_read_as_it_was(title):
    title = calendar._plain(title)
    raw = calendar.ical_document(
        "Plan", "", [an_event(title, datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))]
    )

    assert all(len(line) <= calendar.LINE_BYTES for line in raw.split(b"\r\n"))
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert str(event["summary"]) == title


def an_event(title, at):
    return CalendarEvent("1", at, at, at, "CONFIRMED", title)


def test_a_workspace_reads_two_calendars_at_once(ada, account):
    made = feed(ada)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(api._room.enter(ada.workspace.pk))
        busy = get(made)
    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
    assert get(made).status_code == 200


def test_its_filters_are_those_of_the_list(ada, account):
    campaign = make_campaign(ada.workspace)
    other = make_account(ada.workspace, "linkedin")
    schedule(ada, account, "One", campaign_id=campaign.pk)
    schedule(ada, other, "Two")
    schedule(ada, other, "Draft", draft=True)
    schedule(ada, other, "Far", days=400)

    def texts(**values):
        titles = [str(each["summary"]) for each in events(feed(ada, **values))]
        return sorted(title.split(": ")[-1].split(" (")[0] for title in titles)

    assert texts() == ["Draft", "One", "Two"]
    assert texts(status="scheduled") == ["One", "Two"]
    assert texts(platform="twitter") == ["One"]
    assert texts(account_id=other.pk) == ["Draft", "Two"]
    assert texts(campaign_id=campaign.pk) == ["One"]


def test_a_restricted_keys_feed_shows_its_accounts_only(ada, account):
    other = make_account(ada.workspace)
    schedule(ada, account, "Mine")
    schedule(ada, other, "Not mine")
    made = keys.create(ada.workspace, "n", ("read", "write"), accounts=[account])
    narrow = Caller(ada.workspace, *made)

    assert [str(each["summary"]) for each in events(feed(narrow))] == ["Mine (X)"]
    wide = feed(ada)
    assert narrow.delete(f"/calendar-feeds/{wide['id']}").status_code == 404
    assert len(narrow.get("/calendar-feeds").json()["data"]["calendar_feeds"]) == 1


def test_an_address_is_known_once_and_ends_when_it_is_rotated_or_revoked(ada, cy, account):
    made = feed(ada)
    assert "url" not in ada.get("/calendar-feeds").json()["data"]["calendar_feeds"][0]
    for answer in (
        cy.post(f"/calendar-feeds/{made['id']}/rotate"),
        cy.delete(f"/calendar-feeds/{made['id']}"),
    ):
        assert answer.status_code == 404

    rotated = ada.post(f"/calendar-feeds/{made['id']}/rotate").json()["data"]
    assert get(made).status_code == 404
    assert get(rotated).status_code == 200
    assert ada.delete(f"/calendar-feeds/{made['id']}").status_code == 200
    assert get(rotated).status_code == 404
    assert ada.get("/calendar-feeds").json()["data"]["calendar_feeds"] == []


def test_what_a_feed_is_about_must_be_the_workspaces_own(ada, cy, account):
    campaign = make_campaign(ada.workspace)
    for values in ({"account_id": account.pk}, {"campaign_id": campaign.pk}, {"account_id": 2**70}):
        assert cy.post("/calendar-feeds", {"name": "x", **values}).status_code == 400


def test_a_workspace_has_25_feeds_at_most(ada):
    for _ in range(25):
        feed(ada)
    assert ada.post("/calendar-feeds", {"name": "One more"}).status_code == 409


def test_one_that_is_read_too_often_is_told_to_wait(ada, monkeypatch):
    made = feed(ada)
    monkeypatch.setattr(api, "READS", api.rate_windows.parse("2/min"))
    codes = [get(made).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


def test_an_address_is_not_logged(ada):
    made = feed(ada)
    token = made["url"].rpartition("/")[2].removesuffix(".ics")
    assert token not in redaction.text(made["url"])
    assert token not in redaction.text(f"GET /calendar/{token}.ics 200")
