"""The log of a webhook's deliveries, as customers read it."""

import pytest

from posts.features.webhooks import log
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused
from tests.posts.features.webhooks.webhook_factories import make_delivery, make_webhook

FIELDS = [
    *("id", "event_id", "event", "url", "status", "attempt_number", "status_code"),
    *("request_headers", "request_body", "response_body", "error", "duration_ms"),
    *("attempted_at", "next_attempt_at", "attempts"),
]


@pytest.fixture
def webhook(ada):
    return make_webhook(ada.workspace)


def listed(caller, webhook, query=""):
    return data_of(caller.get(f"/webhooks/{webhook.pk}/deliveries{query}"))


def test_a_delivery_shows_its_last_attempt_and_those_before(ada, webhook):
    made = make_delivery(webhook, 500, 204)

    (shown,) = listed(ada, webhook)["deliveries"]

    assert list(shown) == FIELDS
    assert shown["id"] == str(made.pk)
    assert shown["event_id"] == str(made.event.event_id)
    assert (shown["status"], shown["attempt_number"], shown["status_code"]) == ("success", 2, 204)
    assert (shown["error"], shown["response_body"]) == (None, "")
    assert shown["request_body"] == '{"event":"post.published"}'
    assert shown["request_headers"] == {"webhook-id": shown["event_id"]}
    assert [each["status_code"] for each in shown["attempts"]] == [204, 500]
    assert shown["attempts"][1]["error"] == "It answered with 500."


def test_what_was_not_tried_yet_waits_without_an_attempt(ada, webhook):
    make_delivery(webhook)

    (shown,) = listed(ada, webhook)["deliveries"]

    assert (shown["status"], shown["attempt_number"], shown["attempts"]) == ("waiting", 0, [])
    assert shown["url"] == webhook.url
    for name in ("status_code", "error", "duration_ms", "attempted_at", "next_attempt_at"):
        assert shown[name] is None


def test_the_newest_attempts_are_shown_of_one_that_was_sent_again_often(ada, webhook):
    make_delivery(webhook, *[500] * 25)

    (shown,) = listed(ada, webhook)["deliveries"]

    assert [each["attempt_number"] for each in shown["attempts"]] == list(range(25, 5, -1))


def test_the_newest_event_comes_first_and_pages_say_whether_more_follow(ada, webhook):
    made = [make_delivery(webhook, 204) for _ in range(5)]

    first = listed(ada, webhook, "?limit=2")
    last = listed(ada, webhook, "?limit=2&offset=4")

    assert [each["id"] for each in first["deliveries"]] == [str(made[4].pk), str(made[3].pk)]
    page = first["pagination"]
    assert (page["limit"], page["offset"], page["total"], page["has_more"]) == (2, 0, 5, True)
    assert [each["id"] for each in last["deliveries"]] == [str(made[0].pk)]
    assert not last["pagination"]["has_more"]


def test_filters_are_applied_together(ada, webhook):
    done = make_delivery(webhook, 204)
    gone = make_delivery(webhook, 500, status="failed")
    other = make_delivery(webhook, 204, event="media.deleted")
    make_other = make_delivery(make_webhook(ada.workspace), 204)

    def ids(query):
        return [each["id"] for each in listed(ada, webhook, query)["deliveries"]]

    assert ids("?status=failed") == [str(gone.pk)]
    assert ids("?status=success") == [str(other.pk), str(done.pk)]
    assert ids("?event=media.deleted") == [str(other.pk)]
    assert ids(f"?event_id={gone.event.event_id}") == [str(gone.pk)]
    assert ids(f"?event_id={gone.event.event_id}&status=success") == []
    assert ids(f"?event_id={make_other.event.event_id}") == []
    assert len(ids("?status=all&event=&event_id=")) == 3


def test_a_filter_by_event_looks_at_the_newest_deliveries(ada, webhook, monkeypatch):
    monkeypatch.setattr(log, "NEWEST", 2)
    old, *newest = [make_delivery(webhook, 204) for _ in range(3)]

    found = listed(ada, webhook, f"?event={old.event.event}")["deliveries"]

    assert [each["id"] for each in found] == [str(each.pk) for each in reversed(newest)]
    assert listed(ada, webhook, f"?event_id={old.event.event_id}")["deliveries"] == []


@cases("query", ["?status=lost", "?event=no", "?event_id=5", "?limit=0"])
def test_a_wrong_filter_is_refused(ada, webhook, query):
    refused(ada.get(f"/webhooks/{webhook.pk}/deliveries{query}"), 400, "validation_error")
