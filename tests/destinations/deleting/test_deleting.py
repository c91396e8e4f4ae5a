"""Deletions that were asked for end; nothing else is deleted."""

import asyncio
from datetime import timedelta

import pytest

from destinations import manual_retry, resolve
from destinations.accounts import encryption
from destinations.deleting import claims, deletion_request, deletion_worker
from destinations.deleting.deletion_worker import DeletionEngine
from destinations.models import Account, Deletion, Destination, Event
from destinations.publishing import ownership
from destinations.publishing.ownership import Found
from destinations.runtime import clock
from platforms.drafts import Draft
from platforms.errors import Unauthorized
from platforms.registry import ADAPTERS
from tests.destinations.deleting import working
from tests.destinations.deleting.conftest import ADA, ask, delete

D = Deletion.Status
THREAD = Draft("One", settings={"thread": ["Two", "Three"]})


def due_again() -> None:
    """As if the pause, or the lease of a worker that died, had ended."""
    Deletion.objects.exclude(due_at=None).update(due_at=clock.now() - timedelta(seconds=1))


@pytest.mark.parametrize("platform", ["x", "facebook", "linkedin", "threads"])
def test_a_public_post_is_deleted_and_its_history_says_who_asked(live, simulator, platform):
    row = live(platform)
    assert len(simulator.posts(platform)) == 1

    (deletion,) = delete(row)

    assert (deletion.status, deletion.due_at, deletion.claim) == (D.DELETED, None, None)
    assert not simulator.posts(platform)
    events = dict(Event.objects.filter(destination=row).values_list("move", "by"))
    assert events["ask_to_delete"] == "operator:ada"
    assert "delete" in events
    row.refresh_from_db()
    assert row.status == "published"
    assert row.notes[-1].startswith("Deleted from ")


def test_the_intent_is_committed_before_the_network_is_asked(live, simulator):
    row = live()

    (deletion,) = ask(row)

    assert (deletion.status, deletion.asked_by) == (D.WAITING, "operator:ada")
    assert deletion.parts == [{"id": row.platform_post_id, "removal": ""}]
    assert simulator.posts("x")


def test_what_a_person_deleted_is_already_gone(live, simulator):
    row = live()
    simulator.http.post("/control/clear")

    (deletion,) = delete(row)

    assert deletion.status == D.ALREADY_GONE


@pytest.mark.parametrize("platform", ["x", "threads"])
def test_all_parts_of_a_thread_are_deleted(live, simulator, platform):
    row = live(platform, THREAD)
    assert len(simulator.posts(platform)) == 3

    (deletion,) = delete(row)

    assert not simulator.posts(platform)
    assert [part["removal"] for part in deletion.parts] == ["deleted"] * 3


def test_a_thread_goes_on_where_it_stopped(live, simulator):
    row = live("x", THREAD)
    simulator.fault("x", call="delete_post", status=500, skip=1, times=1)

    (deletion,) = delete(row)

    assert deletion.status == D.WAITING
    assert [part["removal"] for part in deletion.parts] == ["", "", "deleted"]
    assert len(simulator.posts("x")) == 2
    due_again()
    working.work()
    deletion.refresh_from_db()
    assert (deletion.status, deletion.attempts) == (D.DELETED, 2)
    assert not simulator.posts("x")


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"drop": "before"}, {"status": 503}])
def test_a_lost_or_unreadable_answer_is_asked_for_again(live, simulator, fault):
    row = live()
    simulator.fault("x", call="delete_post", times=1, **fault)

    (deletion,) = delete(row)
    assert (deletion.status, deletion.failures) == (D.WAITING, 1)
    assert deletion.due_at > clock.now() - timedelta(seconds=5)

    due_again()
    working.work()
    deletion.refresh_from_db()
    assert deletion.is_gone
    assert not simulator.posts("x")


def test_retries_end_and_say_why(live, simulator):
    row = live()
    simulator.fault("x", call="delete_post", status=503)
    (deletion,) = ask(row)

    for _ in range(20):
        due_again()
        working.work()

    deletion.refresh_from_db()
    assert (deletion.status, deletion.due_at) == (D.FAILED, None)
    assert deletion.error_code == "platform_unavailable"
    assert Event.objects.filter(destination=row, move="fail_to_delete").count() == 1
    assert simulator.posts("x")


