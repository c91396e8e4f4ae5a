import subprocess
import sys
import time

import pytest

from platforms import sandbox
from platforms.sandbox import ResourceLimits
from tests.until import until

CHORES = "tests.platforms.sandboxed_chores"
LIMITS = ResourceLimits(seconds=20, cpu_seconds=20, memory_bytes=10**9)


def test_the_answer_of_the_child_is_returned(tmp_path):
    answer = sandbox.run(CHORES, {"do": "echo", "what": "é"}, LIMITS)

    assert answer == {"what": "é"}


def test_the_child_has_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")

    answer = sandbox.run(CHORES, {"do": "environ"}, LIMITS)

    assert "SECRET_KEY" not in answer["names"]
    assert "DATABASE_URL" not in answer["names"]


@pytest.mark.parametrize("do", ["crash", "raise", "chatter"])
def test_a_crashing_child_harms_nothing_else(do):
    with pytest.raises(sandbox.NoResult):
        sandbox.run(CHORES, {"do": do}, LIMITS)


@pytest.mark.parametrize(
    ("do", "words"), [("fill", "more than 1000 MB of memory"), ("think", "more than 1 seconds")]
)
def test_exceeded_limits_are_distinguished_from_crashes(do, words):
    with pytest.raises(sandbox.LimitExceeded, match=words):
        sandbox.run(CHORES, {"do": do}, ResourceLimits(60, 1, 10**9))


def test_an_answer_before_a_crash_counts():
    answer = sandbox.run("tests.platforms.sandboxed_twice", {"answers": 2}, LIMITS)

    assert answer == {"answer": 2}


def test_slots_limit_how_many_run_at_once():
    places = sandbox.SandboxSlots(1, patience_seconds=0)

    with places.one(), pytest.raises(sandbox.TooBusy), places.one():
        pass

    with places.one():
        pass


def test_a_child_that_runs_too_long_is_ended():
    begun = time.monotonic()

    with pytest.raises(sandbox.TimedOut):
        sandbox.run(CHORES, {"do": "sleep"}, ResourceLimits(0.5, 20, 10**9))

    assert time.monotonic() - begun < 5


def test_an_exception_of_meanwhile_ends_the_child(monkeypatch):
    monkeypatch.setattr(sandbox, "LOOK_SECONDS", (0.01, 0.01))

    class NotWantedError(Exception):
        pass

    def meanwhile() -> None:
        raise NotWantedError

    with pytest.raises(NotWantedError):
        sandbox.run(
            CHORES,
            {"do": "sleep"},
            ResourceLimits(20, 20, 10**9),
            meanwhile=meanwhile,
        )


def test_the_child_ends_with_its_parent(tmp_path):
    told = tmp_path / "pid"
    request = {"do": "tell", "to": str(told)}
    asked = f"{CHORES!r}, {request}, sandbox.ResourceLimits(60, 20, 10**9)"
    code = f"from platforms import sandbox; sandbox.run({asked})"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=sandbox.ROOT)
    until(lambda: told.exists() and told.read_text())
    child = int(told.read_text())

    parent.kill()
    parent.wait()

    until(lambda: not is_running(child))


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
