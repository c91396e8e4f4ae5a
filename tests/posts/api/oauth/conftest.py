import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from config.operators import roles
from tests.posts.keys.oauth.program import Program, make_program


@pytest.fixture
def program(db) -> Program:
    return make_program()


@pytest.fixture
def operator(db) -> User:
    """An administrator, who may make keys."""
    user = User.objects.create_user("olga", password="a long password", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
    return user


@pytest.fixture
def page(operator) -> Client:
    """The operator's browser, logged in."""
    browser = Client()
    browser.force_login(operator)
    return browser
