"""Real forks, of tiny modules."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.forking import Forked, free_blocks
from tests.until import until

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., Forked]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Forks a module with this text; its other arguments are the module's."""
    started: list[Forked] = []
    monkeypatch.syspath_prepend(tmp_path)

    def start(text: str, *arguments: str) -> Forked:
        (tmp_path / f"forked_{len(started)}.py").write_text(text)
        started.append(Forked(f"forked_{len(started)}", arguments))
        return started[-1]

    yield start
    for each in started:
        each.send_signal(signal.SIGKILL)
        each.wait(10)
        assert each.stdout is not None
        each.stdout.close()


def said(forked: Forked) -> str:
    assert forked.stdout is not None
    with forked.stdout as output:
        return output.read().decode()


def test_a_fork_runs_a_module_with_its_arguments_and_is_heard(start: Start) -> None:
    forked = start("import sys\nprint(__name__, sys.argv[1:])\nsys.exit('and an error')", "a", "b")

    assert said(forked) == "__main__ ['a', 'b']\nand an error\n"
    assert forked.wait(10) == 1


def test_a_fork_has_django_and_shares_most_of_its_memory(start: Start) -> None:
    forked = start(
        "import sys; print('django.contrib.admin' in sys.modules, flush=True)\n"
        "import signal; signal.pause()"
    )

    assert forked.stdout is not None
    assert forked.stdout.readline() == b"True\n"
    memory = psutil.Process(forked.pid).memory_full_info()
    assert memory.uss < memory.rss / 4


def test_a_fork_is_signalled_alone_in_a_session_of_its_own(start: Start) -> None:
    forked = start("import signal; print('up', flush=True); signal.pause()")
    assert forked.stdout is not None
    assert forked.stdout.readline() == b"up\n"
    assert os.getsid(forked.pid) == forked.pid
    assert forked.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        forked.wait(0)

    forked.send_signal(signal.SIGTERM)

    assert forked.wait(10) == -signal.SIGTERM
    forked.send_signal(signal.SIGTERM)  # it is gone, which is no error


def test_forks_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    (tmp_path / "sleeper.py").write_text("import signal; print('up', flush=True); signal.pause()")
    code = (
        "from config.forking import Forked\n"
        "forked = Forked('sleeper', ())\n"
        "print(forked.stdout.readline() and forked.pid, flush=True)\n"
        "forked.wait()"
    )
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.kill()

        until(lambda: not psutil.pid_exists(pid))


def test_a_fork_copies_no_page_for_its_own_objects_once_free_blocks_are_filled() -> None:
    code = (
        "import os, sys\n"
        "from config.forking import free_blocks\n"
        "made = [float(n) for n in range(200_000)]\n"
        "del made[::2]\n"
        "if sys.argv[1] == 'filled': free_blocks.fill()\n"
        "if pid := os.fork(): sys.exit(os.waitpid(pid, 0)[1])\n"
        "own = [float(n) for n in range(90_000)]\n"
        "print(open('/proc/self/smaps_rollup').read())"
    )

    def copied_kb(state: str) -> int:
        command = [sys.executable, "-c", code, state]
        shown = subprocess.check_output(command, cwd=ROOT, text=True)
        return next(int(line.split()[1]) for line in shown.splitlines() if "Private_Dirty" in line)

    # 100,000 free blocks are in 6.4 MB of pages; 90,000 own ones are 2.9 MB.
    assert copied_kb("filled") < copied_kb("as it was") - 2_000


def test_without_room_for_a_file_no_block_is_filled_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(free_blocks.tempfile, "TemporaryFile", refuse)

    free_blocks.fill()
