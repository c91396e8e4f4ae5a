import pytest
from django.contrib.auth.models import User

from tests.config.operators.browser import RIGHT


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_superuser("ada", password=RIGHT)
