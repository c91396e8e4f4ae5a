"""The simulator is as strict as TikTok."""

import pytest

from platforms.errors import (
    OutcomeUnknown,
    Rejected,
)
from tests.conftest import Simulator
from tests.platforms.tiktok import (
    make_draft,
    make_drive,
)


@pytest.mark.parametrize(
    ("size", "first", "total", "status"),
    [(10, 0, 10, 400), (10, 5, 1000, 416), (10, 0, 1000, 400)],
)
def test_the_simulator_takes_only_the_exact_next_chunk(
    simulator: Simulator, size: int, first: int, total: int, status: int
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call="put_chunk", drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(make_draft(bytes(1000)))
    headers = {
        "Content-Range": f"bytes {first}-{first + size - 1}/{total}",
        "Content-Type": "video/mp4",
    }
    answer = simulator.http.put(
        drive.checkpoint["upload_url"], content=bytes(size), headers=headers
    )
    assert answer.status_code == status


def test_the_simulator_looks_at_the_bytes(simulator: Simulator):
    with pytest.raises(Rejected, match="file format"):
        make_drive(simulator).finish(make_draft(b"no video at all"))
    assert simulator.posts() == []