def test_a_deletion_that_failed_may_be_asked_for_again(live, simulator):
    row = live()
    simulator.fault("x", call="delete_post", status=400, times=1)
    (deletion,) = delete(row)
    assert deletion.status == D.FAILED

    (again,) = delete(row)

    assert (again.pk, again.status) == (deletion.pk, D.DELETED)


def test_asking_twice_is_asking_once(live, simulator):
    row = live()
    (first,) = ask(row)
    (second,) = delete(row)
    (third,) = delete(row)

    assert first.pk == second.pk == third.pk
    assert third.attempts == 1


def test_a_rate_limit_holds_the_accounts_other_deletions_and_not_its_posts(live, simulator):
    row = live()
    simulator.fault("x", call="delete_post", rate_limit_reset_seconds=600)

    (deletion,) = delete(row)

    assert (deletion.status, deletion.failures) == (D.WAITING, 0)
    assert deletion.due_at > clock.now() + timedelta(seconds=500)
    assert Account.objects.get(pk=row.account_id).held_until is None


def test_a_held_account_deletes_nothing(live, simulator):
    row = live()
    Account.objects.filter(pk=row.account_id).update(held_until=clock.now() + timedelta(hours=1))

    (deletion,) = delete(row)

    assert (deletion.status, deletion.attempts) == (D.WAITING, 0)


def test_a_missing_permission_leaves_the_account_usable(live, simulator):
    row = live("threads", scopes=["threads_basic", "threads_content_publish"])

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.FAILED, "permission_missing")
    assert "reconnect" in deletion.error
    assert Account.objects.get(pk=row.account_id).needs_reconnection_since is None


def test_a_refused_token_marks_the_account(live, simulator):
    row = live()
    simulator.connect("x", Account.objects.get(pk=row.account_id).platform_account_id)

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.FAILED, "account_needs_reconnection")
    assert Account.objects.get(pk=row.account_id).needs_reconnection_since


@pytest.mark.parametrize("how", ["removed", "switched off", "to be reconnected", "sealed"])
def test_an_account_that_cannot_be_used_is_not_used(live, simulator, settings, how):
    row = live()
    ask(row)
    account = Account.objects.filter(pk=row.account_id)
    if how == "removed":
        account.delete()
    if how == "switched off":
        account.update(is_active=False)
    if how == "to be reconnected":
        account.update(needs_reconnection_since=clock.now())
    if how == "sealed":
        settings.CREDENTIAL_KEYS = ["MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDA="]
    working.work()

    deletion = Deletion.objects.get()
    assert (deletion.status, bool(deletion.error)) == (D.FAILED, True)
    assert simulator.posts("x")


def by_person(row: Destination, link: str) -> Destination:
    """The row as it is when a person has said which post it is."""
    Destination.objects.filter(pk=row.pk).update(
        status="failed", error_code="outcome_unknown", platform_post_id="", platform_post_url=""
    )
    return resolve.confirm_published(row.pk, by="key:pe", link=link)


def test_a_persons_word_is_proven_by_the_network_first(live, simulator):
    row = live()
    row = by_person(row, row.platform_post_url)

    (deletion,) = delete(row)

    assert (deletion.status, deletion.is_proven) == (D.DELETED, True)
    assert not simulator.posts("x")


def test_a_post_that_is_not_proven_to_be_ours_is_never_deleted(live, simulator):
    ours, theirs = live(), live()
    link = theirs.platform_post_url
    Destination.objects.filter(pk=theirs.pk).delete()
    row = by_person(ours, link)

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.FAILED, "not_proven")
    assert len(simulator.posts("x")) == 2


def test_a_linkedin_members_post_cannot_be_proven(live, simulator):
    row = live("linkedin")
    row = by_person(row, row.platform_post_url)

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.FAILED, "not_proven")
    assert simulator.posts("linkedin")


