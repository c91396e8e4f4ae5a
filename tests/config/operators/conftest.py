import pytest
from django.contrib.auth.models import User

from tests.config.operators.browser import RIGHT


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:
    """A real hash takes a third of a second, sixty times over."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_superuser("ada", password=RIGHT)
