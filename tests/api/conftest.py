"""Who calls, and the accounts most calls are about."""

import pytest

from destinations.models import Account
from tests.factories import make_account
from tests.posts.conftest import _files, ada, bo, cy, stranger

__all__ = ["_files", "ada", "bo", "cy", "linkedin", "stranger", "x"]


@pytest.fixture
def x(ada) -> Account:
    return make_account(ada.workspace, "x")


@pytest.fixture
def linkedin(ada) -> Account:
    return make_account(ada.workspace, "linkedin")
