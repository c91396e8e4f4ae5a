"""The three roles: what each may do, and that every migration makes them so."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command

from config.admin import registration  # noqa: F401 - it registers the pages
from config.management.commands import operator
from config.operators import roles

pytestmark = pytest.mark.django_db


def held(role: str) -> set[str]:
    rows = Group.objects.get(name=role).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {f"{app}.{codename}" for app, codename in rows}


def test_every_model_with_a_page_is_in_the_table_and_no_other():
    assert {model._meta.label_lower for model in admin.site._registry} == set(roles.TABLE)


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_migrated_database_has_each_role_as_the_table_says(role):
    assert held(role) == set(roles.permissions(role))


def test_each_role_is_all_of_the_one_before():
    viewer, on_call, administrator = (set(roles.permissions(role)) for role in roles.ROLES)

    assert viewer < on_call < administrator
    assert all(name.partition(".")[2].startswith("view_") for name in viewer)


def test_viewers_and_those_on_call_see_no_logins_and_change_no_keys_users_or_settings():
    on_call = set(roles.permissions(roles.ON_CALL))

    assert not {name for name in on_call if name.startswith(("auth.", "axes."))}
    for model in ("posts.apikey", "posts.workspace", "django_celery_beat.periodictask"):
        app, _, name = model.partition(".")
        assert {each for each in on_call if each.endswith(f"_{name}")} == {f"{app}.view_{name}"}


def test_a_migration_undoes_what_was_changed_by_hand_and_leaves_other_groups_alone():
    viewer, own = Group.objects.get(name=roles.VIEWER), Group.objects.create(name="Own")
    extra = Permission.objects.get(codename="delete_user")
    viewer.permissions.set([extra])
    own.permissions.set([extra])

    call_command("migrate", verbosity=0)

    assert held(roles.VIEWER) == set(roles.permissions(roles.VIEWER))
    assert held("Own") == {"auth.delete_user"}


def test_a_permission_that_does_not_exist_yet_is_left_out():
    Permission.objects.filter(codename="view_event").delete()
    sender = apps.get_app_config("axes")

    roles.sync(sender=sender, using="default", apps=apps)

    assert held(roles.VIEWER) == set(roles.permissions(roles.VIEWER)) - {"destinations.view_event"}


def test_the_command_makes_an_operator_and_changes_their_role(monkeypatch, capsys):
    monkeypatch.setattr(operator, "getpass", lambda _: "correct horse battery staple")

    call_command("operator", "ada", "--role", "on-call")
    ada = User.objects.get(username="ada")
    assert (ada.is_staff, ada.is_superuser) == (True, False)
    assert ada.check_password("correct horse battery staple")
    ada.groups.add(Group.objects.create(name="Own"))

    call_command("operator", "ada", "--role", "viewer")
    assert set(ada.groups.values_list("name", flat=True)) == {"Own", roles.VIEWER}
    assert "ada is Viewer now." in capsys.readouterr().out


def test_the_command_says_that_a_superuser_still_may_do_everything(admin_user, capsys):
    call_command("operator", admin_user.username, "--role", "viewer")

    assert "superuser" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "typed"), [("ada", ["short", "short"]), ("a b", []), ("ada", ["long enough 1", "x"])]
)
def test_the_command_makes_no_operator_by_a_bad_name_or_password(monkeypatch, name, typed):
    answers = iter(typed)
    monkeypatch.setattr(operator, "getpass", lambda _: next(answers))

    with pytest.raises(CommandError):
        call_command("operator", name, "--role", "viewer")
    assert not User.objects.exists()
