"""Operators pause and resume in the admin: who may, what they are told, what is recorded."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from destinations import pauses
from destinations.models import Destination, Heartbeat, Pause
from destinations.pauses import lifecycle
from tests.destinations.admin.action_steps import messages_of, staff, text
from tests.destinations.dispatch.rows import make_accounts, make_rows

pytestmark = pytest.mark.django_db
LIST = "/admin/destinations/pause/"
NEW = f"{LIST}new/"
REASON = "X loses posts"


@pytest.fixture
def account():
    (made,) = make_accounts(1)
    make_rows([made], 3)
    make_rows([made], 2, due_in_seconds=600)
    return made


@pytest.fixture
def operator(client):
    return staff(client, "change_pause", "change_account", "change_workspace")


def ask(client, scope, target="", **fields):
    path = f"{NEW}?scope={scope}&target={target}"
    return client.post(path, fields, follow=True) if fields else client.get(path, follow=True)


def resume(client, pause, **fields):
    return client.post(f"{LIST}{pause.pk}/resume/", fields, follow=True)


def test_every_target_can_be_paused_and_the_page_says_what_that_concerns(operator, account):
    targets = {"network": "x", "workspace": account.workspace_id, "account": account.pk}
    for scope, target in targets.items():
        shown = text(ask(operator, scope, target))
        assert "3 posts due now wait from then on." in shown
        assert "2 posts fall due within the next hour" in shown

        page = ask(operator, scope, target, reason=REASON, notice="Back at noon.")

        made = Pause.objects.latest("pk")
        assert (made.scope, made.target, made.paused_by) == (scope, str(target), "operator:vi")
        assert (made.reason, made.notice) == (REASON, "Back at noon.")
        assert "3 posts wait" in messages_of(page)[0]
        assert LogEntry.objects.filter(object_id=made.pk, change_message__contains=REASON).exists()


def test_the_choice_offers_every_network_and_everything(operator):
    pauses.pause("network", "x", by="operator:ada", reason="Down")

    shown = text(operator.get(NEW))

    assert "scope=network&amp;target=threads" in shown
    assert "scope=installation" in shown
    assert f"{LIST}{Pause.objects.get().pk}/resume/" in shown


def test_everything_is_paused_only_after_it_was_typed(operator):
    page = ask(operator, "installation", reason=REASON, confirmation="yes")
    assert "to pause the whole installation" in text(page)
    assert pauses.active() == []

    ask(operator, "installation", reason=REASON, confirmation="Pause everything")
    assert [each.scope for each in pauses.active()] == ["installation"]


def test_a_reason_is_asked_for(operator):
    assert "This field is required" in text(ask(operator, "network", "x", notice="Soon"))
    assert pauses.active() == []


@pytest.mark.parametrize(("scope", "target"), [("network", "friendster"), ("account", "999999")])
def test_what_does_not_exist_leads_back_to_the_choice(operator, scope, target):
    page = ask(operator, scope, target, reason=REASON)

    assert "choose again" in messages_of(page)[0]
    assert pauses.active() == []


def test_what_is_paused_leads_to_its_end(operator):
    made = pauses.pause("network", "x", by="operator:ada", reason="Down")

    page = ask(operator, "network", "x", reason=REASON)

    assert page.redirect_chain[-1][0] == f"{LIST}{made.pk}/resume/"
    assert len(pauses.active()) == 1


def test_a_hanging_start_is_told_instead_of_waited_for(operator, monkeypatch):
    def hang() -> None:
        raise lifecycle.StartHangs("A worker's transaction hangs; nothing was paused. Try again.")

    monkeypatch.setattr(lifecycle, "_lock", hang)

    assert "Try again" in messages_of(ask(operator, "network", "x", reason=REASON))[0]


def test_the_end_says_what_waits_and_what_is_too_late(operator, account):
    late = Destination.objects.filter(wanted_at__lte=timezone.now())[:2]
    for row in late:
        row.not_after = timezone.now() - timedelta(minutes=1)
        row.save()
    made = pauses.pause("network", "x", by="operator:ada", reason=REASON)

    shown = text(operator.get(f"{LIST}{made.pk}/resume/"))

    assert "3 posts wait; they go out in turn" in shown
    assert "2 posts will fail as missed_schedule" in shown
    assert REASON in shown


@pytest.mark.parametrize(("fields", "left"), [({}, 3), ({"lift_limits": "on"}, 0)])
def test_limits_are_lifted_only_if_the_operator_says_so(operator, account, fields, left):
    Destination.objects.filter(wanted_at__lte=timezone.now()).update(
        not_after=timezone.now() - timedelta(minutes=1)
    )
    made = pauses.pause("network", "x", by="operator:ada", reason=REASON)

    page = resume(operator, made, **fields)

    assert pauses.active() == []
    assert Destination.objects.filter(not_after__isnull=False).count() == left
    assert "3 posts go out in turn." in messages_of(page)[0]
    made.refresh_from_db()
    assert made.resumed_by == "operator:vi"
    assert LogEntry.objects.filter(object_id=made.pk, change_message__contains="Resumed").exists()


def test_a_second_resume_says_that_it_was_resumed(operator):
    made = pauses.pause("network", "x", by="operator:ada", reason=REASON)
    resume(operator, made)

    assert "was resumed already" in messages_of(resume(operator, made))[0]


def test_who_may_only_look_changes_nothing(client, account):
    viewer = staff(client, "change_account", "change_destination")
    made = pauses.pause("network", "threads", by="operator:ada", reason=REASON)

    assert ask(viewer, "network", "x", reason=REASON).status_code == 403
    assert ask(viewer, "network", "x").status_code == 403
    assert resume(viewer, made).status_code == 403
    assert [each.target for each in pauses.active()] == ["threads"]
    for path in (
        LIST,
        f"{LIST}{made.pk}/change/",
        f"/admin/destinations/account/{account.pk}/change/",
    ):
        shown = text(viewer.get(path))
        assert f"{LIST}{made.pk}/resume/" not in shown
        assert NEW not in shown
    assert REASON in text(viewer.get(LIST))


def test_the_pages_of_an_account_and_a_workspace_lead_to_its_pause(operator, account):
    at_account = f"/admin/destinations/account/{account.pk}/change/"
    at_workspace = f"/admin/posts/workspace/{account.workspace_id}/change/"

    assert f"scope=account&amp;target={account.pk}" in text(operator.get(at_account))
    assert f"scope=workspace&amp;target={account.workspace_id}" in text(operator.get(at_workspace))
    made = pauses.pause("workspace", account.workspace_id, by="operator:ada", reason=REASON)

    for path in (at_account, at_workspace):
        shown = text(operator.get(path))
        assert "Publishing is paused here" in shown
        assert f"{LIST}{made.pk}/resume/" in shown


def test_every_page_says_what_is_paused(operator):
    for platform in ("x", "threads", "tiktok", "youtube", "linkedin"):
        pauses.pause("network", platform, by="operator:ada", reason=f"No {platform}")

    for path in ("/admin/", LIST, "/admin/destinations/event/"):
        shown = text(operator.get(path))
        assert "Publishing is paused: X, by ada" in shown
        assert "2 more are paused." in shown
    for pause in pauses.active():
        pauses.resume(pause.pk, by="operator:ada")
    assert "Publishing is paused" not in text(operator.get("/admin/"))


def test_the_list_has_those_in_force_first(operator, account):
    old = pauses.pause("network", "x", by="operator:ada", reason="Old")
    pauses.pause("account", account.pk, by="operator:ada", reason="Wrong texts")
    pauses.resume(old.pk, by="operator:cy")

    page = operator.get(LIST)
    rows = [row.reason for row in page.context["cl"].result_list]

    assert rows == ["Wrong texts", "Old"]
    shown = text(page)
    assert "by ada" in shown
    assert "by cy" in shown
    assert [
        row.reason for row in operator.get(f"{LIST}?state=ended").context["cl"].result_list
    ] == ["Old"]


def test_after_a_restore_the_end_wants_a_decision_on_what_would_go_out(operator, account):
    made = pauses.pause("installation", by="beat", reason="Restored")
    Heartbeat.objects.create(at=timezone.now(), restored_at=timezone.now() + timedelta(hours=1))

    shown = text(operator.get(f"{LIST}{made.pk}/resume/"))
    assert "The database was restored" in shown
    assert "3 due already" in shown
    assert "2 due within a day" in shown
    resume(operator, made)
    assert pauses.active() == [made]

    workspace = account.workspace_id
    choice = {f"{workspace}/overdue": "publish", f"{workspace}/day": "doubt"}
    page = resume(operator, made, **choice)

    assert pauses.active() == []
    assert "May be public, and not sent: 2." in messages_of(page)[0]
    assert Destination.objects.filter(error_code="outcome_unknown").count() == 2
