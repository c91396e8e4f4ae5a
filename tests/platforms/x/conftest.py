import pytest

from platforms.x import dialect
from tests.conftest import Simulator
from tests.platforms.connecting import Connecting, connecting
from tests.platforms.driver import Drive
from tests.platforms.x.account import connect


@pytest.fixture(autouse=True)
def _no_dialect_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "_names", [dialect.PRESENT, dialect.FORMER])


@pytest.fixture
def drive(simulator: Simulator) -> Drive:
    return connect(simulator)


@pytest.fixture
def c(simulator: Simulator) -> Connecting:
    return connecting(simulator, "x", "x")
