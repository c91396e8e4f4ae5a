"""What is made of TikTok's lost answers."""

import pytest

from platforms.base import (
    Processing,
    Published,
)
from platforms.errors import (
    OutcomeUnknown,
)
from tests.conftest import Simulator
from tests.platforms.tiktok import (
    answer_body,
    lose_last_answer,
    make_draft,
    make_drive,
    only_post,
    status_is,
)


def test_a_lost_last_answer_is_found_by_the_publish_id(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    lose_last_answer(simulator, drive, draft)
    assert drive.find(draft) == Processing(2)
    assert isinstance(drive.find_out(draft), Published)
    assert isinstance(drive.finish(draft), Published)
    assert (drive.sends, len(simulator.posts())) == (1, 1)


def test_an_unknown_status_word_is_still_pending(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    status_is(simulator, status="SOMETHING_NEW")
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


def test_a_status_that_lags_behind_the_201_is_no_absence(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    status_is(simulator, status="PROCESSING_UPLOAD", uploaded_bytes=0)
    assert drive.publish(draft) == Processing(2)
    assert drive.find(draft) == Processing(2)


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_failed_poll_spends_no_try(simulator: Simulator, status: int):
    drive, draft = make_drive(simulator), make_draft()
    body = answer_body("rate_limit_exceeded" if status == 429 else "internal_error")
    simulator.fault("tiktok", call="status", status=status, body=body, times=2)
    assert drive.publish(draft) == Processing(60)
    assert drive.publish(draft) == Processing(60)
    assert isinstance(drive.finish(draft), Published)
    assert drive.sends == 1


def test_a_token_that_ends_while_tiktok_is_posting_does_not_mean_failure(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft()
    simulator.fault(
        "tiktok", call="status", status=401, body=answer_body("access_token_invalid"), times=1
    )
    with pytest.raises(OutcomeUnknown) as unknown:
        drive.publish(draft)
    assert unknown.value.platform_code == "access_token_invalid"
    assert isinstance(drive.find_out(draft), Published)
    only_post(simulator)
