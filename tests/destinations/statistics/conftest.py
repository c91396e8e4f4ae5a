import pytest

from tests.destinations.statistics.trying import Clock


@pytest.fixture
def now(monkeypatch) -> Clock:
    return Clock(monkeypatch)
