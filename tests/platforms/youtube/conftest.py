import pytest

from platforms.youtube import media as uploads
from tests.platforms.driver import padded
from tests.platforms.youtube.steps import CLIP, MIB


@pytest.fixture
def long_clip(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A video of three pieces, which are smaller than the product's."""
    monkeypatch.setattr(uploads, "SINGLE_BYTES", 2 * MIB)
    monkeypatch.setattr(uploads, "CHUNK_BYTES", MIB)
    return padded(CLIP, 5 * MIB // 2 + 5)
