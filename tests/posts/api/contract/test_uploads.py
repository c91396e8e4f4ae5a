"""Asking for a URL and sending the bytes to it: POST /media/upload, PUT upload_url, the limits."""

from datetime import UTC, datetime

import time_machine

from posts.models import Media
from tests.posts.api.cases import cases
from tests.posts.conftest import announce, put, refused
from tests.posts.factories import png
from tests.posts.media.test_uploads import PDF, stored_files, video

MB = 1024 * 1024
ASKED = {"filename": "a.png", "content_type": "image/png", "size": 5}


def test_post_media_upload_answers_where_to_send_the_bytes(ada):
    data = announce(ada, b"x" * 10, "image/png", platforms=["x"], width=1, duration=1.5)

    media = Media.objects.get()
    assert data.pop("upload_url").startswith("http://127.0.0.1:8000/uploads/")
    assert data == {
        "media_id": str(media.pk),
        "media_ids": [str(media.pk)],
        "next_step": f"PUT the bytes to upload_url, then POST /media/{media.pk}/complete.",
        "upload_method": {"method": "PUT", "content_type": "image/png", "field_name": None},
        "provider": "local",
        "protocol": "http",
        "expires_in": 900,
        "max_size": 20971520,
    }
    assert (media.status, media.width) == ("uploading", None)


def test_file_size_is_accepted_instead_of_size(ada):
    body = {"filename": "a.png", "content_type": "image/png", "file_size": 5}

    assert ada.post("/media/upload", body).status_code == 201
    assert Media.objects.get().size_bytes == 5


def test_put_upload_url_takes_what_was_announced_until_it_expires(ada, settings):
    content = png()
    data = announce(ada, content, "image/png")

    response = put(data, content, "image/jpeg")
    refused(response, 415, "unsupported_media_type")
    refused(put(data, content + b"x", "image/png"), 413, "file_too_large")
    refused(put(data, b"", "image/png", CONTENT_TYPE="image/png"), 400, "validation_error")
    forged = {"upload_url": data["upload_url"][:-1] + "_"}
    refused(put(forged, content, "image/png"), 404, "not_found")
    with time_machine.travel(datetime(2099, 1, 1, tzinfo=UTC)):
        refused(put(data, content, "image/png"), 404, "not_found")
    assert stored_files(settings) == []
    assert put(data, content, "image/png; charset=x").status_code == 200


@cases("name", ["filename", "content_type", "size"])
def test_post_media_upload_requires_filename_content_type_and_size(ada, name):
    body = {field: value for field, value in ASKED.items() if field != name}

    error = refused(ada.post("/media/upload", body), 400, "validation_error")

    assert [each["field"] for each in error["details"]["validation_errors"]] == [name]
    assert Media.objects.count() == 0


def test_put_upload_url_may_be_repeated_until_it_is_complete(ada):
    data = announce(ada, png(), "image/png")

    assert [put(data, png(), "image/png").status_code for _ in range(3)] == [200] * 3
    done = ada.post(f"/media/{data['media_id']}/complete").json()["data"]
    assert (done["status"], done["size"]) == ("ready", len(png()))


@cases(
    ("content", "kind"), [(png(), "image/png"), (video(), "video/mp4"), (PDF, "application/pdf")]
)
def test_put_is_the_method_for_all_types_and_needs_no_key(ada, content, kind):
    data = announce(ada, content, kind)

    assert data["upload_method"] == {"method": "PUT", "content_type": kind, "field_name": None}
    assert put(data, content, kind).status_code == 200
    refused(
        ada.client.post(data["upload_url"], content, content_type=kind), 405, "method_not_allowed"
    )


@cases(
    ("kind", "most"),
    [
        ("image/jpeg", 20 * MB),
        ("image/png", 20 * MB),
        ("image/gif", 20 * MB),
        ("image/webp", 20 * MB),
        ("video/mp4", 500 * MB),
        ("video/quicktime", 500 * MB),
        ("application/pdf", 20 * MB),
    ],
)
def test_limits_cap_each_type_at_its_size(ada, kind, most):
    body = {**ASKED, "content_type": kind, "size": most}

    error = refused(ada.post("/media/upload", {**body, "size": most + 1}), 413, "file_too_large")

    assert error["details"] == {"max_size": most}
    assert error["message"].startswith(("An image has at", "A video has at", "A document has at"))
    assert Media.objects.count() == 0
    answer = ada.post("/media/upload", body)
    assert (answer.status_code, answer.json()["data"]["max_size"]) == (201, most)


@cases("kind", ["image/heic", "image/heif", "image/tiff", "video/webm"])
def test_types_that_are_not_listed_are_refused(ada, kind):
    error = refused(
        ada.post("/media/upload", {**ASKED, "content_type": kind}), 400, "validation_error"
    )

    assert error["details"]["validation_errors"][0]["field"] == "content_type"
    assert Media.objects.count() == 0
