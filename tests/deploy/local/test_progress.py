"""How far a long step of the start is."""

import io
import threading

from deploy.local import console, prepare
from tests.until import until


def said_of(lines, monkeypatch, capsys, seconds):
    monkeypatch.setattr(prepare, "PROGRESS_SECONDS", seconds)
    progress = prepare._Progress("tables made")
    for line in lines:
        progress.write(line)
    return capsys.readouterr().out.splitlines()


def test_a_long_step_says_how_many_of_its_steps_are_done(monkeypatch, capsys):
    lines = ["  Applying posts.0001…", " OK\n", "  Applying posts.0002…", " OK\n"]
    said = said_of(lines, monkeypatch, capsys, seconds=0)
    assert said[-1] == "progress 2 tables made…"


def test_a_quick_step_says_nothing(monkeypatch, capsys):
    assert said_of([" OK\n"] * 9, monkeypatch, capsys, seconds=60) == []


def test_a_silence_is_broken_until_the_block_ends(monkeypatch):
    monkeypatch.setattr(console, "SILENT_SECONDS", 0.02)
    stream = io.StringIO()
    said = console.Console(stream)

    with said.breaking_silence():
        until(lambda: stream.getvalue().count("Still at it") >= 2)

    assert "silence" not in {thread.name for thread in threading.enumerate()}
