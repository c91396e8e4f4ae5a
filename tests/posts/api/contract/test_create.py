"""POST /posts, row by row; its time: test_create_time."""

import unicodedata
from datetime import UTC, datetime

from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts.models import Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.contract.conftest import is_nothing_made
from tests.posts.api.contract.sample_posts import IMAGE, post
from tests.posts.conftest import refused
from tests.posts.factories import FUTURE, make_media


def test_create_answers_201_with_exactly_five_fields(ada, x):
    linkedin = make_account(ada.workspace, "linkedin")

    response = ada.post(
        "/posts", {"content": "Hi", "account_ids": [linkedin.pk, x.pk], "scheduled_at": FUTURE}
    )

    assert response.status_code == 201
    body = response.json()
    post = Post.objects.get()
    assert set(body) == {"data", "meta"}
    assert body["data"] == {
        "post_id": post.public_id,
        "status": "scheduled",
        "scheduled_for": FUTURE,
        "accounts_count": 2,
        "message": "Post scheduled for 2 accounts",
    }


@cases("missing", ["content", "account_ids"])
def test_content_and_account_ids_are_required(ada, x, missing):
    body = {"content": "Hi", "account_ids": [x.pk]}
    del body[missing]

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == missing


@cases(
    "change",
    [
        {"content": ""},
        {"content": " \n"},
        {"content": "\u200b\u2060\ufeff"},
        {"content": "\u00ad \u3164"},
        {"content": None},
        {"content": 5},
        {"content": True},
        {"content": ["Hi"]},
        {"content": "a\x00b"},
        {"content": "\ud800"},
        {"account_ids": []},
        {"account_ids": None},
        {"account_ids": "1"},
        {"account_ids": {"1": 1}},
        {"account_ids": [True]},
        {"account_ids": [1.0]},
        {"account_ids": ["one"]},
        {"account_ids": ["٣"]},
        {"account_ids": [[1]]},
        {"account_ids": [None]},
        {"account_ids": list(range(501))},
        {"media_ids": "true"},
        {"media_ids": [5]},
        {"media_ids": ["not-a-uuid"]},
        {"timezone": 5},
    ],
)
def test_each_field_has_its_type_and_nothing_is_coerced(ada, x, change):
    body = {"content": "Hi", "account_ids": [x.pk], **change}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert error["details"]["validation_errors"] or change["content"] in ("a\x00b", "\ud800")
    assert is_nothing_made()


@cases(("platform", "most"), [("x", 280), ("instagram", 2200)])
def test_content_has_the_platforms_character_limit(ada, body, platform, most):
    account = make_account(ada.workspace, platform)
    body = {**body, "account_ids": [account.pk]}

    error = refused(
        ada.post("/posts", {**body, "content": "a" * (most + 1)}), 400, "content_too_long"
    )

    [problem] = error["details"]["validation_errors"]
    assert (problem["platform"], problem["limit"], problem["length"]) == (platform, most, most + 1)
    assert is_nothing_made()
    assert post(ada, platform, IMAGE, content="a" * most).status_code == 201


def test_content_too_long_names_every_platform_and_refuses_the_whole_post(ada, x):
    facebook = make_account(ada.workspace, "facebook")
    threads = make_account(ada.workspace, "threads")
    ids = [facebook.pk, x.pk, threads.pk]

    error = refused(
        ada.post("/posts", {"content": "a" * 501, "account_ids": ids}), 400, "content_too_long"
    )

    problems = error["details"]["validation_errors"]
    assert [(p["platform"], p["limit"], p["length"]) for p in problems] == [
        ("threads", 500, 501),
        ("x", 280, 501),
    ]
    assert is_nothing_made()


def test_content_is_counted_after_normalization_and_kept_as_written(ada, x):
    content = unicodedata.normalize("NFD", "é" * 280)
    body = {"content": content, "account_ids": [x.pk], "scheduled_at": FUTURE}

    assert ada.post("/posts", body).status_code == 201
    assert Post.objects.get().content == content


def test_account_ids_count_once_in_their_first_order_and_may_be_digits(ada, x):
    other = make_account(ada.workspace, "linkedin")
    ids = [other.pk, str(x.pk), x.pk, other.pk]

    response = ada.post("/posts", {"content": "Hi", "account_ids": ids, "scheduled_at": FUTURE})

    assert response.json()["data"]["accounts_count"] == 2
    rows = ada.get(f"/posts/{response.json()['data']['post_id']}").json()["data"]["destinations"]
    assert [row["account_id"] for row in rows] == [other.pk, x.pk]


