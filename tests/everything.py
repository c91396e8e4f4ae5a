"""Run what `make test` leaves out: `python -m tests.everything [--shard N/12]`.

Prints what could not be run here and why. Ends with 1 if anything failed or, in CI, was not run.
A shard is a twelfth of it; `--shard of-this-commit` takes the one whose turn it is.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests import programs

ROOT = Path(__file__).resolve().parent.parent
SHARDS = 12
PYTEST = ("-m", "pytest", "-q", "-n", "3")
#: What is left out of `make test` waits more than it computes. A shard is played beside it.
WAITING, WAITING_BESIDE = ("-n", "4"), ("-n", "2")
#: The admin's theme and FFmpeg have other versions on the image's Python.
ON_NEWER_PYTHON = (
    "tests/config/admin",
    "tests/destinations/admin",
    "tests/posts/admin",
    "tests/posts/media/convert",
    "tests/posts/media/probe",
    "tests/posts/media/test_crafted_files.py",
    "tests/posts/media/test_thumbnails.py",
)
#: All of it is a step of its own.
FUZZ = "tests/posts/api/test_fuzz.py"
#: To each endpoint; four times as many as with every commit.
FUZZ_BODIES = "40"
#: Played by random acts; with every commit a few of them.
GAMES = (
    "tests/destinations/publishing/test_never_twice_never_lost.py",
    "tests/destinations/publishing/test_every_post_is_woken.py",
)


@dataclass(frozen=True)
class Step:
    name: str
    shard: int
    run: Callable[[], bool]
    #: Why it cannot be run here; empty if it can.
    hindrance: Callable[[], str] = lambda: ""
    #: It waits more than it computes, and is played beside the marked tests.
    waits: bool = False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.everything")
    parser.add_argument("--shard", type=_shard, help=f"N/{SHARDS}, or of-this-commit")
    chosen = parser.parse_args()
    programs.main()
    steps = [step for step in STEPS if chosen.shard in (None, step.shard)]
    outcomes = [_play(step) for step in steps if not step.waits]
    with ThreadPoolExecutor() as threads:
        beside = [threads.submit(_play, step) for step in steps if step.waits]
        # What these could not run stands at the end.
        marked = _play(_marked_tests(chosen.shard))
    outcomes += [*(each.result() for each in beside), marked]
    print(f"\n{'step':<36}{'seconds':>8}  outcome")
    for name, seconds, outcome in outcomes:
        print(f"{name:<36}{seconds:>8.0f}  {outcome}")
    is_wrong = ("failed", "not run") if os.environ.get("CI") else ("failed",)
    return int(any(outcome.startswith(is_wrong) for _, _, outcome in outcomes))


def _shard(text: str) -> int:
    """The number of a shard, from 1 on. Commits in a row take turns."""
    if text == "of-this-commit":
        counted = subprocess.check_output(["git", "rev-list", "--count", "HEAD"], cwd=ROOT)
        return int(counted) % SHARDS + 1
    if (match := re.fullmatch(rf"(\d+)/{SHARDS}", text)) and 1 <= int(match[1]) <= SHARDS:
        return int(match[1])
    raise argparse.ArgumentTypeError(f"1/{SHARDS} to {SHARDS}/{SHARDS}, or of-this-commit")


def _play(step: Step) -> tuple[str, float, str]:
    if hindrance := step.hindrance():
        return step.name, 0, f"not run: {hindrance}"
    print(f"\n--- {step.name}", flush=True)
    began = time.monotonic()
    outcome = "passed" if step.run() else "failed"
    return step.name, time.monotonic() - began, outcome


def _marked_tests(shard: int | None) -> Step:
    part = [*WAITING_BESIDE, "--shard", f"{shard}/{SHARDS}"] if shard else WAITING
    return Step(
        "tests that are marked",
        shard or 0,
        lambda: _pytest("--rest", f"--ignore={FUZZ}", *part),
    )


def _pytest(*options: str, env: dict[str, str] | None = None) -> bool:
    return _runs([sys.executable, *PYTEST, *options], env=env)


def _newer_python() -> str:
    """The Python of the image: a command such as python3.13, or empty if it is not here."""
    (version,) = re.findall(
        r"^ARG BASE=python:([\d.]+)-slim$", (ROOT / "deploy/Dockerfile").read_text(), re.M
    )
    name = f"python{version}"
    works = shutil.which(name) and _runs([name, "-c", "import ensurepip, venv"])
    return name if works else ""


def _on_newer_python() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "dovecote"
        return (
            _runs(["git", "clone", "-q", str(ROOT), str(clone)])
            and _runs(["make", "dev", f"PYTHON={_newer_python()}"], cwd=clone)
            and _runs([".venv/bin/python", *PYTEST, "--quick", *ON_NEWER_PYTHON], cwd=clone)
        )


def _games() -> bool:
    """Ten minutes of random play of each promise of publishing, beside each other."""
    return _pytest(*GAMES, env={"PROPERTY_SECONDS": "600"})


def _fuzz() -> bool:
    each_alone = "--dist=worksteal"
    return _pytest(each_alone, FUZZ, env={"FUZZ_BODIES": FUZZ_BODIES})


def _upgrade() -> bool:
    return _runs([sys.executable, "-m", "tests.upgrade"])


def _large_lists() -> bool:
    """The admin's pages and its search, with as many rows as a short benchmark has."""
    return _runs([sys.executable, "-m", "tests.bench", "--short", "admin", "search"])


def _hosts() -> bool:
    scenario = ["--scenario", "hosts-worker-cut", "--n", "5"]
    command = [sys.executable, "-m", "tests.chaos", *scenario]
    # In one piece, because other steps print meanwhile.
    played = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(f"\n{played.stdout}", flush=True)
    return played.returncode == 0


def _runs(command: list[str], cwd: Path = ROOT, env: dict[str, str] | None = None) -> bool:
    return subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}).returncode == 0


def _lacks(*names: str) -> Callable[[], str]:
    return lambda: ", ".join(f"no {name}" for name in programs.missing(names))


def _new_examples() -> bool:
    """Tests that draw their values draw the same ones with every commit, and others here."""
    return _pytest("-m", "hypothesis and not thorough and not needs")


STEPS = (
    Step(
        "the image's Python",
        1,
        _on_newer_python,
        lambda: "" if _newer_python() else "no Python of the image, with venv",
    ),
    Step("new examples", 5, _new_examples),
    Step("upgrade from the last release", 2, _upgrade, _lacks(programs.LAST_RELEASE)),
    Step("fuzz", 3, _fuzz),
    Step("large lists", 5, _large_lists),
    Step("ten minutes of games of publishing", 6, _games),
    Step(
        "hosts in network namespaces",
        4,
        _hosts,
        _lacks("root", "ip", "bridge", "unshare", "nsenter", "pgbouncer", "caddy"),
        waits=True,
    ),
)


if __name__ == "__main__":
    sys.exit(main())
