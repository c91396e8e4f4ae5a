"""What operators read from a standby, and what they are told of it."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.urls import reverse

from config import checks
from config.management.commands.doctor import findings
from config.observability import probes as health
from destinations.runtime.replica import reading
from posts.models import Workspace
from tests.factories import make_workspace
from tests.standby import wait

LIST = "admin:posts_workspace_changelist"


@pytest.fixture
def operator(admin_client):
    """A superuser of whom the standby is known to have everything."""
    pk = User.objects.get().pk
    wait(lambda: reading._has_all_of(f"operator:{pk}"))
    return admin_client


def test_operators_lists_are_read_from_the_standby_and_one_row_from_the_primary(standby, operator):
    make_workspace("Old")
    standby.catch_up()
    with standby.standing_still():
        new = make_workspace("New")

        shown = operator.get(reverse(LIST)).content.decode()
        assert "Old" in shown
        assert "New" not in shown.replace("New workspace", "")
        page = reverse("admin:posts_workspace_change", args=[new.pk])
        assert 'value="New"' in operator.get(page).content.decode()


def test_an_operator_who_changed_something_sees_it_in_the_next_list(standby, operator):
    found = make_workspace("Old")
    standby.catch_up()
    with standby.standing_still():
        page = reverse("admin:posts_workspace_change", args=[found.pk])
        form = operator.get(page).context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        values = {name: value for name, value in values.items() if value not in (None, False)}
        answer = operator.post(page, {**values, "name": "Renamed"})
        assert answer.status_code == 302, answer.content.decode()

        assert Workspace.objects.get().name == "Renamed"
        assert "Renamed" in operator.get(reverse(LIST)).content.decode()


def test_the_overview_is_read_from_the_standby(standby, operator):
    operator.get(reverse("admin:index"))
    sent = []

    def note(execute, sql, *others):
        sent.append(sql)
        return execute(sql, *others)

    for name in ("index", "overview_live", "overview_charts", "overview_failures"):
        sent.clear()
        with connections["default"].execute_wrapper(note):
            assert operator.get(reverse(f"admin:{name}")).status_code == 200
        # What is left are the session, the user and what they may do.
        assert not [sql for sql in sent if "destinations_" in sql], name


def test_doctor_and_readiness_tell_how_far_behind_the_standby_is(standby, settings):
    [near, clock] = findings(["replica"])
    assert (near.level, clock.level) == ("ok", "ok")
    ready = health.report()["checks"]["replica"]
    assert ready["ok"] is True

    with standby.standing_still():
        make_workspace()
        settings.DATABASE_REPLICA_MAX_LAG_SECONDS = 0

        assert health.report()["checks"]["replica"]["ok"] is False
        [far, _] = findings(["replica"])
        assert far.level == "warning"
        assert "behind the primary" in far.said


def test_doctor_and_readiness_tell_of_a_standby_that_is_none_or_away(standby, settings):
    settings.DATABASE_REPLICA = {**connections["default"].settings_dict}
    [found] = findings(["replica"])
    assert found.level == "warning"
    assert "follows no primary" in found.said
    assert health.report()["checks"]["replica"] == {"ok": False, "error": "not a standby"}

    settings.DATABASE_REPLICA = {**standby.settings, "HOST": "/nowhere"}
    [found] = findings(["replica"])
    assert found.level == "warning"
    assert "does not answer" in found.said
    assert health.report()["checks"]["replica"] == health.NO_ANSWER


def test_without_a_standby_nothing_is_told_of_one(settings, db):
    assert list(findings(["replica"])) == []
    assert "replica" not in health.report()["checks"]


@pytest.mark.parametrize("sslmode", ["prefer", "verify-full"])
def test_a_standby_that_is_reached_unencrypted_is_named(settings, sslmode):
    settings.PRIVATE_NETWORK = False
    settings.DATABASE_REPLICA = {"HOST": "standby.example.com", "OPTIONS": {"sslmode": sslmode}}

    found = [message.msg for message in checks.deployment() if message.id == "dovecote.W001"]

    named = ["DATABASE_REPLICA_URL goes over the network unencrypted."]
    assert found == (named if sslmode == "prefer" else [])


def test_what_an_operator_may_do_is_read_on_the_primary(standby, client):
    ada = User.objects.create_user("ada", is_staff=True)
    ada.groups.add(Group.objects.get(name="Viewer"))
    client.force_login(ada)
    wait(lambda: reading._has_all_of(f"operator:{ada.pk}"))
    with standby.standing_still():
        assert client.get(reverse(LIST)).status_code == 200

        ada.groups.clear()

        assert client.get(reverse(LIST)).status_code == 403
