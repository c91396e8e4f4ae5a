import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts.models import Post, PostMedia
from tests.factories import make_account
from tests.posts.conftest import make_media, refused

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


def stored() -> tuple[int, int, int, int]:
    models = (Post, Destination, Event, PostMedia)
    return tuple(model.objects.count() for model in models)


def test_a_scheduled_post_answers_with_exactly_the_five_fields(ada, x):
    linkedin = make_account(ada.workspace, "linkedin")

    response = ada.post(
        "/posts",
        {"content": "Hi", "account_ids": [linkedin.pk, x.pk], "scheduled_at": FUTURE},
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
    assert re.fullmatch(r"post_[a-z0-9]+", post.public_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["meta"]["timestamp"])
    assert re.fullmatch(r"req_[a-z0-9]+", body["meta"]["request_id"])


def test_each_destination_is_frozen_and_remembers_who_made_it(ada, x):
    media = make_media(ada.workspace)

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


def test_a_post_without_a_time_publishes_at_once(ada, x, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        response = ada.post("/posts", {"content": "Hi", "account_ids": [x.pk]})

    data = response.json()["data"]
    assert (data["status"], data["scheduled_for"]) == ("publishing", None)
    assert data["message"] == "Post publishing to 1 account"
    assert len(callbacks) == 1
    assert Destination.objects.get().due_at <= timezone.now()


def test_two_different_times_are_refused(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}

    refused(ada.post("/posts", {**body, "scheduled_for": None}), 400, "validation_error")
    refused(
        ada.post("/posts", {**body, "scheduled_for": "2099-01-01T00:00:00Z"}),
        400,
        "validation_error",
    )
    assert stored() == (0, 0, 0, 0)
    assert ada.post("/posts", {**body, "scheduled_for": FUTURE}).status_code == 201


@pytest.mark.parametrize(
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
        "use_queue",
        "media",
        "mediaId",
        "",
    ],
)
def test_an_unknown_field_never_publishes(ada, x, name):
    body = {"content": "Hi", "account_ids": [x.pk], name: FUTURE}

    error = refused(ada.post("/posts", body), 400, "invalid_field_name")

    assert error["details"] == {"field": name}
    assert stored() == (0, 0, 0, 0)


def test_media_words_are_told_the_right_one(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "attachments": []}

    assert "media_ids" in refused(ada.post("/posts", body), 400, "invalid_field_name")["message"]


def test_a_time_given_twice_never_publishes(ada, x):
    raw = f'{{"content": "Hi", "account_ids": [{x.pk}], "scheduled_at": "{FUTURE}"'
    raw += ', "scheduled_at": null}'

    response = ada.post("/posts", data=raw, content_type="application/json")

    refused(response, 400, "validation_error")
    assert stored() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("when", "zone", "instant"),
    [
        ("2099-03-15T14:00:00Z", "America/New_York", "2099-03-15T14:00:00Z"),
        ("2099-03-15T14:00:00+02:00", "America/New_York", "2099-03-15T12:00:00Z"),
        ("2099-01-15T14:00:00", "America/New_York", "2099-01-15T19:00:00Z"),
        ("2099-01-15T14:00", None, "2099-01-15T14:00:00Z"),
        ("2099-01-15 14:00:00.123456789z", None, "2099-01-15T14:00:00Z"),
        # Clocks go back on 2036-11-02 at 02:00: of two instants, the first.
        ("2036-11-02T01:30:00", "America/New_York", "2036-11-02T05:30:00Z"),
        ("9999-01-01T00:00:00Z", None, "9999-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_read_in_its_offset_or_zone(ada, x, when, zone, instant):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": when}

    response = ada.post("/posts", body | ({"timezone": zone} if zone else {}))

    assert response.json()["data"]["scheduled_for"] == instant
    assert Post.objects.get().timezone == (zone or "UTC")


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("2036-03-09T02:30:00", "validation_error"),  # clocks skip it in New York
        ("2099-03-15", "validation_error"),
        ("2099-02-30T00:00:00Z", "validation_error"),
        ("2099-03-15T24:00:01Z", "validation_error"),
        ("2099-W01-1T00:00", "validation_error"),
        ("20990315T140000Z", "validation_error"),
        ("2099-03-15T14:00:00+99:00", "validation_error"),
        ("9999-12-31T23:59:59-12:00", "validation_error"),
        ("0001-01-01T00:00:00", "past_schedule_time"),
        ("tomorrow", "validation_error"),
        ("", "validation_error"),
        ("٢٠٩٩-03-15T14:00:00Z", "validation_error"),
        (4076503200, "validation_error"),
        (True, "validation_error"),
        (["2099-03-15T14:00:00Z"], "validation_error"),
        ({}, "validation_error"),
        ("2020-01-01T00:00:00Z", "past_schedule_time"),
    ],
)
def test_a_time_that_is_none_never_publishes(ada, x, when, code):
    body = {
        "content": "Hi",
        "account_ids": [x.pk],
        "scheduled_at": when,
        "timezone": "America/New_York",
    }

    refused(ada.post("/posts", body), 400, code)

    assert stored() == (0, 0, 0, 0)


def test_now_is_already_past(ada, x):
    now = (timezone.now() - timedelta(milliseconds=1)).isoformat()
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": now}

    refused(ada.post("/posts", body), 400, "past_schedule_time")


@pytest.mark.parametrize("zone", ["Mars/Base", "EST5", "utc ", "../etc/passwd", "localtime"])
def test_a_zone_must_be_an_iana_name(ada, x, zone):
    body = {"content": "Hi", "account_ids": [x.pk], "timezone": zone}

    refused(ada.post("/posts", body), 400, "invalid_timezone")

    assert stored() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"content": ""},
        {"content": " \n"},
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
        {"media_ids": None},
        {"timezone": 5},
        {"timezone": None},
    ],
)
def test_nothing_is_coerced(ada, x, change):
    body = {"content": "Hi", "account_ids": [x.pk], **change}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert error["details"]["validation_errors"] or change["content"] in ("a\x00b", "\ud800")
    assert stored() == (0, 0, 0, 0)


