"""An administrator manages operators, and gains nothing by it."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from config.operators import roles

pytestmark = pytest.mark.django_db
USERS = "/admin/auth/user/"
NEW = "a much longer passphrase"


def made(name: str, *groups: str, **fields) -> User:
    user = User.objects.create_user(name, password="x", is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@pytest.fixture
def ada() -> User:
    return made("ada", roles.ADMINISTRATOR)


@pytest.fixture
def client_of_ada(ada, client) -> Client:
    client.force_login(ada)
    return client


def saved(client: Client, user: User, **change):
    """The answer to the form of a user's page, filled as it is shown and changed so."""
    form = {"username": user.username, "is_active": "on", "is_staff": "on"}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    form["groups"] = [group.pk for group in user.groups.all()]
    return client.post(f"{USERS}{user.pk}/change/", {**form, **change})


def pks(*names: str) -> list[int]:
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def test_an_administrator_gives_roles(client_of_ada):
    other = made("other")

    assert saved(client_of_ada, other, groups=pks(roles.ON_CALL)).status_code == 302

    assert other.groups.get().name == roles.ON_CALL


@pytest.mark.parametrize("whose", ["ada", "other"])
def test_an_administrator_makes_no_superuser_and_gives_no_single_right(client_of_ada, ada, whose):
    user = ada if whose == "ada" else made("other")
    right = Permission.objects.get(codename="delete_user")

    saved(client_of_ada, user, is_superuser="on", user_permissions=[right.pk])

    user.refresh_from_db()
    assert not user.is_superuser
    assert not user.user_permissions.exists()


def test_an_administrator_gives_no_group_that_may_more_than_they_do(client_of_ada, ada):
    strong = Group.objects.create(name="Strong")
    strong.permissions.set(Permission.objects.filter(codename="change_group"))

    page = saved(client_of_ada, ada, groups=[*pks(roles.ADMINISTRATOR), strong.pk])

    assert page.status_code == 200
    assert "groups" in page.context["adminform"].form.errors
    assert ada.groups.get().name == roles.ADMINISTRATOR


@pytest.mark.parametrize("active", [True, False])
def test_an_administrator_does_not_touch_those_who_may_more(client_of_ada, active):
    root = User.objects.create_superuser("root", password="x")
    strong = made("strong")
    strong.user_permissions.set(Permission.objects.filter(codename="change_group"))
    for user in (root, strong):
        # An inactive one could be activated, with a password of one's own.
        User.objects.filter(pk=user.pk).update(is_active=active)
        assert saved(client_of_ada, user, username="mine").status_code == 403
        form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
        assert client_of_ada.post(f"{USERS}{user.pk}/password/", form).status_code == 403
        assert client_of_ada.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403
        user.refresh_from_db()
        assert (user.username in ("root", "strong"), user.check_password(NEW)) == (True, False)


def test_an_administrator_does_not_remove_a_second_factor(client_of_ada):
    other = made("other")

    page = client_of_ada.get(USERS)
    assert b"remove_second_factor" not in page.content
    form = {"action": "remove_second_factor", "_selected_action": [other.pk]}
    assert b"without a second factor" not in client_of_ada.post(USERS, form, follow=True).content


def test_the_roles_are_seen_and_not_changed_even_by_a_superuser(admin_client):
    [role] = pks(roles.VIEWER)
    path = f"/admin/auth/group/{role}/"

    assert admin_client.get(f"{path}change/").status_code == 200
    assert admin_client.post(f"{path}change/", {"name": "mine"}).status_code == 403
    assert admin_client.post(f"{path}delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_makes_groups_of_their_own_and_superusers(admin_client):
    other = made("other")

    assert admin_client.post("/admin/auth/group/add/", {"name": "Own"}).status_code == 302
    assert saved(admin_client, other, is_superuser="on", groups=pks("Own")).status_code == 302

    other.refresh_from_db()
    assert (other.is_superuser, other.groups.get().name) == (True, "Own")
