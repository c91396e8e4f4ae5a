"""What published clients send: other words and times, and less than the reference mount needs."""

import json
import uuid

from destinations.models import Account
from destinations.runtime import clock
from posts import rate_windows
from posts.models import Media, Post
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, put, refused
from tests.posts.factories import FUTURE, make_media, png


def create(compat, status=201, **body):
    answer = compat.post("/posts", body)
    assert answer.status_code == status, answer.json()
    return answer.json()


def platforms_of(post: Post) -> list[str]:
    return [row.platform for row in post.destinations.order_by("position")]


# Filters


@cases(
    ("word", "status"),
    [
        ("partially_failed", "partial"),
        ("done", "published"),
        ("queued", "scheduled"),
        ("draft,partially_failed", "partial"),
        ("partial", "partial"),
    ],
)
def test_a_filter_takes_the_services_words_of_statuses(compat, ada, x, word, status):
    post = make_post(ada.workspace, [x])
    Post.objects.filter(pk=post.pk).update(status=status)
    other = make_post(ada.workspace, [x])
    Post.objects.filter(pk=other.pk).update(status="failed")

    found = compat.get(f"/posts?status={word}").json()["data"]["posts"]

    assert [each["id"] for each in found] == [str(post.pk)]
    if status not in word:
        refused(ada.get(f"/posts?status={word}"), 400, "validation_error")


@cases("query", ["status=all", "status=&platform=", "platform=all&search="])
def test_all_and_nothing_are_no_filter(compat, ada, x, query):
    post = make_post(ada.workspace, [x])

    found = compat.get(f"/posts?{query}").json()["data"]["posts"]

    assert [each["id"] for each in found] == [str(post.pk)]


def test_a_filter_by_an_unknown_platform_is_refused(compat, ada, x):
    make_post(ada.workspace, [x])

    assert compat.get("/posts?platform=pinterest").json()["data"]["posts"] == []
    assert compat.get("/posts?platform=pinterest,twitter").json()["data"]["total"] == 1
    refused(compat.get("/posts?platform=myspace"), 400, "validation_error")


def test_an_unknown_parameter_is_refused_here_too(compat):
    refused(compat.get("/posts?statuses=draft"), 400, "invalid_field_name")


# Times


@cases("name", ["scheduled_for", "scheduled_at"])
def test_a_time_without_an_offset_is_in_utc_no_matter_the_zone(compat, ada, x, name):
    body = {"content": "Hi", "account_ids": [x.pk], "timezone": "America/New_York"}

    create(compat, **body, **{name: "2099-04-01T09:00:00"})
    post = Post.objects.get()
    assert (post.scheduled_for.isoformat(), post.timezone) == (
        "2099-04-01T09:00:00+00:00",
        "America/New_York",
    )
    path = f"/posts/{post.pk}"
    assert compat.patch(path, {name: "2099-05-01T09:00:00"}).status_code == 200
    post.refresh_from_db()
    assert post.scheduled_for.isoformat() == "2099-05-01T09:00:00+00:00"
    draft = create(compat, **body, draft=True)["data"]["post_id"]
    assert compat.post(f"/posts/{draft}/schedule", {name: "2099-06-01T09:00:00"}).status_code == 200
    assert Post.objects.get(pk=draft).scheduled_for.isoformat() == "2099-06-01T09:00:00+00:00"
    # A time in summer that the zone's clocks skip is an instant in UTC.
    create(compat, **body, **{name: "2099-03-08T02:30:00"})


def test_the_reference_mount_reads_the_same_time_in_its_zone(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "timezone": "America/New_York"}

    ada.post("/posts", {**body, "scheduled_at": "2099-04-01T09:00:00"})

    assert Post.objects.get().scheduled_for.hour == 13


# Texts


def test_files_need_no_content(compat, ada, x):
    file = make_media(ada.workspace)

    create(compat, account_ids=[x.pk], media_ids=[str(file.pk)], scheduled_for=FUTURE)

    assert Post.objects.get().content == ""


