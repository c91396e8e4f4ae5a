import pytest

from tests.destinations.statistics.attempt_factories import Clock


@pytest.fixture
def now(monkeypatch) -> Clock:
    return Clock(monkeypatch)
