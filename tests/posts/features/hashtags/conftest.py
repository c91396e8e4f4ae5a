import pytest

from posts.composing.extensions import post_settings
from tests.factories import make_account


@pytest.fixture(autouse=True)
def _settings_are_read_anew():
    post_settings.forget()


@pytest.fixture
def facebook(ada):
    return make_account(ada.workspace, "facebook")


@pytest.fixture
def instagram(ada):
    return make_account(ada.workspace, "instagram")
