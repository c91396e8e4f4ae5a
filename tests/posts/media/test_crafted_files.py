"""Crafted files cost at most two seconds and get a clear answer."""

import threading

import pytest

from platforms import sandbox
from posts.media import inspection
from posts.media.probe.facts import UnreadableFile
from posts.models import Media
from tests.posts.at_once import at_once
from tests.posts.cases import named
from tests.posts.conftest import announce, put, refused, upload
from tests.posts.factories import png
from tests.posts.media import crafted, videos
from tests.posts.media.measuring import CPU_SECONDS, MEMORY_BYTES, measured

TOO_LONG = "The file takes more than 2 seconds to read."


def costs_little(taken, message) -> None:
    # What is dear to decode is read by a fast machine, and takes a slow one too long.
    assert taken.get("unreadable") in ((message,) if message else (None, TOO_LONG))
    assert taken["cpu_seconds"] <= CPU_SECONDS
    assert taken["memory_bytes"] <= MEMORY_BYTES


def test_a_crafted_file_costs_at_most_two_seconds_and_300_mb(tmp_path):
    make, kind, message = crafted.WORST["2 MB of object streams"]

    costs_little(measured(tmp_path, make(), kind), message)


def test_crafted_files_are_refused_by_name_before_a_decoder_meets_them(tmp_path):
    for name, (make, kind, message) in crafted.WORST.items():
        if message:
            path = tmp_path / "file"
            path.write_bytes(make())
            with named(name), pytest.raises(UnreadableFile) as refused_file:
                inspection.inspect(path, kind)
            assert str(refused_file.value) == message, name


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        *crafted.WORST.values(),
        (lambda: crafted.huge_picture("RGB"), "image/png", None),
        (lambda: videos.picture(4032, 3024, "WEBP"), "image/webp", None),
        (
            lambda: videos.claiming_samples(videos.make(), 170_000_000),
            "video/mp4",
            "The file is not a whole MP4 or MOV video.",
        ),
    ],
    ids=[*crafted.WORST, "opaque", "12 megapixels as WebP", "index without end"],
)
def test_every_crafted_file_costs_at_most_two_seconds_and_300_mb(tmp_path, make, kind, message):
    costs_little(measured(tmp_path, make(), kind), message)


@pytest.mark.parametrize(
    ("make", "kind", "frames"),
    [
        (lambda: videos.picture(1000, 800, progressive=True), "image/jpeg", 1),
        (lambda: videos.animation(250), "image/gif", 250),
        (lambda: videos.animation(250, "WEBP"), "image/webp", 250),
    ],
)
def test_ordinary_files_are_read(tmp_path, make, kind, frames):
    assert measured(tmp_path, make(), kind)["frames"] == frames


@pytest.mark.usefixtures("real_sandbox")
def test_a_file_that_takes_too_long_fails_with_a_reason(ada, monkeypatch):
    monkeypatch.setattr(inspection, "LIMITS", sandbox.ResourceLimits(60, 1, 10**9))
    content = crafted.lost_objects(9_500_000)

    error = refused(upload(ada, content, "application/pdf"), 400, "invalid_media")

    message = "The file takes more than 1 seconds to read."
    assert error["message"] == message
    media = Media.objects.get()
    assert (media.status, media.error, media.broken_count) == ("failed", message, 0)


@pytest.mark.usefixtures("real_sandbox")
def test_a_file_that_takes_too_much_memory_fails_with_a_reason(ada, monkeypatch):
    monkeypatch.setattr(inspection, "LIMITS", sandbox.ResourceLimits(60, 60, 100_000_000))

    content = crafted.huge_picture("RGB")

    error = refused(upload(ada, content, "image/png"), 400, "invalid_media")

    assert error["message"] == "The file takes more than 100 MB of memory to read."


def test_a_request_without_a_free_slot_is_told_when_to_retry(ada, monkeypatch):
    monkeypatch.setattr(inspection, "slots", sandbox.SandboxSlots(1, patience_seconds=0))
    content = png()
    data = announce(ada, content, "image/png")
    put(data, content, "image/png")
    complete = f"/media/{data['media_id']}/complete"

    with inspection.slots.one():
        answer = ada.post(complete)

    refused(answer, 503, "service_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert Media.objects.get().broken_count == 0
    assert ada.post(complete).status_code == 200


def test_no_more_than_two_files_are_read_at_once(tmp_path, monkeypatch):
    """However many are completed at once, by however many threads."""
    run, now, most, pair = sandbox.run, [], [], threading.Barrier(2)

    def watched(*given, **options):
        now.append(1)
        pair.wait(60)
        most.append(len(now))
        try:
            return run(*given, **options)
        finally:
            pair.wait(60)
            now.pop()

    monkeypatch.setattr(sandbox, "run", watched)
    monkeypatch.setattr(inspection.slots, "patience_seconds", 60)
    path = tmp_path / "file"
    path.write_bytes(png())

    at_once([lambda: inspection.inspect(path, "image/png")] * 16)

    assert (len(most), max(most)) == (16, 2)
