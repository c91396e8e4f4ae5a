"""LinkedIn: a worker that dies, or a token that ends, at any step."""

from dataclasses import replace

import pytest

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown, Unauthorized
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media
from tests.platforms.linkedin.steps import BIG, connect, pdf

pytestmark = pytest.mark.usefixtures("at_once", "small_parts")

CLIP = Draft("Look", (BIG,))
CASES = {
    "video": CLIP,
    "images": Draft("Look", (media(), media())),
    "document": Draft("", (pdf(),)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_kill_after_any_checkpoint_never_makes_a_second_post(simulator: Simulator, name: str):
    whole = connect(simulator, "organization")
    whole.finish(CASES[name])
    steps = len(whole.saves)
    assert steps > 2
    for step in range(1, steps + 1):
        drive = connect(simulator, "organization")
        drive.crash(CASES[name], step)
        if drive.saves[-1].sending:
            # It never left: the list does not show it, and that proves nothing yet.
            assert not isinstance(drive.find(CASES[name]), Published)
            assert drive.public() == []
        assert isinstance(drive.finish(CASES[name]), Published)
        assert len(drive.public()) == 1


@pytest.mark.parametrize("kind", ["person", "organization"])
@pytest.mark.parametrize(
    ("call", "skip"),
    [("start_video", 0), ("finalize_video", 0), ("get_video", 0), ("create_post", 0)],
)
def test_a_token_that_ends_on_the_way_of_a_video_costs_nothing_that_was_done(
    simulator: Simulator, kind: str, call: str, skip: int
):
    drive = connect(simulator, kind)
    simulator.fault("linkedin", call=call, status=401, skip=skip, times=1)
    error = drive.fails(CLIP)
    assert (type(error), error.code) == (Unauthorized, "account_needs_reconnection")
    renew(drive)
    if call != "start_video":
        simulator.fault("linkedin", call="start_video", status=500)
    assert isinstance(drive.finish(CLIP), Published)
    assert len(drive.public()) == 1


@pytest.mark.parametrize("call", ["start_upload", "upload_image", "get_image", "create_post"])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_token_that_ends_on_the_way_of_images_is_replaced(page: Drive, call: str, skip: int):
    draft = Draft("Look", (media(), media()))
    page.fault(call=call, status=401, skip=0 if call == "create_post" else skip)
    assert type(page.fails(draft)) is Unauthorized
    page.simulator.http.delete("/control/faults").raise_for_status()
    renew(page)
    assert isinstance(page.finish(draft), Published)
    assert len(page.public()) == 1


def test_a_token_revoked_between_upload_and_post_publishes_nothing(page: Drive):
    body = '{"status":401,"serviceErrorCode":65601,"code":"REVOKED_ACCESS_TOKEN","message":"Gone"}'
    page.fault(call="create_post", status=401, body=body)
    error = page.fails(Draft("Look", (media(),)))
    assert (type(error), error.platform_code) == (Unauthorized, "REVOKED_ACCESS_TOKEN")
    assert page.checkpoint["first_sent_ms"] is None
    assert page.public() == []


def renew(drive: Drive) -> None:
    """A new token for the same account; the old one is worth nothing any more."""
    extra = dict(drive.account.extra)
    token = drive.simulator.connect("linkedin", drive.account.platform_account_id, extra=extra)
    drive.account = replace(drive.account, token=token)


def test_a_post_that_was_lost_after_all_uploads_keeps_its_urns(page: Drive):
    draft = Draft("Look", (media(),))
    page.fault(call="create_post", drop="after", times=1)
    assert type(page.fails(draft)) is OutcomeUnknown
    [post] = page.public()
    urn = page.checkpoint["media"][draft.media[0].key]["urn"]
    assert post["extra"]["content"]["media"]["id"] == urn
    assert page.find(draft) == Published(post["id"], post["url"])
