"""The list of files, and the page of one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts.media.admin import facts
from posts.models import Media, Post, PostMedia
from tests.destinations.admin.action_steps import staff, text
from tests.factories import make_account, make_post
from tests.posts.cases import apart
from tests.posts.conftest import upload
from tests.posts.factories import make_media, png
from tests.posts.media import videos

pytestmark = pytest.mark.django_db
LIST = "/admin/posts/media/"


@pytest.fixture
def viewer(client):
    return staff(client)


def page(viewer, media, query: str = "") -> str:
    answer = viewer.get(f"{LIST}{media.pk}/change/{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", text(answer).replace("\xa0", " "))


def post_with(media, **fields) -> Post:
    post = make_post(media.workspace, [make_account(media.workspace)], **fields)
    PostMedia.objects.create(post=post, media=media, position=0)
    return post


def published(media) -> Post:
    post = post_with(media, status="published", due_at=None)
    Post.objects.filter(pk=post.pk).update(status="published")
    return post


def test_a_page_shows_preview_and_facts_in_words(ada, viewer):
    upload(ada, videos.make(width=64, height=48), "video/mp4")
    media = Media.objects.get()

    shown = page(viewer, media)

    assert f'src="{LIST}{media.pk}/preview/"' in shown
    assert "video/mp4" in shown
    assert "64 by 48 pixels" in shown
    assert "video h264" in shown
    assert media.storage_key not in shown
    assert media.thumbnail_key not in shown


def test_a_file_that_posts_need_says_which_and_why_it_stays(media, viewer):
    waiting, gone_out = post_with(media, scheduled_for=timezone.now()), published(media)

    shown = page(viewer, media)

    assert "Not without <code>force</code>" in shown
    assert shown.count(waiting.public_id) == 2
    assert shown.count(gone_out.public_id) == 1


def test_a_file_that_no_post_needs_can_be_deleted(media, viewer):
    published(media)

    assert "Yes: no post that is still to be published uses it" in page(viewer, media)


def test_the_posts_of_a_file_are_shown_in_pages_without_counting(ada, viewer, monkeypatch):
    monkeypatch.setattr(facts, "PER_PAGE", 2)
    media = make_media(ada.workspace)
    posts = [published(media) for _ in range(5)]
    seen, query = [], ""

    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            shown = page(viewer, media, query)
        seen += [post.public_id for post in reversed(posts) if post.public_id in shown]
        assert not any("OFFSET" in each["sql"] for each in asked)
        query = next(iter(re.findall(r'rel="next" href="([^"]+)"', shown)), "")

    assert seen == [post.public_id for post in reversed(posts)]
    assert query == ""


def test_the_posts_of_a_file_are_asked_for_once_each_way(media, viewer):
    post_with(media, scheduled_for=timezone.now())

    with CaptureQueriesContext(connection) as asked:
        page(viewer, media)

    assert len([each for each in asked if '"posts_postmedia"' in each["sql"]]) == 2


def test_no_place_in_an_address_breaks_a_page(ada, viewer):
    for before in ("x", "9" * 40, "-1", "٣"):
        with apart(before):
            page(viewer, make_media(ada.workspace), f"?{facts.BEFORE}={before}")


def test_the_list_shows_small_previews_and_finds_parts_of_names(ada, viewer):
    dove = make_media(ada.workspace, filename="A grey Dove.png")
    make_media(ada.workspace, filename="loft.png")

    with CaptureQueriesContext(connection) as asked:
        found = viewer.get(LIST, {"q": "dove"})

    assert [row.pk for row in found.context["cl"].result_list] == [dove.pk]
    assert f'src="{LIST}{dove.pk}/preview/"' in text(found)
    counts = [each["sql"] for each in asked if "count(" in each["sql"].lower()]
    assert all("LIMIT" in sql for sql in counts)
    assert len(viewer.get(LIST).context["cl"].result_list) == 2


def test_the_list_reads_no_secret_column(ada, viewer):
    upload(ada, png(), "image/png")

    with CaptureQueriesContext(connection) as asked:
        viewer.get(LIST)

    lists = [each["sql"] for each in asked if 'FROM "posts_media"' in each["sql"]]
    assert lists
    assert not any("storage_key" in sql for sql in lists)


def test_durations_are_read_by_people():
    for seconds, words in ((7.46, "7.5 s"), (200, "3 min 20 s"), (3900, "1 h 5 min")):
        with apart(seconds, words):
            assert facts.duration(seconds) == words


def test_where_the_bytes_are():
    for fields, words in (
        ({}, "No bytes are stored."),
        ({"storage_key": "a"}, "The original is on this installation's disk (MEDIA_ROOT)."),
        (
            {"storage_key": "a", "thumbnail_key": "c"},
            "The original and the thumbnail are on this installation's disk (MEDIA_ROOT).",
        ),
    ):
        with apart(fields, words):
            assert facts.storage(Media(**fields)) == words


def test_where_the_bytes_are_in_a_bucket(settings):
    settings.MEDIA_S3_BUCKET = "doves"

    assert facts.storage(Media(storage_key="a")) == "The original is in the bucket doves."


def test_what_of_its_metadata_is_published(ada):
    for fields, words in (
        ({"kind": "document"}, "published as they are"),
        ({"has_metadata": False}, "published as it is"),
        ({"has_metadata": True}, "a copy without it is made"),
        ({"has_metadata": True, "stripped_key": "b"}, "a copy without it is published"),
        ({"has_metadata": None}, "was never looked at"),
    ):
        with apart(fields, words):
            assert words in facts.metadata(
                Media(workspace=ada.workspace, **{"kind": "image", **fields})
            )