@cases("content", [{}, {"content": None}, {"content": ""}, {"content": " "}])
def test_texts_of_all_its_platforms_need_no_content(compat, ada, x, linkedin, content):
    own = {"x": {"content": "For X"}, "linkedin": {"content": "For LinkedIn"}}
    body = {"account_ids": [x.pk, linkedin.pk], "platform_content": own, "scheduled_for": FUTURE}

    made = create(compat, **body, **content)["data"]

    rows = Post.objects.get().destinations
    assert {row.platform: row.draft["text"] for row in rows.all()} == {
        "x": "For X",
        "linkedin": "For LinkedIn",
    }
    # It can be changed as any other.
    assert compat.patch(f"/posts/{made['id']}", {"timezone": "Europe/Paris"}).status_code == 200
    assert compat.post("/posts/validate", {**body, **content}).json()["data"]["valid"]


@cases("own", [{}, {"x": {"content": "For X"}}, {"x": {}, "linkedin": {}}])
def test_a_platform_without_a_text_is_refused(compat, ada, x, linkedin, own):
    body = {"account_ids": [x.pk, linkedin.pk], "scheduled_for": FUTURE, "platform_content": own}

    refused(compat.post("/posts", body), 400, "validation_error")
    assert not Post.objects.exists()


def test_the_reference_mount_still_asks_for_a_text(ada, x):
    body = {"account_ids": [x.pk], "platform_content": {"x": {"content": "For X"}}}

    refused(ada.post("/posts", {**body, "content": ""}), 400, "validation_error")
    refused(ada.post("/posts", body), 400, "validation_error")


# Accounts


@cases("when", [{"publish_now": True}, {"scheduled_for": FUTURE}, {"scheduled_at": FUTURE}])
@cases("none", [{}, {"account_ids": None}])
def test_a_post_that_names_no_accounts_goes_to_all_that_can_be_posted_to(
    compat, ada, cy, x, linkedin, when, none
):
    make_account(ada.workspace, "threads", is_active=False)
    make_account(ada.workspace, "threads", needs_reconnection_since=clock.now())
    make_account(cy.workspace, "x")

    made = create(compat, content="Hi", **when, **none)["data"]

    assert made["account_ids"] == [x.pk, linkedin.pk]
    assert platforms_of(Post.objects.get()) == ["x", "linkedin"]


def test_without_any_account_that_can_be_posted_to_it_is_refused(compat, ada):
    make_account(ada.workspace, "x", is_active=False)

    error = refused(
        compat.post("/posts", {"content": "Hi", "publish_now": True}), 400, "validation_error"
    )
    assert "None of your accounts" in error["message"]
    assert not Post.objects.exists()


def test_without_a_time_too_accounts_are_asked_for(compat, x):
    for more in ({}, {"publish_now": True, "account_ids": []}):
        refused(compat.post("/posts", {"content": "Hi", **more}), 400, "validation_error")
    assert not Post.objects.exists()


def test_the_reference_mount_asks_for_accounts(ada, x):
    refused(ada.post("/posts", {"content": "Hi", "publish_now": True}), 400, "validation_error")


def test_a_key_for_some_accounts_posts_to_those(compat, ada, x, linkedin):
    ada.key.is_restricted = True
    ada.key.save()
    ada.key.accounts.set([x])

    create(compat, content="Hi", scheduled_for=FUTURE)

    assert platforms_of(Post.objects.get()) == ["x"]


def test_in_bulk_too_and_validated_too(compat, ada, x, linkedin):
    body = {"content": "Hi", "scheduled_for": FUTURE}

    verdict = compat.post("/posts/validate", body).json()["data"]
    answer = compat.post("/posts/bulk", {"posts": [body, {**body, "platform_content": None}]})

    assert [each["account_id"] for each in verdict["accounts"]] == [x.pk, linkedin.pk]
    assert answer.status_code == 201
    assert {post.destinations.count() for post in Post.objects.all()} == {2}


def test_a_bulk_call_to_all_accounts_is_bounded(compat, ada):
    Account.objects.bulk_create(
        Account(workspace=ada.workspace, platform="x", name=str(n), platform_account_id=str(n))
        for n in range(21)
    )
    posts = [{"content": "Hi", "scheduled_for": FUTURE}] * 48

    refused(compat.post("/posts/bulk", {"posts": posts}), 400, "bulk_limit_exceeded")
    assert not Post.objects.exists()


