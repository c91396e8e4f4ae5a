"""Instagram of accounts that were connected by Facebook: its host, its tokens, its uploads."""

import dataclasses
import json
import tracemalloc
from typing import Any

import pytest

from platforms.drafts import Credentials, Draft, Media
from platforms.errors import Rejected, Unauthorized, Unavailable
from platforms.instagram.adapter import Instagram
from platforms.outcomes import Processing, Published
from tests.conftest import Simulator
from tests.contract import AdapterContract, Case
from tests.platforms.driver import Drive, published
from tests.platforms.meta.container_promises import ContainerPromises
from tests.platforms.meta.containers import (
    USER,
    Bench,
    bench,
    clip,
    clip_bytes,
    graph_error,
    photo,
    photos,
)
from tests.platforms.test_contract import CASES

LINKED = {"login": "facebook"}
MOVING = Draft("Moving", (clip(),))
#: A file that takes several of the simulator's looks while it is sent; what it is does not matter.
LARGE = b"\0" * 3_000_000


class LinkedBench(Bench):
    """An account that was connected by Facebook."""

    def new_token(self) -> None:
        token = self.simulator.connect("instagram", USER, username="acme", extra=LINKED)
        self.account = Credentials(USER, "acme", token, login="facebook")


@pytest.fixture
def b(simulator: Simulator) -> Bench:
    made = bench(simulator, Instagram())
    linked = LinkedBench(made.adapter, made.account, simulator)
    linked.new_token()
    return linked


class TestPromises(ContainerPromises):
    state_field = "status_code"
    not_ready = graph_error(24, 2207008)


class TestContract(AdapterContract):
    @pytest.fixture
    def case(self) -> Case:
        return dataclasses.replace(CASES["instagram"], simulator_extra=LINKED)

    @pytest.fixture
    def drive(self, case: Case, simulator: Simulator) -> Drive:
        drive = case.connect(simulator)
        drive.account = dataclasses.replace(drive.account, login="facebook")
        return drive


def uploads(b: Bench) -> list[str]:
    """How often each container's file was begun to be sent."""
    return [
        container
        for save in b.saves
        for container, count in save.values.get("delivered", {}).items()
        if count == 0
    ]


@pytest.mark.parametrize("post_type", ["", "Story", "Trial Reel"])
def test_a_video_is_sent_and_not_fetched(b: Bench, post_type: str):
    # It cannot be fetched.
    item = dataclasses.replace(clip(), url="http://127.0.0.1:9/none")
    b.finish(Draft("", (item,), post_type=post_type))
    (post,) = b.public()
    stored = b.simulator.http.get(f"/files/{post['media'][0]}").content
    assert stored == clip_bytes()


def test_a_carousel_sends_its_videos_and_lets_its_images_be_fetched(b: Bench):
    b.finish(Draft("Mixed", (clip(), photo(), clip())))
    assert len(b.public()[0]["media"]) == 3


def large(**fields: Any) -> Media:
    return clip(LARGE, **fields)


def test_a_broken_upload_goes_on_where_it_broke_off(b: Bench):
    draft = Draft("Large", (large(),))
    b.simulator.fault("instagram", call="store_piece", drop="before", skip=4, times=1)
    assert type(b.fails(draft)) is Unavailable
    container = b.checkpoint["container"]
    # What arrives are these bytes, which are no video: processing says so.
    assert type(b.fails(draft)) is Rejected
    found = read(b, container, "video_status")
    assert found["video_status"]["uploading_phase"] == {
        "status": "complete",
        "bytes_transferred": len(LARGE),
    }
    assert b.public() == []


def read(b: Bench, object_id: str, fields: str) -> dict[str, Any]:
    answer = b.simulator.http.get(
        f"/graph.facebook.com/v26.0/{object_id}",
        params={"fields": f"id,{fields}"},
        headers={"Authorization": f"Bearer {b.account.token}"},
    )
    return answer.json()


def test_an_upload_that_is_whole_is_not_sent_again(b: Bench):
    b.process_in(0.3)
    assert b.publish(MOVING) == Processing(2)
    b.fault(call="upload", status=500)
    assert isinstance(b.finish(MOVING), Published)


def test_an_upload_whose_answer_was_lost_is_not_sent_again(b: Bench):
    b.fault(call="upload", drop="after", times=1)
    assert type(b.fails(MOVING)) is Unavailable
    b.fault(call="upload", status=500)
    assert isinstance(b.finish(MOVING), Published)


@pytest.mark.parametrize("is_stored", [True, False])
@pytest.mark.parametrize("step", range(1, 6))
def test_a_crash_at_any_step_of_an_upload_makes_one_post(b: Bench, step: int, is_stored: bool):
    b.crash(MOVING, step, is_stored=is_stored)
    result = b.recover(MOVING)
    assert [post["id"] for post in b.public()] == [result.id]


