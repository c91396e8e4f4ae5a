import pytest

from posts.models import Media
from tests.factories import make_account
from tests.posts.media import videos
from tests.posts.media.file_posts import stored


@pytest.fixture
def x(ada, simulator):
    token = simulator.connect("x", "77", username="acme")
    return make_account(ada.workspace, "x", token=token, platform_account_id="77", username="acme")


@pytest.fixture
def wide(ada) -> Media:
    return stored(
        ada, videos.picture(640, 320, "PNG"), "image/png", "wide.png", width=640, height=320
    )
