"""The page of a post: what each account got or will get, and what an operator may do there."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from destinations.models import Destination, Event
from posts.admin import post_contents
from posts.features.engagement.models import EngagementReading
from posts.models import Media, Post, PostMedia
from tests.destinations.admin.action_steps import act, staff, text
from tests.factories import make_account, make_post

pytestmark = pytest.mark.django_db


def page_of(post) -> str:
    return f"/admin/posts/post/{post.pk}/change/"


def accounts(workspace, count, platform="x"):
    return [make_account(workspace, platform, name=f"@acme{n}") for n in range(count)]


def test_it_says_who_created_it_by_which_request_and_when_in_both_zones(admin_client, workspace):
    post = make_post(workspace, accounts(workspace, 1), scheduled_for=timezone.now())
    Post.objects.update(timezone="Asia/Tokyo", scheduled_for="2026-11-26T20:00:00Z")
    Event.objects.create(
        destination=post.destinations.get(),
        at=timezone.now(),
        move="compose",
        to_status="queued",
        by="key:pe_live_4f3c",
        request_id="req_77",
    )

    page = text(admin_client.get(page_of(post)))

    for word in (post.public_id, "key:pe_live_4f3c", "req_77", "2026-11-26 20:00:00 UTC"):
        assert word in page
    assert "2026-11-27 05:00:00 Asia/Tokyo" in page


def test_a_card_per_destination_says_what_happens_next(admin_client, workspace):
    post = make_post(workspace, accounts(workspace, 2))
    first, second = post.destinations.order_by("position")
    Destination.objects.filter(pk=first.pk).update(
        status="failed", due_at=None, error_code="outcome_unknown", error="It may be live."
    )
    Destination.objects.filter(pk=second.pk).update(
        status="published",
        due_at=None,
        platform_post_id="1",
        platform_post_url="https://x.com/acme/1",
    )

    page = text(admin_client.get(page_of(post)))

    assert "Waits for you: look at “@acme0” on X, then say what you found." in page
    assert "It is published: nothing more happens." in page
    assert 'href="https://x.com/acme/1" target="_blank"' in page
    assert page.count('class="dovecote-destination ') == 2


def test_what_the_buttons_of_a_card_do_returns_to_the_post(admin_client, workspace):
    post = make_post(
        workspace,
        accounts(workspace, 1),
        status="failed",
        due_at=None,
        error_code="outcome_unknown",
        attempts=1,
    )
    row, back = post.destinations.get(), page_of(post)
    assert f'name="next" value="{back}"' in text(admin_client.get(back))

    asked = text(act(admin_client, "mark_not_published", row, next=back))
    assert f'name="next" value="{back}"' in asked
    seen = f"{row.pk}:1"
    page = act(admin_client, "mark_not_published", row, next=back, confirmed="yes", seen=seen)

    assert page.redirect_chain[-1][0] == back
    row.refresh_from_db()
    assert row.error_code != "outcome_unknown"


def test_an_operator_who_may_only_look_gets_no_buttons(client, workspace):
    post = make_post(
        workspace, accounts(workspace, 1), status="failed", due_at=None, error_code="text_too_long"
    )
    Post.objects.update(status="failed")

    page = text(staff(client).get(page_of(post)))

    assert "Shorten the text." in page
    assert 'name="action"' not in page


def test_files_are_shown_with_their_previews_and_alt_texts(admin_client, workspace):
    post = make_post(workspace, accounts(workspace, 1))
    media = Media.objects.create(
        workspace=workspace, kind="image", filename="a.png", size_bytes=5, storage_key="secret/key"
    )
    PostMedia.objects.create(post=post, media=media, position=0, alt_text="A red <dove>")

    page = text(admin_client.get(page_of(post)))

    assert f'src="/admin/posts/media/{media.pk}/preview/" alt="A red &lt;dove&gt;"' in page
    assert "secret/key" not in page


def test_a_page_takes_as_many_queries_for_many_destinations_as_for_one(
    admin_client, workspace, django_assert_num_queries
):
    one = make_post(workspace, accounts(workspace, 1))
    admin_client.get(page_of(one))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(page_of(one))
    many = make_post(workspace, accounts(workspace, 20))

    with django_assert_num_queries(len(few)):
        admin_client.get(page_of(many))


def test_many_destinations_are_shown_by_pages(admin_client, workspace):
    post = make_post(workspace, accounts(workspace, post_contents.CARDS + 1))

    first = text(admin_client.get(page_of(post)))
    second = text(admin_client.get(page_of(post), {"cards": 2}))

    assert first.count('class="dovecote-destination ') == post_contents.CARDS
    assert second.count('class="dovecote-destination ') == 1
    assert "More accounts" in first
    assert "Previous accounts" in second
    for wrong in ("0", "x", "9" * 30, "-1"):
        assert admin_client.get(page_of(post), {"cards": wrong}).status_code == 200


def test_a_draft_without_accounts_has_a_page(admin_client, workspace):
    post = make_post(workspace, [])
    Post.objects.update(status="draft", created_at=timezone.now() - timedelta(days=3))

    page = text(admin_client.get(page_of(post)))

    assert "It goes to no account yet." in page
    assert "3 d ago" in page


def test_it_shows_what_the_networks_said_and_a_dash_for_what_they_do_not_say(
    admin_client, workspace
):
    post = make_post(workspace, accounts(workspace, 1))
    row = post.destinations.get()
    EngagementReading.objects.create(
        destination=row, at=timezone.now() - timedelta(hours=2), likes=7, views=None
    )
    EngagementReading.objects.create(destination=row, at=timezone.now(), likes=1234, views=None)

    page = text(admin_client.get(page_of(post)))

    assert "What the networks say of it" in page
    table = page.partition("What the networks say of it")[2]
    newest, older = ["-", "1234", *"----"], ["-", "7", *"----"]
    assert re.findall(r"<td>(-|\d+)</td>", table) == [*newest, *older]
    assert "2 h ago" in table


def test_without_readings_it_has_no_table_of_them(admin_client, workspace):
    post = make_post(workspace, accounts(workspace, 1))

    assert "What the networks say of it" not in text(admin_client.get(page_of(post)))
