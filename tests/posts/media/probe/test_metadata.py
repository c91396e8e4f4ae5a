"""Published files show the picture, not where and with which device it was taken."""

import io
from random import Random

import pytest
from PIL import Image

from destinations.models import Destination
from platforms import sandbox
from platforms.drafts import Draft
from posts.media import inspection
from posts.media.convert import jobs
from posts.models import Media, Variant
from tests.destinations.run_command import run
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import data_of, upload
from tests.posts.factories import make_media, png
from tests.posts.media import photos, videos
from tests.posts.media.file_posts import come_due
from tests.posts.media.test_uploads import fetch, stored_files

KINDS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
NOTE = "a was sent without its metadata, such as place, device and time."


def uploaded(caller, content: bytes, kind: str) -> dict:
    return data_of(upload(caller, content, kind))


def served(url: str) -> bytes:
    answer = fetch(url)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def compose(ada, x, media_id: str, **fields) -> str:
    body = {"content": "Look", "account_ids": [x.pk], "media_ids": [media_id], **fields}
    return data_of(ada.post("/posts", body), 201)["post_id"]


def public_files(simulator) -> list[bytes]:
    """What the public sees of the newest post."""
    names = simulator.posts("x")[0]["media"]
    return [simulator.http.get(f"/files/{name}").content for name in names]


def test_published_and_linked_photos_have_no_metadata(ada, x, simulator):
    for kind in KINDS:
        with apart(kind):
            content = photos.photo(kind, 6)
            data = uploaded(ada, content, KINDS[kind])
            post = compose(ada, x, data["id"])

            run()

            (public,) = public_files(simulator)
            listed = ada.get("/media").json()["data"]["media"][0]["url"]
            in_post = ada.get(f"/posts/{post}").json()["data"]["media"][0]["url"]
            for seen in (
                public,
                *map(served, (data["url"], data["thumbnail_url"], listed, in_post)),
            ):
                assert photos.is_clean(seen)
            assert Image.open(io.BytesIO(public)).size == (320, 640)
            notes = ada.get(f"/posts/{post}/results").json()["meta"]["notes"]
            assert [note["note"] for note in notes] == [NOTE]


@pytest.mark.parametrize(("container", "kind"), [("mp4", "video/mp4"), ("mov", "video/quicktime")])
def test_published_and_linked_videos_have_no_metadata(ada, x, simulator, container, kind):
    data = uploaded(ada, photos.video(container, size=(640, 360)), kind)
    assert data["url"] is None
    compose(ada, x, data["id"])
    run()
    assert (Destination.objects.get().status, simulator.posts("x")) == ("queued", [])

    jobs.work("video")
    for _ in range(20):
        simulator.advance(30)
        come_due()
        run()
        if simulator.posts("x"):
            break

    (public,) = public_files(simulator)
    link = ada.get(f"/media/{data['id']}").json()["data"]["url"]
    assert photos.is_clean(public)
    assert photos.is_clean(served(link))
    # The extension decides the Content-Type that networks get.
    assert f".{container}?" in link
    assert Destination.objects.get().notes == [NOTE]


def test_the_original_is_kept_and_only_one_copy_is_made(ada, x, settings):
    content = photos.photo()
    data = uploaded(ada, content, "image/jpeg")
    compose(ada, x, data["id"])
    compose(ada, x, data["id"], scheduled_at="2099-01-01T00:00:00Z")
    run()

    media = Media.objects.get()
    assert (media.has_metadata, media.size_bytes) == (True, len(content))
    assert (settings.MEDIA_ROOT / media.storage_key).read_bytes() == content
    assert Variant.objects.get().storage_key == media.stripped_key
    # With its thumbnail.
    assert len(stored_files(settings)) == 3


def test_a_copy_is_deleted_with_its_file(ada, settings, django_capture_on_commit_callbacks):
    data = uploaded(ada, photos.photo(), "image/jpeg")

    with django_capture_on_commit_callbacks(execute=True):
        assert ada.delete(f"/media/{data['id']}").status_code == 200

    assert stored_files(settings) == []


@pytest.mark.parametrize(("content", "kind"), [(png(), "image/png"), (videos.make(), "video/mp4")])
def test_a_file_without_metadata_needs_no_copy_and_no_note(ada, x, content, kind):
    data = uploaded(ada, content, kind)
    post = compose(ada, x, data["id"], scheduled_at="2099-01-01T00:00:00Z")

    assert served(data["url"]) == content
    assert (Media.objects.get().has_metadata, Variant.objects.count()) == (False, 0)
    assert "notes" not in ada.get(f"/posts/{post}/results").json()["meta"]


