import pytest

from deploy.simulator.tiktok import init as limits
from platforms.drafts import Draft
from platforms.tiktok import media as uploads
from tests.platforms.driver import padded
from tests.platforms.tiktok.steps import CLIP, make_draft


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> Draft:
    """A video of five pieces, the last with 3 bytes more; they are smaller than TikTok's."""
    monkeypatch.setattr(uploads, "SINGLE_BYTES", 600_000)
    monkeypatch.setattr(uploads, "CHUNK_BYTES", 500_000)
    monkeypatch.setattr(limits, "MB", 100_000)
    return make_draft(padded(CLIP, 2_500_003))
