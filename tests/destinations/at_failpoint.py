"""Run something at a named point of a worker's path, as if a failpoint were set there."""

from collections.abc import Callable

import pytest

from destinations.runtime import failpoints


def at(monkeypatch: pytest.MonkeyPatch, point: str, happens: Callable[[], object]) -> None:
    """Run it the first time that any thread reaches the point."""
    left = [happens]

    def reach(name: str, platform: str) -> None:
        if name == point and left:
            left.pop()()

    monkeypatch.setattr(failpoints, "reach", reach)
