"""Tools that make more than one post: rules, files, feeds; and what shows them."""

import pytest

from destinations.runtime import clock
from posts.features.calendar_feeds.models import CalendarFeed
from posts.features.feeds.models import Feed
from posts.features.importing.mcp import MOST_CHARS
from posts.features.importing.models import Import
from posts.features.repeating.models import Recurrence
from posts.models import Post
from tests.factories import make_account, make_post
from tests.posts.mcp.world import FUTURE


@pytest.fixture
def account(ada) -> int:
    return make_account(ada.workspace).pk


def csv(account: int, *texts: str, when: str = FUTURE) -> dict[str, str]:
    rows = [f"{text},{account},{when}\n" for text in texts]
    return {"format": "csv", "text": "".join(["content,account_ids,scheduled_at\n", *rows])}


# Posts that come again


def test_a_recurrence_is_made_changed_paused_and_deleted(agent, account):
    rule = {"freq": "weekly", "count": 3}
    body = {"content": "Weekly", "account_ids": [account], "scheduled_at": FUTURE}
    made = agent.call("schedule_post", **body, recurrence=rule)
    key = made["data"]["recurrence_id"]

    listed = agent.call("list_recurrences")["data"]["recurrences"]
    changed = agent.call("update_recurrence", recurrence_id=key, content="Each week")
    paused = agent.call("set_recurrence_state", recurrence_id=key, state="paused")
    resumed = agent.call("set_recurrence_state", recurrence_id=key, state="active")
    deleted = agent.call("delete_recurrence", recurrence_id=key)

    assert f"get_recurrence with recurrence_id {key}" in made["next_step"]
    assert [each["id"] for each in listed] == [key]
    assert changed["data"]["content"] == "Each week"
    assert "2099-03-15T14:00:00" in changed["next_step"]
    assert [each["data"]["status"] for each in (paused, resumed)] == ["paused", "active"]
    assert "next_step" not in paused
    assert deleted["data"]["deleted"] is True
    assert not Recurrence.objects.exists()
    assert not Post.objects.exists()


def test_a_rule_that_cannot_go_on_says_why(agent, ada, account, world):
    Recurrence.objects.update(
        problem_code="invalid_accounts", problem="An account is gone.", problem_since=clock.now()
    )

    paused = agent.call(
        "set_recurrence_state", recurrence_id=world["recurrence_id"], state="paused"
    )

    assert paused["next_step"].endswith("An account is gone.")


def test_recycling_is_begun_and_ended(agent, ada):
    post = make_post(ada.workspace, [make_account(ada.workspace, "linkedin")], status="published")
    post_id = post.public_id

    refused = agent.refused("update_recycling", post_id=post_id, enabled=True)
    begun = agent.call("update_recycling", post_id=post_id, gap=2, gap_unit="week")
    ended = agent.call("update_recycling", post_id=post_id, enabled=False)

    assert "gap_unit" in refused["error"]["message"]
    assert begun["data"]["enabled"] is True
    assert ended["next_step"] == "It is not published again."


# Files


def test_a_file_is_checked_then_imported_and_known_afterwards(agent, account):
    file = csv(account, "One", "Two")
    checked = agent.call("validate_import", **file)
    assert not Post.objects.exists()

    made = agent.call("import_posts", **file)
    again = agent.call("import_posts", **file)

    assert (checked["data"]["valid"], "import_posts" in checked["next_step"]) == (2, True)
    assert "2 rows are new, 0 were there already" in made["next_step"]
    assert "0 rows are new, 2 were there already" in again["next_step"]
    assert [each["existing"] for each in again["data"]["results"]] == [True, True]
    assert Post.objects.count() == 2


