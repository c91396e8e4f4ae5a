"""What webhooks are told of files."""

import pytest

from posts.media import delete
from tests.posts.conftest import announce, put, upload
from tests.posts.factories import make_media, png
from tests.posts.features.webhooks.webhook_factories import make_webhook, told


@pytest.fixture(autouse=True)
def _webhook(ada):
    make_webhook(ada.workspace)


def test_a_file_is_told_once_when_it_is_ready(ada):
    made = announce(ada, png(), "image/png", filename="loft.png")
    put(made, png(), "image/png")
    assert told(ada.workspace) == []

    for _ in range(2):
        assert ada.post(f"/media/{made['media_id']}/complete").status_code == 200

    data = {
        "media_id": made["media_id"],
        "type": "image",
        "filename": "loft.png",
        "size": len(png()),
    }
    assert told(ada.workspace) == [("media.uploaded", data)]


def test_a_file_that_cannot_be_read_is_not_told(ada):
    made = announce(ada, b"no picture", "image/png")
    put(made, b"no picture", "image/png")

    assert ada.post(f"/media/{made['media_id']}/complete").status_code == 400

    assert told(ada.workspace) == []


def test_an_imported_file_is_told_too(ada, stranger, fetcher):
    url = stranger.gives("/loft.png", png())

    answer = ada.post("/media/upload-from-url", {"url": url})

    made = answer.json()["data"]
    [(event, data)] = told(ada.workspace)
    assert event == "media.uploaded"
    assert (data["media_id"], data["type"], data["size"]) == (made["media_id"], "image", len(png()))
    assert data["filename"] == made["filename"]


def test_a_deleted_file_is_told(ada):
    media = make_media(ada.workspace)

    ada.delete(f"/media/{media.pk}")

    [(event, data)] = told(ada.workspace)
    assert (event, data["media_id"], data["filename"]) == (
        "media.deleted",
        str(media.pk),
        media.filename,
    )


def test_the_clean_up_of_files_that_never_became_ready_is_not_told(ada):
    make_media(ada.workspace, status="failed", storage_key="")

    delete.clean()

    assert told(ada.workspace) == []


def test_a_refused_deletion_is_not_told(ada, cy):
    media = make_media(ada.workspace)

    assert cy.delete(f"/media/{media.pk}").status_code == 404

    assert told(ada.workspace) == []
    upload(cy, png(), "image/png")
    assert told(ada.workspace) == told(cy.workspace) == []
