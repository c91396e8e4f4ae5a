"""A process dies at the failpoint that is set, once, and nowhere else."""

import os
import signal
import subprocess
import sys

import pytest

from destinations.runtime import failpoints

CODE = """
from destinations.runtime.failpoints import reach
for name, platform in (("begun", "x"), ("sending", "facebook"), ("sending", "x"), ("sending", "x")):
    print(name, platform, flush=True)
    reach(name, platform)
"""


def passed(**env: str) -> tuple[int, list[str]]:
    """How a process ended that reached four points, and which it reached."""
    child = [sys.executable, "-c", CODE]
    done = subprocess.run(child, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


ALL = ["begun x", "sending facebook", "sending x", "sending x"]


@pytest.mark.parametrize(
    ("named", "reached"),
    [
        ("begun", 1),
        ("sending", 2),
        ("sending:x", 3),
        ("sending:x:skip=1", 4),
        ("sending:skip=1", 3),
    ],
)
def test_a_process_is_killed_at_the_point_that_is_named(named, reached):
    assert passed(DOVECOTE_FAILPOINT=named) == (-signal.SIGKILL, ALL[:reached])


def test_a_process_freezes_at_a_point_once_and_continues():
    child = [sys.executable, "-c", CODE]
    env = {"DOVECOTE_FAILPOINT": "sending:x:stop"}
    with subprocess.Popen(child, env=env, stdout=subprocess.PIPE, text=True) as frozen:
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        assert os.WSTOPSIG(status) == signal.SIGSTOP
        frozen.send_signal(signal.SIGCONT)
        assert frozen.communicate(timeout=30)[0].splitlines() == ALL
        assert frozen.returncode == 0


def test_without_the_variable_every_point_is_passed():
    assert passed() == (0, ALL)
    assert failpoints.reach(failpoints.SENDING, "x") is None


def test_of_processes_with_the_same_file_one_dies(tmp_path):
    env = {"DOVECOTE_FAILPOINT": "begun", "DOVECOTE_FAILPOINT_ONCE": str(tmp_path / "died")}

    assert passed(**env) == (-signal.SIGKILL, ALL[:1])
    assert passed(**env) == (0, ALL)


@pytest.mark.parametrize("named", ["nowhere", "sending:x:y", "stop"])
def test_a_point_that_does_not_exist_is_refused(named):
    with pytest.raises(ValueError, match="the points are claimed, received"):
        failpoints.parse(named)