def test_rows_that_are_refused_are_corrected_and_sent_again(agent, account):
    wrong = csv(account, "One", "Two" * 200)
    checked = agent.call("validate_import", **wrong)
    made = agent.call("import_posts", **wrong)
    corrected = agent.call("import_posts", **csv(account, "One", "Two"))
    none = agent.call("import_posts", **csv(account, "", when="2001-01-01T00:00:00Z"))

    assert checked["data"]["invalid"] == 1
    assert "nothing was stored" in checked["next_step"]
    assert made["data"]["results"][1]["errors"][0]["code"] == "content_too_long"
    assert "import_posts again" in made["next_step"]
    assert corrected["data"]["valid"] == 2
    assert "No row was imported" in none["next_step"]
    assert Post.objects.count() == 2


def test_json_is_imported_and_what_workers_import_is_polled(agent, account):
    rows = f'[{{"content": "Hi", "account_ids": [{account}], "draft": true}}]'
    assert agent.call("import_posts", format="json", text=rows)["data"]["valid"] == 1
    assert Post.objects.get().status == "draft"
    rows = rows.replace('"draft": true', '"media_urls": ["https://a.example/a"]')

    made = agent.call("import_posts", format="json", text=rows)
    key = made["data"]["import_id"]
    waiting = agent.call("get_import", import_id=key)
    Import.objects.update(status="completed", done=1, due_at=None)
    done = agent.call("get_import", import_id=key, ok=False)
    checked = agent.call("validate_import", **csv(account, *map(str, range(501))))

    assert f"get_import with import_id {key}" in made["next_step"]
    assert f"get_import with import_id {key}" in waiting["next_step"]
    assert "Refused rows: 1." in done["next_step"]
    assert (checked["data"]["dry_run"], "get_import" in checked["next_step"]) == (True, True)


def test_a_text_that_is_none_is_refused(agent):
    for wrong in ("", "x" * (MOST_CHARS + 1), None, 5, ["a"]):
        refused = agent.refused("import_posts", format="csv", text=wrong)
        assert refused["error"]["details"]["validation_errors"][0]["field"] == "text"
    for wrong in ("xml", "CSV", None, ["csv"]):
        refused = agent.refused("import_posts", format=wrong, text="content\nHi\n")
        assert refused["error"]["details"]["validation_errors"][0]["field"] == "format"
    assert not Import.objects.exists()


# Feeds, calendars, links


def test_a_feed_is_one_until_it_is_changed(agent, account):
    body = {"name": "Blog", "url": "https://blog.example/feed.xml", "account_ids": [account]}
    first, again = (agent.call("create_feed", **body) for _ in range(2))
    off = agent.call("update_feed", feed_id=first["data"]["id"], enabled=False)
    another = agent.call("create_feed", **body)
    agent.call("delete_feed", feed_id=another["data"]["id"])

    assert first["data"]["id"] == again["data"]["id"]
    assert "enabled: true" in off["next_step"]
    assert [str(each.pk) for each in Feed.objects.all()] == [first["data"]["id"]]
    assert agent.call("list_feeds")["data"]["feeds"][0]["enabled"] is False


def test_a_calendars_address_is_shown_to_who_made_it(agent, ada):
    first, again = (agent.call("create_calendar_feed", name="Plan") for _ in range(2))
    ada.delete(f"/calendar-feeds/{first['data']['id']}")
    anew = agent.call("create_calendar_feed", name="Plan")

    assert first["data"]["url"] == again["data"]["url"] != anew["data"]["url"]
    assert first["data"]["url"].endswith(".ics")
    assert "not shown again" in first["next_step"]
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1


def test_a_posts_short_links_are_listed(agent, account):
    body = {"content": "See https://example.com/loft", "account_ids": [account]}
    plain = agent.call("schedule_post", **body, scheduled_at=FUTURE)
    short = agent.call("schedule_post", **body, scheduled_at=FUTURE, shorten_links=True)

    none = agent.call("list_post_links", post_id=plain["data"]["post_id"])
    (link,) = agent.call("list_post_links", post_id=short["data"]["post_id"])["data"]["links"]

    assert "shorten_links" in none["next_step"]
    assert (link["url"], link["clicks"]) == ("https://example.com/loft", 0)
