from tests.destinations.conftest import app  # noqa: F401 - a fixture
from tests.posts.conftest import _files, ada  # noqa: F401 - fixtures