def test_a_workspace_may_publish_metadata(ada, x, simulator, admin_client):
    page = f"/admin/posts/workspace/{ada.workspace.pk}/change/"
    form = {
        "name": "Acme",
        "missed_after_minutes": "",
        "keep_metadata": "on",
        "approval_mode": "none",
    }
    assert admin_client.post(page, form).status_code == 302
    content = photos.photo()

    data = uploaded(ada, content, "image/jpeg")
    compose(ada, x, data["id"])
    run()

    assert public_files(simulator) == [content]
    assert served(data["url"]) == content
    assert Variant.objects.count() == 0


def test_metadata_is_hidden_once_the_workspace_stops_publishing_it(ada):
    ada.workspace.keep_metadata = True
    ada.workspace.save()
    data = uploaded(ada, photos.photo(), "image/jpeg")
    ada.workspace.keep_metadata = False
    ada.workspace.save()

    path = f"/media/{data['id']}"
    assert ada.get(path).json()["data"]["url"] is None
    jobs.work("image")

    assert photos.is_clean(served(ada.get(path).json()["data"]["url"]))


def test_validation_notes_that_metadata_will_be_removed(ada, x):
    data = uploaded(ada, photos.photo(), "image/jpeg")
    body = {"content": "Look", "account_ids": [x.pk], "media_ids": [data["id"]]}

    answer = ada.post("/posts/validate", body).json()["data"]

    assert "a will be sent without its metadata, such as place, device and time." in str(answer)


def test_a_file_that_was_never_inspected_is_not_sent_as_it_is(ada, x, simulator):
    """It was stored by an earlier release."""
    media = make_media(ada.workspace, has_metadata=None)
    compose(ada, x, str(media.pk))
    run()
    assert simulator.posts("x") == []
    assert ada.get(f"/media/{media.pk}").json()["data"]["url"] is None

    jobs.work("image")
    come_due()
    run()

    assert len(public_files(simulator)) == 1
    assert ada.get(f"/media/{media.pk}").json()["data"]["url"]


@pytest.mark.usefixtures("real_sandbox")
def test_a_copy_that_needs_too_much_memory_is_left_to_a_worker(ada, monkeypatch):
    made = jobs.make
    monkeypatch.setattr(inspection, "slots", sandbox.SandboxSlots(2, patience_seconds=0))
    # The same at each run: random bytes may by chance spell one of the secrets.
    noise = Image.frombytes("L", (3000, 2000), Random(1).randbytes(6_000_000)).convert("RGB")
    content = photos.photo("JPEG", 6, picture=noise)

    def with_little(variant, limits):
        made(
            variant,
            sandbox.ResourceLimits(60, 60, 40_000_000) if limits == inspection.LIMITS else limits,
        )

    monkeypatch.setattr(jobs, "make", with_little)
    data = uploaded(ada, content, "image/jpeg")
    assert (data["status"], data["url"]) == ("ready", None)
    assert Variant.objects.get().status == "waiting"

    jobs.work("image")

    assert photos.is_clean(served(ada.get(f"/media/{data['id']}").json()["data"]["url"]))


def test_a_photo_whose_metadata_cannot_be_removed_is_not_sent(ada, x, simulator):
    media = make_media(ada.workspace, has_metadata=True)
    (Media.objects.filter(pk=media.pk)).update(content_type="image/jpeg")
    compose(ada, x, str(media.pk))
    jobs.work("image")

    run()

    row = Destination.objects.get()
    assert (row.status, row.error_code) == ("failed", "media_rejected")
    assert "its metadata cannot be removed" in row.error
    assert simulator.posts("x") == []


def test_a_converted_photo_has_no_metadata_either(ada, simulator):
    token = simulator.connect("instagram", "88", username="acme")
    instagram = make_account(
        ada.workspace, "instagram", token=token, platform_account_id="88", username="acme"
    )
    data = uploaded(ada, photos.photo("PNG", 6), "image/png")
    compose(ada, instagram, data["id"], scheduled_at="2099-01-01T00:00:00Z")
    (item,) = Draft.from_json(Destination.objects.get().draft).media
    assert item.form.content_type == "image/jpeg"

    jobs.work("image")

    made = Variant.objects.get(facts__media__content_type="image/jpeg")
    path = jobs.default_storage.path(made.storage_key)
    with open(path, "rb") as file:  # noqa: PTH123
        assert photos.is_clean(file.read())
