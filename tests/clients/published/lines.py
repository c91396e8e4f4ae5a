"""Node.js programs: one that answers each line of JSON with a line, and what a person types."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import programs
from tests.acceptance.stack import dying_with_us


class Lines:
    def __init__(self, child: "subprocess.Popen[str]", errors: Path) -> None:
        self._child, self._errors = child, errors

    def say(self, line: Mapping[str, Any]) -> None:
        assert self._child.stdin
        self._child.stdin.write(json.dumps(line) + "\n")
        self._child.stdin.flush()

    def hear(self) -> Any:
        """The next line; fails with the program's last words if it has ended."""
        assert self._child.stdout
        line = self._child.stdout.readline()
        assert line, f"The client has ended: {self._errors.read_text()[-3000:]}"
        return json.loads(line)


@contextmanager
def node(command: Sequence[str], home: Path, log: Path, **environ: str) -> Iterator[Lines]:
    """Runs in `home`, with what it writes to stderr in `log`, until the block ends."""
    with log.open("w") as errors:
        child = subprocess.Popen(
            [*dying_with_us(), programs.found("node"), *command],
            cwd=home,
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            yield Lines(child, log)
        finally:
            child.kill()
            child.communicate()


def program(*command: str, home: Path, **environ: str) -> "subprocess.Popen[str]":
    """A program to speak to, running in the folder `home`.

    With an empty PATH it finds no browser to open.
    """
    return subprocess.Popen(
        [*dying_with_us(), programs.found("node"), *command],
        cwd=home,
        env={**os.environ, "PATH": "", **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def converse(child: "subprocess.Popen[str]", dialogue: Iterable[tuple[str, str]]) -> None:
    """Type each answer once the program has asked its question."""
    assert child.stdin
    assert child.stdout
    for question, answer in dialogue:
        seen = ""
        while question not in seen:
            seen += (letter := child.stdout.read(1))
            assert letter, f"It never asked {question!r}, but ended: {child.communicate()}"
        child.stdin.write(f"{answer}\n")
        child.stdin.flush()
