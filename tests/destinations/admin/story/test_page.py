"""A destination's page: its timeline by pages, its links, and how many queries it takes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations import pauses
from destinations.admin.story import card, read
from destinations.admin.story.sent import media_id, sent
from destinations.models import Attempt, Destination, Event
from platforms.drafts import Draft
from tests.destinations.admin.action_steps import make, text

pytestmark = pytest.mark.django_db


def page_of(destination) -> str:
    return f"/admin/destinations/destination/{destination.pk}/change/"


def tried(destination: Destination, count: int) -> None:
    """So many tries, each with its start and its retry."""
    now = timezone.now()
    for number in range(1, count + 1):
        when = now + timedelta(seconds=number)
        Attempt.objects.create(
            destination=destination,
            number=number,
            wanted_at=when,
            started_at=when,
            finished_at=when,
            error=f"error of try {number}.",
            response=f"answer {number}.",
        )
        for move in ("start", "retry_soon"):
            Event.objects.create(
                destination=destination,
                at=when,
                move=move,
                to_status="publishing",
                by="worker:w",
                attempt=number,
            )


def test_a_long_history_is_read_by_pages(admin_client, failed):
    tried(failed, 100)
    Event.objects.create(destination=failed, at=timezone.now(), move="edit", to_status="queued")

    newest = text(admin_client.get(page_of(failed)))
    earlier = read.histories([failed.pk], card.ALONE)[failed.pk].earlier
    assert f"?before={earlier}" in newest
    assert "error of try 100." in newest
    assert "error of try 1." not in newest
    seen = set()
    while earlier:
        history = read.histories([failed.pk], card.ALONE, earlier)[failed.pk]
        assert len(history.events) <= card.ALONE
        seen |= set(history.attempts)
        earlier = history.earlier
    assert seen >= set(range(1, 60))
    second = text(admin_client.get(page_of(failed), {"before": 10**6}))
    assert "Back to the newest" in second


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "0"])
def test_no_place_in_the_history_breaks_the_page(admin_client, failed, before):
    assert admin_client.get(page_of(failed), {"before": before}).status_code == 200


def test_a_page_takes_as_many_queries_for_a_long_history_as_for_a_short_one(
    admin_client, failed, workspace, django_assert_num_queries
):
    tried(failed, 1)
    admin_client.get(page_of(failed))
    with CaptureQueriesContext(connection) as short:
        admin_client.get(page_of(failed))
    tried(long := make(workspace, status="failed"), 50)

    with django_assert_num_queries(len(short)):
        admin_client.get(page_of(long))


def test_an_operator_without_the_right_sees_nothing_of_a_destination(client, failed):
    assert "login" in client.get(page_of(failed))["Location"]


def test_the_networks_own_words_and_ids_are_shown(admin_client, failed):
    now = timezone.now()
    Attempt.objects.create(
        destination=failed,
        number=1,
        wanted_at=now - timedelta(seconds=90),
        started_at=now,
        http_status=418,
        platform_code="teapot",
        platform_request_id="fbtrace-7",
        response='{"said": "<short and stout>"}',
    )

    page = text(admin_client.get(page_of(failed)))

    for word in ("418", "teapot", "fbtrace-7", "&lt;short and stout&gt;", "Began late by", "90 s"):
        assert word in page


def test_the_log_search_and_flower_are_linked(admin_client, failed, settings):
    settings.FLOWER_URL = "https://flower.example.org"
    settings.LOG_SEARCH_URL = "https://logs.example.org/?q={destination_id}&r={request_id}"
    Destination.objects.update(request_id="req_1&2")

    page = text(admin_client.get(page_of(failed)))

    assert f"https://logs.example.org/?q={failed.public_id}&amp;r=req_1%262" in page
    assert f"args%3A{failed.public_id}" in page


def test_without_their_settings_there_are_no_such_links(admin_client, failed, settings):
    settings.FLOWER_URL = settings.LOG_SEARCH_URL = ""

    page = text(admin_client.get(page_of(failed)))

    assert "Its tasks in Flower" not in page
    assert "Its lines in the log" not in page


def test_options_and_the_parts_of_a_thread_are_said_in_words():
    settings = {"thread": ["Two", "Three"], "replySettings": "following", "madeWithAi": True}

    shown = sent("x", Draft("One", settings=settings).as_json())

    assert shown.texts == ("One", "Two", "Three")
    assert [(name, value) for name, value, _ in shown.options] == [
        ("Reply settings", "following"),
        ("Made with ai", "yes"),
    ]


@pytest.mark.parametrize("key", ["k", "", "a/b/c.png", "a/b"])
def test_a_storage_key_of_another_form_names_no_file(key):
    assert media_id(key) is None


def test_a_pause_is_named_where_it_holds(admin_client, workspace):
    waiting = make(workspace)
    Destination.objects.update(due_at=timezone.now())
    pauses.pause("network", "x", by="operator:ada", reason="down")

    assert "Held: X is paused." in text(admin_client.get(page_of(waiting)))