# Nothing, and networks that are not here


def test_what_was_read_may_be_sent_as_it_is(compat, ada, x):
    file = make_media(ada.workspace)
    create(compat, content="Hi", account_ids=[x.pk], publish_now=True, media_ids=[str(file.pk)])
    read = compat.get(f"/posts/{Post.objects.get().pk}").json()["data"]
    names = ("content", "account_ids", "scheduled_for", "timezone", "media_ids")
    names = (*names, "platform_content", "campaign_id")
    body = {name: read[name] for name in names}
    assert body["scheduled_for"] is None

    again = create(compat, **body, draft=True)

    copy = compat.get(f"/posts/{again['data']['id']}").json()["data"]
    assert {name: copy[name] for name in names} == body
    assert compat.patch(f"/posts/{copy['id']}", body).status_code == 200
    assert compat.get(f"/posts/{copy['id']}").json()["data"]["scheduled_for"] is None


def test_content_for_a_network_without_an_account_is_kept_and_told(compat, ada, x):
    own = {"instagram": {"content": "There"}, "x": {"content": "Here"}}
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE}
    warning = {
        "code": "platform_not_used",
        "message": "platform_content.instagram is kept and not used: none of the post's accounts "
        "is on this platform.",
        "platform": "instagram",
    }

    made = create(compat, **body, platform_content=own)
    path = f"/posts/{made['data']['id']}"
    validated = compat.post("/posts/validate", {**body, "platform_content": own}).json()
    bulk = compat.post("/posts/bulk", {"posts": [{**body, "platform_content": own}]}).json()
    edited = compat.patch(path, {"platform_content": {"tiktok": {"content": "Later"}}}).json()

    assert made["meta"]["warnings"] == validated["meta"]["warnings"] == [warning]
    assert validated["data"]["valid"] is True
    assert bulk["meta"]["warnings"] == [{**warning, "index": 0}]
    assert edited["data"]["platform_content"] == {"tiktok": {"content": "Later"}}
    assert edited["meta"]["warnings"][0]["platform"] == "tiktok"
    assert made["data"]["platform_content"] == own
    refused(ada.post("/posts", {**body, "platform_content": own}), 400, "validation_error")


def test_occurrences_keep_content_for_a_network_without_an_account(compat, x):
    own = {"instagram": {"content": "There"}}
    rule = {"freq": "daily", "count": 3}
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE}

    made = create(compat, **body, platform_content=own, recurrence=rule)

    path = f"/recurrences/{made['data']['recurrence_id']}"
    assert compat.patch(path, {"content": "Hello"}).status_code == 200
    assert compat.get(path).json()["data"]["problem"] is None


def test_retrying_what_failed_at_an_unknown_network_is_refused(compat):
    answer = compat.post("/posts/retry-failed", {"platform": "pinterest"})

    assert answer.status_code == 200
    data = answer.json()["data"]
    assert (data["retried_count"], data["destinations"]) == (0, [])
    refused(compat.post("/posts/retry-failed", {"platform": "myspace"}), 400, "validation_error")


def test_content_for_an_unknown_platform_is_refused(compat, x):
    own = {"myspace": {"content": "There"}, "twitter": {"content": "X"}}
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE}

    refused(compat.post("/posts", {**body, "platform_content": own}), 400, "validation_error")
    assert not Post.objects.exists()


def test_an_article_on_x_is_refused(compat, x):
    settings = {"post_type": "article", "title": "A title"}
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE}

    answer = compat.post("/posts", {**body, "platform_content": {"x": {"settings": settings}}})

    refused(answer, 400, "post_creation_failed")
    assert not Post.objects.exists()


