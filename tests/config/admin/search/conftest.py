from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User

# The site's search asks the pages that are registered.
import config.admin.registration  # noqa: F401
from config.admin.search import SearchResults, search


@pytest.fixture
def found() -> Callable[[str], dict[str, list[str]]]:
    """The names of the results by the title of their group, for one who may view everything."""

    def find(typed: str) -> dict[str, list[str]]:
        answer: SearchResults = search(typed, lambda model: True)
        return {group.title: [each.name for each in group.results] for group in answer.groups}

    return find


@pytest.fixture
def operator(client) -> Callable[..., object]:
    """A client of an operator who has only these permissions."""

    def log_in(*codenames: str):
        user = User.objects.create_user("vi", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return log_in
