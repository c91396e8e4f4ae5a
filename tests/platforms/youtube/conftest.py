import pytest

from platforms.youtube import media as uploads
from tests.platforms.driver import video
from tests.platforms.youtube.steps import MIB, padded


@pytest.fixture(scope="session")
def clip() -> bytes:
    return video()


@pytest.fixture
def long_clip(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A video of three pieces, which are smaller than the product's."""
    monkeypatch.setattr(uploads, "SINGLE_BYTES", 2 * MIB)
    monkeypatch.setattr(uploads, "CHUNK_BYTES", MIB)
    return padded(clip, 5 * MIB // 2 + 5)
