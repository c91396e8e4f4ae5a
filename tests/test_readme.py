"""The README may not promise what the code does not do."""

import re
from pathlib import Path

from destinations.transitions import MOVES

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()


def test_the_table_of_moves_is_the_table_of_the_code():
    section = README.partition("## How a destination moves")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \| (\w+) \| .+ \|$", section, re.M)
    told = {move: (set(sources.split(", ")), target) for move, sources, target in rows[1:]}
    assert told == {
        move: ({str(source) for source in sources}, str(target))
        for move, (sources, target) in MOVES.items()
    }