@pytest.mark.parametrize("missing", ["content", "account_ids"])
def test_required_fields_are_named(ada, x, missing):
    body = {"content": "Hi", "account_ids": [x.pk]}
    del body[missing]

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == missing


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "validation_error"),
        (b"null", 400, "validation_error"),
        (b"[]", 400, "validation_error"),
        (b'"text"', 400, "validation_error"),
        (b"{", 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b'{"content": NaN}', 400, "invalid_json"),
        (b"[" * 200_000, 400, "invalid_json"),
        (b"[" * 50 + b"]" * 50, 400, "validation_error"),
        (b'{"a": ' + b"9" * 10_000 + b"}", 400, "invalid_json"),
        (b'{"content": "' + b"a" * 10_000_000 + b'"}', 413, "file_too_large"),
        (b'{"\\ud800": 1}', 400, "validation_error"),
        (b'{"\\u0000": 1}', 400, "validation_error"),
    ],
)
def test_a_hostile_body_gets_a_clean_answer(ada, x, raw, status, code):
    refused(ada.post("/posts", data=raw, content_type="application/json"), status, code)

    assert stored() == (0, 0, 0, 0)


def test_another_content_type_is_refused(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk]}

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        response = ada.post("/posts", data=json.dumps(body), content_type=kind)
        refused(response, 415, "unsupported_media_type")
    assert stored() == (0, 0, 0, 0)


def test_an_account_is_posted_to_once_and_may_be_named_by_digits(ada, x):
    other = make_account(ada.workspace, "linkedin")
    ids = [other.pk, str(x.pk), x.pk, other.pk]

    response = ada.post("/posts", {"content": "Hi", "account_ids": ids, "scheduled_at": FUTURE})

    assert response.json()["data"]["accounts_count"] == 2
    rows = Destination.objects.order_by("position")
    assert [row.account_number for row in rows] == [other.pk, x.pk]


def test_unknown_and_foreign_accounts_look_the_same(ada, cy, x):
    foreign = make_account(cy.workspace).pk
    ids = [x.pk, foreign, 10**30, -1, 0]

    error = refused(
        ada.post("/posts", {"content": "Hi", "account_ids": ids}), 400, "invalid_accounts"
    )

    assert error["details"] == {"account_ids": [foreign, 10**30, -1, 0]}
    assert stored() == (0, 0, 0, 0)


def test_media_must_be_ready_and_ours(ada, cy, x):
    ids = [
        make_media(ada.workspace, status="uploading").pk,
        make_media(cy.workspace).pk,
        make_media(ada.workspace, status="failed").pk,
    ]
    ids = [str(key) for key in ids]
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ids}

    error = refused(ada.post("/posts", body), 400, "invalid_media")

    assert error["details"] == {"media_ids": ids}
    assert stored() == (0, 0, 0, 0)


def test_media_keep_their_order_and_come_once(ada, x):
    first, second = make_media(ada.workspace), make_media(ada.workspace)
    ids = [str(second.pk), str(first.pk), str(second.pk)]
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ids, "scheduled_at": FUTURE}

    ada.post("/posts", body)

    attached = PostMedia.objects.order_by("position").values_list("media", flat=True)
    assert list(attached) == [second.pk, first.pk]


def test_text_too_long_for_one_platform_is_refused_for_all(ada, x):
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
    assert stored() == (0, 0, 0, 0)


def test_text_is_counted_after_normalization_and_kept_as_written(ada, x):
    content = unicodedata.normalize("NFD", "é" * 280)
    body = {"content": content, "account_ids": [x.pk], "scheduled_at": FUTURE}

    assert ada.post("/posts", body).status_code == 201
    assert Post.objects.get().content == content


def test_a_document_is_refused_where_the_network_has_none(ada, x):
    pdf = make_media(ada.workspace, kind="document", content_type="application/pdf")
    body = {"content": "Hi", "media_ids": [str(pdf.pk)], "scheduled_at": FUTURE}

    error = refused(
        ada.post("/posts", {**body, "account_ids": [x.pk]}), 400, "post_creation_failed"
    )

    problems = error["details"]["validation_errors"]
    assert [(p["account_id"], p["platform"]) for p in problems] == [(x.pk, "x")]
    assert stored() == (0, 0, 0, 0)


def test_of_pictures_and_a_film_each_network_gets_the_kind_it_takes(ada, x):
    youtube = make_account(ada.workspace, "youtube")
    image = make_media(ada.workspace, kind="image", content_type="image/jpeg")
    video = make_media(ada.workspace, kind="video", content_type="video/mp4")
    body = {"content": "Hi", "media_ids": [str(image.pk), str(video.pk)], "scheduled_at": FUTURE}

    assert ada.post("/posts", {**body, "account_ids": [x.pk, youtube.pk]}).status_code == 201

    sent = {
        d.platform: [item["kind"] for item in d.draft["media"]] for d in Destination.objects.all()
    }
    assert sent == {"x": ["image"], "youtube": ["video"]}


def test_bo_composes_in_the_same_workspace_and_cy_does_not(ada, bo, cy, x):
    body = {"content": "Hi", "account_ids": [x.pk], "scheduled_at": FUTURE}

    refused(cy.post("/posts", body), 400, "invalid_accounts")
    assert stored() == (0, 0, 0, 0)
    assert bo.post("/posts", body).status_code == 201
    assert Post.objects.get().workspace == ada.workspace
