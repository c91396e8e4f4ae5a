"""Posts whose file was deleted by force cannot change until their files are set again."""

import pytest

from destinations.models import Destination
from posts.models import Media, Post
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.factories import make_media
from tests.posts.media.test_delete import SOON, compose, force, keep, run


def rows() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Post, Destination)]


def refused_for_want_of(response, *media: Media) -> None:
    error = refused(response, 400, "invalid_media")
    names = ", ".join(sorted(item.filename for item in media))
    assert error["message"] == (
        f"Files of this post were deleted: {names}. Change the post and pass media_ids, the files "
        "that it should have now; [] means none."
    )
    assert error["details"] == {"media_ids": sorted(str(item.pk) for item in media)}


def test_an_edit_keeps_the_record_of_a_deleted_file(ada, x, media, simulator):
    for change in (
        {"content": "New"},
        {"scheduled_at": "2099-02-02T00:00:00Z"},
        {"timezone": "Asia/Tokyo"},
        {"platform_content": {}},
        {"alt_texts": {}},
        {"account_ids": ["again"]},
    ):
        with apart(change):
            post = compose(ada, x, media)
            assert force(ada, media).status_code == 200
            before = rows()

            body = {"account_ids": [x.pk]} if "account_ids" in change else change
            refused_for_want_of(ada.patch(f"/posts/{post}", body), media)

            assert rows() == before
            run()
            [result] = ada.get(f"/posts/{post}/results").json()["data"]
            assert (result["status"], result["error"]) == ("failed", "a.png was deleted.")
            assert simulator.posts() == []


@pytest.mark.parametrize("has_accounts", [True, False])
@pytest.mark.parametrize("when", [{"publish_now": True}, {"scheduled_for": SOON}])
def test_a_draft_with_a_deleted_file_cannot_be_scheduled(ada, x, media, has_accounts, when):
    gone = make_media(ada.workspace, filename="b.png")
    accounts = [x.pk] if has_accounts else []
    post = keep(ada, media, gone, make_media(ada.workspace), account_ids=accounts)
    assert force(ada, media).status_code == force(ada, gone).status_code == 200
    before = rows()

    response = ada.post(f"/posts/{post}/schedule", {**when, "account_ids": [x.pk]})

    refused_for_want_of(response, media, gone)
    assert rows() == before


def test_a_draft_with_a_deleted_file_gets_no_accounts_before_its_files_are_set(ada, x, media):
    post = keep(ada, media)
    assert force(ada, media).status_code == 200

    refused_for_want_of(ada.patch(f"/posts/{post}", {"account_ids": [x.pk]}), media)

    assert Destination.objects.count() == 0


def test_a_post_that_is_set_to_no_files_is_published_without(ada, x, media, simulator):
    post = keep(ada, media, account_ids=[x.pk])
    assert force(ada, media).status_code == 200

    assert ada.patch(f"/posts/{post}", {"media_ids": []}).status_code == 200
    assert ada.patch(f"/posts/{post}", {"content": "No picture"}).status_code == 200
    assert ada.post(f"/posts/{post}/schedule", {"publish_now": True}).status_code == 200
    run()

    [result] = ada.get(f"/posts/{post}/results").json()["data"]
    assert (result["status"], result["error"]) == ("published", None)
    assert len(simulator.posts()) == 1


def test_a_post_with_a_deleted_file_can_be_deleted(ada, x, media):
    post = compose(ada, x, media)
    assert force(ada, media).status_code == 200

    assert ada.delete(f"/posts/{post}").status_code == 200
