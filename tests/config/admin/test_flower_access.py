"""Who may see Flower, as the proxy asks before it passes a request on."""

import pytest
from django.contrib.auth.models import Group, User

from config.operators import roles
from tests.config.operators.browser import RIGHT

pytestmark = pytest.mark.django_db
ASK = "/admin/flower-access/"


def ask(client, uri="/admin/flower/", method="GET"):
    headers = {"X-Forwarded-Uri": uri, "X-Forwarded-Method": method}
    return client.get(ASK, headers=headers)


@pytest.fixture
def viewer(client) -> User:
    user = User.objects.create_user("vi", password=RIGHT, is_staff=True)
    user.groups.add(Group.objects.get(name=roles.VIEWER))
    client.force_login(user)
    return user


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_role_may_look(client, viewer, role):
    viewer.groups.set(Group.objects.filter(name=role))

    assert ask(client).status_code == 204


def test_an_operator_who_may_not_see_periodic_tasks_may_not(client, viewer):
    viewer.groups.clear()

    answer = ask(client)

    assert answer.status_code == 403
    assert "You have no permission" in answer.content.decode()


def test_a_stranger_is_sent_to_the_login_and_back(client):
    answer = ask(client, "/admin/flower/tasks?name=x")

    assert answer.status_code == 302
    expected = "/admin/login/?next=%2Fadmin%2Fflower%2Ftasks%3Fname%3Dx"
    assert answer.headers["Location"] == expected


def test_and_to_no_other_place(client):
    answer = ask(client, "https://evil.example/")

    assert answer.headers["Location"] == "/admin/login/?next=%2Fadmin%2F"


def test_a_second_factor_that_is_missing_is_missing_here_too(client, viewer, settings):
    settings.SECOND_FACTOR_REQUIRED = True

    assert ask(client).status_code == 302


def test_an_old_session_is_old_here_too(client, viewer, settings):
    settings.SESSION_MAX_SECONDS = -1

    assert ask(client).status_code == 302


@pytest.mark.parametrize(
    ("uri", "method", "status"),
    [
        ("/admin/flower/tasks/datatable", "POST", 204),
        ("/admin/flower/tasks/datatable?draw=1", "POST", 204),
        ("/admin/flower/api/worker/shutdown/x", "POST", 403),
        ("/admin/flower/api/worker/shutdown/x?/tasks/datatable", "POST", 403),
        ("/admin/flower/api/task/revoke/x", "DELETE", 403),
    ],
)
def test_no_one_acts_by_flower(admin_client, uri, method, status):
    assert ask(admin_client, uri, method).status_code == status