def test_an_upload_says_that_it_is_alive(b: Bench):
    draft = Draft("Large", (clip(b"\0" * 9_000_000),))
    b.fails(draft)
    counts = [
        next(iter(save.values["delivered"].values()))
        for save in b.saves
        if save.values.get("delivered")
    ]
    assert counts == [0, 4 * 1024**2, 8 * 1024**2, 9_000_000]


def test_an_upload_takes_no_more_memory_than_a_piece(b: Bench):
    class Endless:
        """A file of so many bytes that are made as they are read."""

        def __init__(self) -> None:
            self.left = 60_000_000

        def seek(self, first: int) -> None:
            self.left = 60_000_000 - first

        def read(self, count: int) -> bytes:
            count = min(count, self.left)
            self.left -= count
            return bytes(count)

        def __enter__(self) -> "Endless":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    item = dataclasses.replace(clip(), size_bytes=60_000_000, open=Endless)  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        assert type(b.fails(Draft("Large", (item,)))) is Rejected
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("kind", "retriable", "error", "code"),
    [
        ("ProcessingFailedError", True, Unavailable, "platform_unavailable"),
        ("OffsetInvalidError", False, Unavailable, "media_processing_failed"),
        ("ProcessingFailedError", False, Rejected, "media_rejected"),
        ("NotAuthorizedError", False, Unauthorized, "account_needs_reconnection"),
    ],
)
def test_a_refusal_of_the_upload_host_has_its_word(
    b: Bench, kind: str, retriable: bool, error: type, code: str
):
    said = {"retriable": retriable, "type": kind, "message": "Simulated"}
    b.simulator.fault(
        "instagram", call="upload", status=400, times=1, body=json.dumps({"debug_info": said})
    )
    found = b.fails(MOVING)
    assert (type(found), found.code, found.platform_code) == (error, code, kind)
    b.finish(MOVING)
    assert len(b.public()) == 1


def test_an_expired_upload_is_begun_anew(b: Bench):
    b.fault(call="upload", drop="before", times=1)
    assert type(b.fails(MOVING)) is Unavailable
    b.simulator.advance(25 * 3600)
    assert type(b.fails(MOVING)) is Unavailable
    b.finish(MOVING)
    assert len(b.public()) == 1


# Tokens and hosts


def test_what_a_page_token_cannot_see_is_waited_for(b: Bench):
    b.set("page_token_blind", True)
    assert type(b.fails(photos())) is Unavailable
    b.set("page_token_blind", False)
    b.finish(photos())
    assert len(b.public()) == 1


@pytest.mark.parametrize("host", ["graph.facebook.com", "graph.instagram.com"])
def test_a_host_takes_the_tokens_of_its_own_login_only(b: Bench, host: str):
    by_instagram = b.simulator.connect("instagram", "17841400000000002")
    tokens = {"graph.facebook.com": by_instagram, "graph.instagram.com": b.account.token}
    answer = b.simulator.http.get(
        f"/{host}/v26.0/{USER}/media", headers={"Authorization": f"Bearer {tokens[host]}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_facebooks_own_calls_reach_facebook(b: Bench):
    token = b.simulator.connect("facebook", "106188995512345", name="Acme Inc.")
    answer = b.simulator.http.get(
        "/graph.facebook.com/v26.0/106188995512345?fields=id,name",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.json() == {"id": "106188995512345", "name": "Acme Inc."}


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Authorization": "Bearer {token}"}, 401, "NotAuthorizedError"),
        ({"Authorization": "OAuth wrong"}, 401, "NotAuthorizedError"),
        ({"Authorization": "OAuth {token}"}, 400, "InvalidRequestError"),
        (
            {"Authorization": "OAuth {token}", "offset": "5", "file_size": "9"},
            400,
            "OffsetInvalidError",
        ),
        (
            {"Authorization": "OAuth {token}", "offset": "0", "file_size": "9"},
            400,
            "PartialRequestError",
        ),
    ],
)
def test_the_upload_host_is_strict(b: Bench, headers: dict[str, str], status: int, kind: str):
    bearer = {"Authorization": f"Bearer {b.account.token}"}
    made = b.simulator.http.post(
        f"/graph.facebook.com/v26.0/{USER}/media",
        headers=bearer,
        json={"media_type": "REELS", "upload_type": "resumable"},
    ).json()
    sent = {name: value.format(token=b.account.token) for name, value in headers.items()}
    answer = b.simulator.http.post(made["uri"], headers=sent, content=b"12345")
    assert answer.status_code == status
    assert answer.json()["debug_info"]["type"] == kind


def test_a_post_that_is_found_says_that_its_first_comment_is_missing(b: Bench):
    draft = photos(settings={"firstComment": "First!"})
    b.lose(draft)
    assert len(published(b.find(draft)).notes) == 1
