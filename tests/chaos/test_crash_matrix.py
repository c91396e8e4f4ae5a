"""Wherever a worker dies, its post is public once and the API says so.

The cells that settle within seconds: every point once, every network once. `make chaos` has all.
"""

from collections.abc import Mapping

import pytest

from destinations import failpoints
from tests.acceptance.conftest import running_stack as running_stack  # a fixture
from tests.acceptance.stack import Stack
from tests.chaos import cells
from tests.chaos.cells import Cell, Outcome

pytestmark = pytest.mark.xdist_group("stack")

CELLS = [
    Cell(failpoints.CLAIMED, "x"),
    Cell(failpoints.RECEIVED, "instagram"),
    Cell(failpoints.BEGUN, "threads"),
    Cell(failpoints.SAVED, "linkedin"),
    Cell(failpoints.SENDING, "facebook"),
    Cell(failpoints.ANSWERED, "youtube"),
    Cell(failpoints.RECORDING, "tiktok"),
    Cell(failpoints.RECORDED, "facebook"),
]


@pytest.fixture(scope="module")
def outcomes(running_stack: Stack) -> Mapping[Cell, Outcome]:
    if running_stack.is_running("worker"):
        running_stack.kill("worker")
    return cells.run(running_stack, CELLS, settle_seconds=50)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_worker_that_dies_there_leaves_one_post_and_the_truth(outcomes, cell):
    assert outcomes[cell].word == "once", outcomes[cell]