def test_what_may_be_live_must_be_resolved_first(live):
    row = live()
    Destination.objects.filter(pk=row.pk).update(status="failed", error_code="outcome_unknown")

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.FAILED, "outcome_unknown")


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "publishing"},
        {"status": "unconfirmed"},
        {"status": "queued"},
        {"status": "failed", "next_retry_at": clock.now},
    ],
)
def test_nothing_is_deleted_while_it_is_published_looked_up_or_retried(live, fields):
    row = live()
    values = {name: value() if callable(value) else value for name, value in fields.items()}
    Destination.objects.filter(pk=row.pk).update(**values)

    with pytest.raises(deletion_request.InProgress):
        ask(row)
    assert not Deletion.objects.exists()


def test_a_story_of_facebook_and_a_post_of_instagram_say_that_they_cannot_be(live):
    row = live()
    Destination.objects.filter(pk=row.pk).update(platform="instagram")

    (deletion,) = delete(row)

    assert (deletion.status, deletion.error_code) == (D.NOT_SUPPORTED, "not_supported")
    assert "Instagram" in deletion.error


def test_the_public_parts_of_a_failed_thread_are_deleted_and_a_retry_begins_anew(live, simulator):
    row = live("x", THREAD)
    Destination.objects.filter(pk=row.pk).update(
        status="failed",
        platform_post_id="",
        error_code="content_rejected",
        checkpoint=encryption.seal(
            {"parts": [post["id"] for post in reversed(simulator.posts("x"))][:2]}
        ),
    )
    (deletion,) = ask(row)
    assert (len(deletion.parts), deletion.is_proven) == (2, True)

    skipped = manual_retry.requeue([row.pk], by="key:pe").skipped
    assert [each.reason for each in skipped] == ["being_deleted"]

    working.work()
    deletion.refresh_from_db()
    assert deletion.status == D.DELETED
    assert len(simulator.posts("x")) == 1
    row.refresh_from_db()
    assert row.checkpoint == ""
    assert [each.pk for each in manual_retry.requeue([row.pk], by="key:pe").moved] == [row.pk]


def test_a_deleted_destination_is_not_published_again(live):
    row = live()
    delete(row)

    assert not manual_retry.requeue([row.pk], by="key:pe").moved


def test_what_stays_public_without_its_post_still_has_an_owner(live):
    row = live()
    deletion_request.leave([row], ADA)
    account = Account.objects.get(pk=row.account_id)
    row.post.delete()

    other = live()
    found = Found(other.pk, other.workspace_id, "x", account.platform_account_id,
                  row.platform_post_id, "")  # fmt: skip
    assert ownership.already_owned([found]) == {other.pk}
    assert Deletion.objects.get().status == D.LEFT


def test_a_deletion_that_lasts_longer_than_a_lease_keeps_it(live, monkeypatch):
    """As with a call, a refresh after a refusal, and a call."""
    row, calls = live(), []

    async def refused_once(post_id, credentials, http):
        calls.append(post_id)
        await asyncio.sleep(1.5)
        if len(calls) == 1:
            raise Unauthorized("Refused.")
        return "deleted"

    async def refreshed(network, platform, account_id, credentials, execute):
        await asyncio.sleep(1.5)
        return credentials

    monkeypatch.setattr(claims.ROWS, "seconds", 3)
    monkeypatch.setattr(deletion_worker.refresh, "refresh", refreshed)
    monkeypatch.setattr(ADAPTERS["x"], "delete", refused_once)
    (deletion,) = ask(row)
    engine = DeletionEngine(threads=0)
    engine.wake()

    while not engine.is_idle:
        engine.step()
        assert claims.claim(10) == []

    deletion.refresh_from_db()
    assert (deletion.status, deletion.attempts, len(calls)) == (D.DELETED, 1, 2)


def test_a_token_that_ends_soon_is_refreshed_before_the_call(live, simulator, monkeypatch):
    row, order = live(), []

    async def refreshed(network, platform, account_id, credentials, execute):
        order.append("refresh")
        return credentials

    async def deleted(post_id, credentials, http):
        order.append("delete")
        return "deleted"

    monkeypatch.setattr(deletion_worker.refresh, "is_due", lambda *_: True)
    monkeypatch.setattr(deletion_worker.refresh, "refresh", refreshed)
    monkeypatch.setattr(ADAPTERS["x"], "delete", deleted)

    (deletion,) = delete(row)

    assert (deletion.status, order) == (D.DELETED, ["refresh", "delete"])
