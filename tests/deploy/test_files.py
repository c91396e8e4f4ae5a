"""Every file of deploy/ is checked by the tool of its kind."""

import json
import sys
from itertools import combinations
from pathlib import Path

import pytest
from PIL import Image

from tests import programs
from tests.deploy.conftest import ROOT
from tests.deploy.kinds import KINDS, TRACKED, files, kind

#: What Grafana needs of a panel that shows data, and of the board.
PANEL = {"id", "type", "title", "datasource", "gridPos", "targets"}
BOARD = {"uid", "title", "schemaVersion", "panels", "templating", "time"}
#: Grafana's grid is so wide.
COLUMNS = 24


def test_no_file_is_of_a_kind_that_no_tool_checks():
    assert [path for path in TRACKED if not kind(path)] == []


def test_no_kind_is_named_without_a_file():
    used = {kind(path) for path in TRACKED}

    assert set(KINDS.values()) <= used


@pytest.mark.parametrize("path", files("hadolint"), ids=str)
def test_hadolint_finds_nothing(path):
    checked = programs.run(
        [Path(sys.executable).with_name("hadolint"), "--no-color", path], cwd=ROOT
    )

    assert (checked.stdout, checked.stderr) == ("", "")


@pytest.mark.parametrize("path", files("pillow"), ids=str)
def test_a_picture_can_be_shown(path):
    with Image.open(ROOT / path) as picture:
        picture.load()

    assert picture.format == "PNG"


@pytest.mark.parametrize("path", files("grafana"), ids=str)
def test_grafana_can_draw_the_board(path):
    board = json.loads((ROOT / path).read_text())
    panels = board["panels"]
    shown = [panel for panel in panels if panel["type"] != "row"]

    assert board.keys() >= BOARD
    assert board["schemaVersion"] >= 36
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in shown:
        assert panel.keys() >= PANEL, panel["title"]
        refs = [target["refId"] for target in panel["targets"]]
        assert refs
        assert len(set(refs)) == len(refs)
    for panel in panels:
        place = panel["gridPos"]
        assert place["h"] > 0
        assert 0 <= place["x"] < place["x"] + place["w"] <= COLUMNS
    for one, other in combinations(panels, 2):
        assert not _overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "w"), ("y", "h"))
    )