def test_a_cover_is_the_picture_of_a_video_where_the_network_takes_one(compat, ada):
    youtube = make_account(ada.workspace, "youtube")
    picture = make_media(ada.workspace, content_type="image/jpeg", width=1280, height=720)
    other = make_media(ada.workspace, content_type="image/jpeg", width=1280, height=720)
    facts = {"kind": "video", "content_type": "video/mp4", "duration_seconds": 9}
    video = make_media(ada.workspace, width=1920, height=1080, **facts)
    files = [str(video.pk), str(other.pk), str(picture.pk)]
    body = {"content": "Hi", "account_ids": [youtube.pk], "scheduled_for": FUTURE}

    cover = {"media_id": str(picture.pk)}
    made = create(compat, **body, media_ids=files, cover_photo=cover)

    post = Post.objects.get()
    assert post.platform_content["youtube"]["settings"] == {"useImageAsThumbnail": True}
    assert post.platform_content["pinterest"]["settings"] == {"useImageAsCover": True}
    # It named no network, so none is left out.
    assert "warnings" not in made["meta"]
    first = post.attachments.order_by("position").first()
    assert first.media_id == picture.pk


@cases(
    "cover",
    [
        {"media_id": str(uuid.UUID(int=1))},
        {"url": "https://a.example/b.jpg"},
        {"media_id": 5},
        {},
        "a",
        [],
    ],
)
def test_any_other_cover_is_refused(compat, x, cover):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE, "cover_photo": cover}

    assert compat.post("/posts", body).status_code == 400
    assert not Post.objects.exists()


# Files


def test_a_file_may_be_announced_without_its_size(compat, ada):
    content = png()
    body = {"filename": "a.png", "content_type": "image/png"}
    refused(ada.post("/media/upload", body), 400, "validation_error")

    made = compat.post("/media/upload", {**body, "file_size": None}).json()["data"]

    assert put(made, content, "image/png").status_code == 200
    data_of(compat.post(f"/media/{made['media_id']}/complete"))
    assert Media.objects.get().size_bytes == len(content)


def test_a_file_without_a_size_is_capped_by_its_type_and_the_quota(compat, ada, settings):
    settings.STORAGE_QUOTA_BYTES = 30 * 1024**2
    body = {"filename": "a.png", "content_type": "image/png"}
    made = compat.post("/media/upload", body).json()["data"]
    assert made["max_size"] == 20 * 1024**2

    refused(compat.post("/media/upload", body), 403, "storage_quota_exceeded")
    refused(put(made, b"a" * (20 * 1024**2 + 1), "image/png"), 413, "file_too_large")
    assert put(made, png(), "image/png").status_code == 200
    assert compat.post("/media/upload", body).status_code == 201


# Limits


def test_posts_of_this_mount_have_limits_of_their_own(compat, ada, x, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "posts": rate_windows.parse("1/min")}
    settings.COMPAT_RATE_LIMITS = {"posts": rate_windows.parse("3/min,5/h")}
    body = {"account_ids": [x.pk], "publish_now": True}

    for n in range(3):
        create(compat, **body, content=str(n))

    late = compat.post("/posts", {**body, "content": "late"})
    refused(late, 429, "rate_limit_exceeded")
    # What is for later is in no minute, and still in its hour.
    for n in range(2):
        create(compat, account_ids=[x.pk], content=f"later {n}", scheduled_for=FUTURE)
    scheduled = {"account_ids": [x.pk], "content": "later 3", "scheduled_for": FUTURE}
    error = refused(compat.post("/posts", scheduled), 429, "rate_limit_exceeded")
    assert error["details"]["window_seconds"] == 3600


def test_posts_for_later_leave_the_minute_to_others(compat, x, settings):
    settings.COMPAT_RATE_LIMITS = {"posts": rate_windows.parse("1/min,9/h")}
    for n in range(3):
        create(compat, account_ids=[x.pk], content=str(n), scheduled_for=FUTURE)

    create(compat, account_ids=[x.pk], content="now", publish_now=True)


def test_the_same_post_within_a_minute_is_one(compat, ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_for": FUTURE}

    first, again = create(compat, **body), create(compat, **body)

    assert first["data"] == again["data"]
    assert Post.objects.count() == 1
    ada.post("/posts", body)
    ada.post("/posts", body)
    assert Post.objects.count() == 3


def test_a_document_of_this_mount_describes_what_it_takes(client, db):
    found = client.get("/compat/api/v1/openapi.json").json()
    text = json.dumps(found["components"]["schemas"])

    assert "cover_photo" in text
    assert "useImageAsThumbnail" in text
