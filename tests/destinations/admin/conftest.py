import pytest

from destinations.models import Destination
from tests.destinations.admin.action_steps import make, staff
from tests.factories import make_workspace


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def failed(workspace) -> Destination:
    return make(workspace, status="failed", error_code="content_rejected", attempts=2)


@pytest.fixture
def possibly_public(workspace) -> Destination:
    return make(workspace, status="failed", error_code="outcome_unknown", attempts=1)


@pytest.fixture
def viewer(client):
    """A client of an operator with read access only."""
    return staff(client)
