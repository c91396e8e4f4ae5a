from datetime import UTC, datetime

import pytest

from destinations.models import Destination, Event
from platforms.drafts import Draft
from posts.models import Post, PostMedia
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import refused
from tests.posts.factories import make_media

FUTURE = "2099-03-15T14:00:00Z"


@pytest.fixture
def x(ada):
    return make_account(ada.workspace, "x")


def stored() -> tuple[int, int, int, int]:
    models = (Post, Destination, Event, PostMedia)
    return tuple(model.objects.count() for model in models)


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
    assert stored() == (0, 0, 0, 0)


def test_no_body_at_all_is_refused(ada, x):
    answer = ada.post("/posts", data=b"", content_type="application/json")

    refused(answer, 400, "validation_error")
    assert stored() == (0, 0, 0, 0)


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
