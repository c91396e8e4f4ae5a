import pytest

from tests.config.closed import *  # noqa: F403

pytestmark = pytest.mark.django_db
