"""destinations/README.md says what the code does."""

import math
import re
from pathlib import Path

from destinations.dispatch import crash_loop, holds
from destinations.state.transitions import MOVES
from platforms.policy.retry import RetryPolicy
from platforms.registry import ADAPTERS
from tests.platforms.facts import LostAnswer
from tests.platforms.test_reads import CASES

README = (Path(__file__).resolve().parents[2] / "destinations/README.md").read_text()


def section(title: str) -> str:
    return README.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_moves_is_that_of_the_code():
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \| (\w+) \| .+ \|$", section("Moves"), re.M)
    told = {move: (set(sources.split(", ")), target) for move, sources, target in rows[1:]}
    assert told == {
        move: ({str(source) for source in sources}, str(target))
        for move, (sources, target) in MOVES.items()
    }


def numbers(name: str, key: str, case: LostAnswer) -> str:
    """A row of the table of lookups, from the policy and from the counted requests."""
    policy = ADAPTERS[key].retry
    pauses = ", ".join(f"{pause:g}" for pause in policy.find_delays_seconds)
    hours = math.ceil(policy.bounds().total_seconds / 360) / 10
    ends = {"retry_soon": "sent again", "fail": "may be live"}[case.end]
    cells = (name, pauses, f"{hours} h", case.at_once, case.late, case.never, ends)
    return f"| {' | '.join(map(str, cells))} |"


def test_the_lookup_numbers_are_those_of_the_code():
    told = re.findall(r"^\| .* h \| \d.*$", section("Lookups"), re.M)
    assert told == [numbers(name, *case) for name, case in CASES.items()]
    assert {key for key, _ in CASES.values()} == set(ADAPTERS)


def test_the_bounds_of_the_states_are_those_of_the_code():
    told = section("Bounds")
    usual, hours = RetryPolicy(), 3600
    tries, pauses = len(usual.delays_seconds) + 1, sum(usual.delays_seconds)
    deaths = crash_loop.MAX_STARTS - len(crash_loop.SUSPECT)
    for bound in (
        f"| {holds.LONGEST_WAIT.total_seconds() / hours:g} h after its time |",
        f"| {usual.outage_patience_seconds / hours:g} h after its time |",
        f"| {tries} tries, {pauses // 60:g} min of pauses and up to a tenth more |",
        f"| {usual.bounds().retrying_seconds / hours:g} h after the first try | failed |",
        f"| {usual.bounds().unanswered_seconds / hours:g} h after the first try | failed, may",
        f"| {deaths} deaths |",
        f"({usual.easing_cap_seconds // 60:g} min at most)",
    ):
        assert bound in told
    assert (usual.jitter, usual.easing) == (0.1, 0.1)
    caps = {key: each.retry.bounds().processing_seconds for key, each in ADAPTERS.items()}
    unusual = {key: cap for key, cap in caps.items() if cap != usual.processing_cap_seconds}
    assert (usual.processing_cap_seconds, unusual) == (hours, {"tiktok": 6 * hours})
    assert {each.retry.bounds().retrying_seconds for each in ADAPTERS.values()} == {48 * hours}
    assert {each.retry.delays_seconds for each in ADAPTERS.values()} == {usual.delays_seconds}
