"""Admin actions on existing API keys; creating keys is tested in test_admin."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from posts.keys import keys
from posts.models import ApiKey
from tests.destinations.admin import action_steps
from tests.destinations.admin.action_steps import messages_of
from tests.factories import make_account, make_workspace
from tests.posts.admin.test_admin import KEY, LIST, given
from tests.posts.cases import apart

pytestmark = pytest.mark.django_db
act = partial(action_steps.act, path=LIST)


@pytest.fixture
def key(workspace):
    return keys.create(workspace, "night", ["read"], request_limits="5/min")[0]


def test_creating_a_restricted_key_with_its_own_limits(admin_client, workspace):
    account = make_account(workspace)
    fields = {"accounts": [account.pk], "request_limits": "9/min", "post_limits": "none"}

    page = admin_client.post(f"{LIST}add/", given(workspace, **fields))

    (secret,) = KEY.findall(page.content.decode())
    made = keys.recognise(secret)
    assert (made.reach.only, made.request_limits, made.post_limits) == (
        {account.pk},
        "9/min",
        "none",
    )
    shown = admin_client.get(f"{LIST}{made.pk}/change/").content.decode()
    assert account.name in shown
    assert "9/min" in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"request_limits": "many"}, "request_limits"), ({"accounts": ["foreign"]}, "accounts")],
)
def test_an_invalid_restriction_creates_no_key_and_marks_it(admin_client, workspace, wrong, field):
    if field == "accounts":
        wrong = {"accounts": [make_account(make_workspace("Elsewhere")).pk]}

    page = admin_client.post(f"{LIST}add/", given(workspace, **wrong))

    assert list(page.context["adminform"].form.errors) == [field]
    assert ApiKey.objects.count() == 0


def test_rotating_asks_for_confirmation_and_shows_the_secret_once(admin_client, key):
    asked = act(admin_client, "rotate", key)
    assert b"How long the old key keeps working" in asked.content
    assert ApiKey.objects.count() == 1

    page = act(admin_client, "rotate", key, confirmed="yes", overlap="1h")

    (secret,) = KEY.findall(page.content.decode())
    new = keys.recognise(secret)
    assert (new.name, new.request_limits) == ("night", "5/min")
    assert "no-store" in page["Cache-Control"]
    key.refresh_from_db()
    assert key.expires_at - timezone.now() <= timedelta(hours=1)
    told = set(LogEntry.objects.values_list("object_id", "change_message"))
    assert told == {
        (str(key.pk), f"Replaced by {new.prefix} by operator:admin"),
        (str(new.pk), f"Replaces {key.prefix}, by operator:admin"),
    }
    again = act(admin_client, "rotate", key, confirmed="yes", overlap="1h")
    assert messages_of(again) == [f"Nothing was changed. {key} was already replaced by {new}."]
    assert ApiKey.objects.count() == 2


def test_an_overlap_that_is_not_a_choice_is_refused(admin_client, key):
    page = act(admin_client, "rotate", key, confirmed="yes", overlap="9999day")

    assert b"Select a valid choice" in page.content
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("action", ["rotate", "change_limits"])
def test_actions_need_exactly_one_key(admin_client, workspace, key, action):
    other, _ = keys.create(workspace, "other", ["read"])

    page = act(admin_client, action, key, other)

    assert messages_of(page) == ["Nothing was changed. Choose exactly one key."]
    assert ApiKey.objects.count() == 2


def test_changing_limits_records_the_operator(admin_client, key):
    asked = act(admin_client, "change_limits", key).content.decode()
    assert 'value="5/min"' in asked

    wrong = act(admin_client, "change_limits", key, confirmed="yes", request_limits="many")
    assert b"is not a limit" in wrong.content
    key.refresh_from_db()
    assert key.request_limits == "5/min"

    page = act(
        admin_client, "change_limits", key, confirmed="yes", request_limits="", post_limits="7/h"
    )

    key.refresh_from_db()
    assert (key.request_limits, key.post_limits) == ("", "7/h")
    assert messages_of(page) == ["The limits were set."]
    entry = LogEntry.objects.get()
    assert entry.change_message == (
        "Limits set by operator:admin: request_limits default, post_limits 7/h"
    )


def test_an_operator_without_permission_changes_nothing(client, key):
    for rights, action in (
        (["view_apikey"], "rotate"),
        (["view_apikey", "change_apikey"], "rotate"),
        (["view_apikey", "add_apikey"], "rotate"),
        (["view_apikey", "add_apikey"], "change_limits"),
    ):
        with apart(rights, action):
            user = User.objects.create_user("vi", password="x", is_staff=True)
            user.user_permissions.set(Permission.objects.filter(codename__in=rights))
            client.force_login(user)

            act(client, action, key, confirmed="yes", overlap="1h", request_limits="9/min")

            key.refresh_from_db()
            assert (key.request_limits, key.expires_at, ApiKey.objects.count()) == (
                "5/min",
                None,
                1,
            )
