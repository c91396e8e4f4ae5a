"""A MOV for LinkedIn, which accepts only MP4, is copied into an MP4 and sent."""

import io
import time

import av
import pytest

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from destinations.runtime import clock
from posts import tasks
from tests.factories import make_account
from tests.posts.conftest import announce, put, refused
from tests.posts.media import videos

NOTE = "clip.mov was sent as MP4, 320 × 240."  # noqa: RUF001


@pytest.fixture
def linkedin(ada, simulator):
    token = simulator.connect("linkedin", "77", username="acme")
    return make_account(
        ada.workspace, "linkedin", token=token, platform_account_id="77", username="acme"
    )


def test_a_mov_is_copied_into_an_mp4_for_linkedin(ada, linkedin, simulator):
    mov = videos.make(seconds=4, width=320, height=240, sound=True, container="mov")
    body = _body(ada, linkedin, mov)
    [verdict] = ada.post("/posts/validate", body).json()["data"]["accounts"]
    post = ada.post("/posts", body).json()["data"]["post_id"]

    tasks.make_variants("video")
    _publish()

    assert verdict["notes"] == ["clip.mov will be sent in another form: MP4, up to 500 MB."]
    [note] = ada.get(f"/posts/{post}/results").json()["meta"]["notes"]
    assert note["note"] == NOTE
    [public] = simulator.posts("linkedin", "77")
    [name] = public["media"]
    sent = simulator.http.get(f"/files/{name}").content
    assert sent[4:12] == b"ftypisom"
    # Not one picture was decoded and encoded again.
    assert _pictures(sent) == _pictures(mov)


def test_a_mov_that_is_too_short_for_linkedin_is_refused_with_a_reason(ada, linkedin):
    error = refused(
        ada.post("/posts", _body(ada, linkedin, videos.make(seconds=1, container="mov"))),
        400,
        "post_creation_failed",
    )

    assert "not as MOV" not in error["message"]
    assert "at least" in error["message"]


def _body(ada, account, content: bytes) -> dict:
    media = announce(ada, content, "video/quicktime", filename="clip.mov")
    assert put(media, content, "video/quicktime").status_code == 200
    assert ada.post(f"/media/{media['media_id']}/complete").status_code == 200
    return {"content": "Look", "account_ids": [account.pk], "media_ids": [media["media_id"]]}


def _publish() -> None:
    """As beat and a worker would, looking again as often as LinkedIn takes to process a video."""
    for _ in range(100):
        Destination.objects.filter(due_at__isnull=False).update(due_at=clock.now())
        worker.publish(claims.claim(10))
        row = Destination.objects.get()
        assert row.error == ""
        if row.status == "published":
            return
        time.sleep(0.05)
    raise AssertionError(row.status)


def _pictures(content: bytes) -> list[bytes]:
    with av.open(io.BytesIO(content)) as video:
        return [bytes(packet) for packet in video.demux(video.streams.video[0]) if packet.size]
