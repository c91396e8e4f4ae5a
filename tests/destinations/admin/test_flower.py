"""Links from the admin to the tasks in Flower."""

from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Permission, User

from destinations.admin import flower

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client):
    user = User.objects.create_user("vi", password="x", is_staff=True)
    client.force_login(user)
    return user


def allow(user: User) -> User:
    user.user_permissions.set(Permission.objects.filter(codename="view_periodictask"))
    return User.objects.get(pk=user.pk)


def test_a_destinations_tasks_are_found_by_its_public_id(settings):
    settings.FLOWER_URL = "/admin/flower"

    url = flower.tasks_of("dest_abc")

    assert url.startswith("/admin/flower/tasks?name=")
    # Flower puts `name:` in front; the rest is its search for the arguments of a task.
    assert unquote(url).endswith("name=destinations.publish args:dest_abc")
    assert " " not in url


def test_without_flower_nothing_links_to_it(settings, admin_user):
    settings.FLOWER_URL = ""

    assert flower.tasks_of("dest_abc") == ""
    assert not flower.may_open(admin_user)


def test_flower_is_for_those_who_may_see_periodic_tasks(settings, viewer):
    settings.FLOWER_URL = "/admin/flower"
    assert not flower.may_open(viewer)

    assert flower.may_open(allow(viewer))


def test_the_sidebar_shows_it_to_those_who_may_open_it(settings, viewer, client):
    settings.FLOWER_URL = "/admin/flower"
    link = b'href="/admin/flower/"'
    assert link not in client.get("/admin/").content

    allow(viewer)
    assert link in client.get("/admin/").content

    settings.FLOWER_URL = ""
    assert link not in client.get("/admin/").content
