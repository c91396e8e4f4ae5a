"""Files that are made to take all of a machine take two seconds of it, and get a clear answer."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from posts import sandbox
from posts.models import Media
from posts.probing import by_type
from tests.posts import crafted, films
from tests.posts.conftest import announce, png, put, refused, upload

TOO_LONG = "The file takes more than 2 seconds to read."
#: A few ticks of the kernel's clock more than two seconds, and the libraries beside the memory.
CPU_SECONDS, MEMORY_BYTES = 2.2, 300_000_000
#: Reads a file in a process of its own, and says what that took, the children's children included.
MEASURE = """
import json, resource, sys
from pathlib import Path
from posts import probing
path, content_type = sys.argv[1:]
try:
    answer = {"frames": probing.probe(Path(path), content_type, Path(path + ".jpg")).frames}
except probing.Unreadable as error:
    answer = {"unreadable": str(error)}
used = resource.getrusage(resource.RUSAGE_CHILDREN)
answer |= {"cpu_seconds": used.ru_utime + used.ru_stime, "memory_bytes": used.ru_maxrss * 1024}
print(json.dumps(answer))
"""


def measured(folder: Path, content: bytes, content_type: str) -> dict:
    path = folder / "file"
    path.write_bytes(content)
    command = [sys.executable, "-c", MEASURE, str(path), content_type]
    done = subprocess.run(command, cwd=sandbox.ROOT, capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: crafted.many_scans(1050), "image/jpeg", "The image has more than 100 scans."),
        (crafted.padded_jpeg, "image/jpeg", "The file is not a whole JPEG image."),
        (crafted.padded_segments, "image/jpeg", "The image has more than 5000 segments."),
        (crafted.empty_chunks, "image/png", "The image has more than 50000 chunks."),
        (crafted.tiny_frames, "image/gif", "The image has more than 5000 frames."),
        (crafted.tiny_blocks, "image/gif", "The image has more than 500000 blocks."),
        (
            lambda: crafted.object_streams(8_000_000),
            "application/pdf",
            "The document has more than 200000 objects.",
        ),
        (lambda: crafted.lost_objects(8_000_000), "application/pdf", TOO_LONG),
        (crafted.boxes, "video/mp4", "The video has more than 100000 boxes."),
        (
            lambda: films.claiming_samples(films.film(), 170_000_000),
            "video/mp4",
            "The video has no pictures in it.",
        ),
    ],
)
def test_a_crafted_file_costs_at_most_two_seconds_and_300_mb_and_is_refused(
    tmp_path, make, kind, message
):
    taken = measured(tmp_path, make(), kind)

    assert taken["unreadable"] == message
    assert taken["cpu_seconds"] <= CPU_SECONDS
    assert taken["memory_bytes"] <= MEMORY_BYTES


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: crafted.object_streams(2_000_000), "application/pdf"),
        (crafted.pages_of_pages, "application/pdf"),
        (lambda: crafted.many_scans(85, 5600), "image/jpeg"),
        (lambda: crafted.empty_chunks(49_000), "image/png"),
        (lambda: crafted.huge_picture("RGBA"), "image/png"),
        (lambda: crafted.huge_picture("RGB"), "image/png"),
        (lambda: films.picture(4032, 3024, "WEBP"), "image/webp"),
    ],
)
def test_whatever_a_file_is_it_costs_at_most_two_seconds_and_300_mb(tmp_path, make, kind):
    taken = measured(tmp_path, make(), kind)

    # On a slower machine it may take too long; nothing else may be wrong with it.
    assert taken.get("unreadable") in (None, TOO_LONG)
    assert taken["cpu_seconds"] <= CPU_SECONDS
    assert taken["memory_bytes"] <= MEMORY_BYTES


@pytest.mark.parametrize(
    ("make", "kind", "frames"),
    [
        (lambda: films.picture(1000, 800, progressive=True), "image/jpeg", 1),
        (lambda: films.animation(250), "image/gif", 250),
        (lambda: films.animation(250, "WEBP"), "image/webp", 250),
    ],
)
def test_what_honest_people_send_is_read(tmp_path, make, kind, frames):
    assert measured(tmp_path, make(), kind)["frames"] == frames


def test_a_file_that_takes_too_much_is_named_and_nothing_of_it_is_kept(ada, settings):
    content = crafted.lost_objects(8_000_000)

    error = refused(upload(ada, content, "application/pdf"), 400, "invalid_media")

    assert error["message"] == TOO_LONG
    media = Media.objects.get()
    assert (media.status, media.error, media.broken_count) == ("failed", TOO_LONG, 0)


def test_a_file_that_takes_too_much_memory_is_named(ada, monkeypatch):
    monkeypatch.setattr(by_type, "LIMITS", sandbox.Limits(60, 60, 100_000_000))

    content = crafted.huge_picture("RGB")

    error = refused(upload(ada, content, "image/png"), 400, "invalid_media")

    assert error["message"] == "The file takes more than 100 MB of memory to read."


def test_who_finds_all_places_taken_is_told_when_to_come_again(ada, monkeypatch):
    monkeypatch.setattr(by_type, "places", sandbox.Places(1, patience_seconds=0))
    content = png()
    data = announce(ada, content, "image/png")
    put(data, content, "image/png")
    complete = f"/media/{data['media_id']}/complete"

    with by_type.places.one():
        answer = ada.post(complete)

    refused(answer, 503, "service_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert Media.objects.get().broken_count == 0
    assert ada.post(complete).status_code == 200


def test_no_more_than_two_files_are_read_at_once(tmp_path, monkeypatch):
    """However many are completed at once, by however many threads."""
    run, now, most = sandbox.run, [], []

    def watched(*given, **options):
        now.append(1)
        most.append(len(now))
        try:
            return run(*given, **options)
        finally:
            now.pop()

    monkeypatch.setattr(sandbox, "run", watched)
    monkeypatch.setattr(by_type.places, "patience_seconds", 60)
    path = tmp_path / "file"
    path.write_bytes(png())
    threads = [
        threading.Thread(target=by_type.probe, args=(path, "image/png", tmp_path / f"{n}.jpg"))
        for n in range(16)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(most), max(most)) == (16, 2)