def test_account_ids_unknown_and_foreign_are_listed_alike(ada, cy, x):
    foreign = make_account(cy.workspace).pk
    ids = [x.pk, foreign, 10**30, -1, 0]

    error = refused(
        ada.post("/posts", {"content": "Hi", "account_ids": ids}), 400, "invalid_accounts"
    )

    assert error["details"] == {"account_ids": [foreign, 10**30, -1, 0]}
    assert is_nothing_made()


def test_account_ids_are_the_organizations_and_any_of_its_keys_may_use_them(ada, bo, cy, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}

    refused(cy.post("/posts", body), 400, "invalid_accounts")
    assert is_nothing_made()
    assert bo.post("/posts", body).status_code == 201
    assert Post.objects.get().workspace == ada.workspace


@cases(
    ("kind", "content_type", "platform"),
    [
        ("image", "image/png", "x"),
        ("video", "video/mp4", "x"),
        ("document", "application/pdf", "linkedin"),
    ],
)
def test_media_ids_are_of_images_videos_or_documents(ada, kind, content_type, platform):
    media = make_media(ada.workspace, kind=kind, content_type=content_type)
    account = make_account(ada.workspace, platform)
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE}

    data = ada.post("/posts", {**body, "media_ids": [str(media.pk)]}).json()["data"]

    [file] = ada.get(f"/posts/{data['post_id']}").json()["data"]["media"]
    assert (file["id"], file["type"]) == (str(media.pk), kind)


def test_media_ids_must_be_ready_and_ours(ada, cy, x):
    ids = [
        make_media(ada.workspace, status="uploading").pk,
        make_media(cy.workspace).pk,
        make_media(ada.workspace, status="failed").pk,
    ]
    ids = [str(key) for key in ids]
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ids}

    error = refused(ada.post("/posts", body), 400, "invalid_media")

    assert error["details"] == {"media_ids": ids}
    assert is_nothing_made()


def test_media_ids_keep_their_order_and_come_once(ada, x):
    first, second = make_media(ada.workspace), make_media(ada.workspace)
    ids = [str(second.pk), str(first.pk), str(second.pk)]
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ids, "scheduled_at": FUTURE}

    data = ada.post("/posts", body).json()["data"]

    media = ada.get(f"/posts/{data['post_id']}").json()["data"]["media"]
    assert [item["id"] for item in media] == ids[:2]


def test_each_destination_is_frozen_and_remembers_who_made_it(ada, media, x):
    response = ada.post(
        "/posts",
        {
            "content": "Hi",
            "account_ids": [x.pk],
            "media_ids": [str(media.pk)],
            "scheduled_at": FUTURE,
        },
    )

    row = Destination.objects.get()
    draft = Draft.from_json(row.draft)
    when = datetime(2099, 3, 15, 14, tzinfo=UTC)
    assert (draft.text, draft.media[0].key) == ("Hi", media.storage_key)
    assert (row.status, row.due_at, row.wanted_at, row.claim) == ("queued", when, when, None)
    assert (row.account_number, row.account_name, row.queue) == (x.pk, x.name, "publish.x")
    event = Event.objects.get()
    assert (event.move, event.from_status, event.to_status) == ("compose", "", "queued")
    assert event.by == f"key:{ada.key.prefix}"
    assert event.request_id == response.json()["meta"]["request_id"]


@cases(
    "name",
    [
        "scheduledAt",
        "scheduled_At",
        "schedule_at",
        "scheduled_time",
        "publish_at",
        " scheduled_at",
        "scheduled_at ",
        "when",
        "time",
        "media",
        "mediaId",
        "",
    ],
)
def test_an_unknown_field_never_publishes(ada, x, name):
    body = {"content": "Hi", "account_ids": [x.pk], name: FUTURE}

    error = refused(ada.post("/posts", body), 400, "invalid_field_name")

    assert error["details"] == {"field": name}
    assert is_nothing_made()


def test_no_body_at_all_is_refused(ada, x):
    answer = ada.post("/posts", data=b"", content_type="application/json")

    refused(answer, 400, "validation_error")
    assert is_nothing_made()


def test_of_pictures_and_a_video_each_network_gets_the_kind_it_takes(ada, x):
    youtube = make_account(ada.workspace, "youtube")
    image = make_media(ada.workspace, kind="image", content_type="image/jpeg")
    video = make_media(ada.workspace, kind="video", content_type="video/mp4")
    body = {"content": "Hi", "media_ids": [str(image.pk), str(video.pk)], "scheduled_at": FUTURE}

    assert ada.post("/posts", {**body, "account_ids": [x.pk, youtube.pk]}).status_code == 201

    sent = {
        d.platform: [item["kind"] for item in d.draft["media"]] for d in Destination.objects.all()
    }
    assert sent == {"x": ["image"], "youtube": ["video"]}
