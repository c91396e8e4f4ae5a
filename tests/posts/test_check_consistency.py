"""`check_consistency` as an operator runs it, in its own transactions."""

import io

import pytest
from django.core.management import CommandError, call_command

from destinations.dispatch import claims
from destinations.models import Destination
from destinations.publishing import worker
from posts.management.commands.check_consistency import CHECKS
from posts.models import Post
from tests.factories import make_account, make_post, make_workspace
from tests.posts.media.states import SET, made, run_sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account():
    return make_account(make_workspace())


def run(*options):
    """(exit status, what it said)"""
    out = io.StringIO()
    try:
        call_command("check_consistency", *options, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue()
    return 0, out.getvalue()


def test_after_publishing_there_are_no_contradictions(workspace, simulator):
    accounts = [
        make_account(
            workspace, "x", token=simulator.connect("x", number), platform_account_id=number
        )
        for number in ("77", "78", "79", "80")
    ]
    simulator.fault("x", account="78", status=400)
    simulator.fault("x", account="79", drop="after", times=1)
    simulator.fault("x", account="80", rate_limit_reset_seconds=600, times=1)
    make_post(workspace, accounts)
    make_post(workspace, accounts)
    worker.publish(claims.claim(100))

    assert run() == (0, f"No contradictions: {len(CHECKS)} checks.\n")
    states = set(Destination.objects.values_list("status", flat=True))
    assert states == {"published", "failed", "unconfirmed", "queued"}


def test_without_repair_it_reports_and_changes_nothing(account):
    destination = made(account, "publishing")
    run_sql(SET + "due_at = NULL WHERE id = %(id)s", destination)

    status, said = run()

    assert status == 1
    assert said.startswith("begun_without_clock: 1. It was started and has no clock")
    assert destination.public_id in said
    destination.refresh_from_db()
    assert destination.due_at is None


def test_a_repair_is_reported_and_the_next_run_is_clean(account):
    destination = made(account, "publishing")
    run_sql(SET + "due_at = NULL WHERE id = %(id)s", destination)
    run_sql("UPDATE posts_post SET status = 'failed'", destination)

    status, said = run("--repair")

    assert (status, said.splitlines()) == (
        0,
        [
            "begun_without_clock: repaired 1 of 1",
            "post_status_differs: repaired 1 of 1",
            f"No contradictions: {len(CHECKS)} checks.",
        ],
    )
    assert Post.objects.get().status == "publishing"
    assert run("--repair") == (0, f"No contradictions: {len(CHECKS)} checks.\n")


def test_unrepairable_findings_are_reported_and_not_touched(account):
    destination = made(account, "retrying")
    run_sql(SET + "due_at = NULL WHERE id = %(id)s", destination)

    status, said = run("--repair")

    assert status == 1
    assert said.startswith("retry_without_clock: 1. ")
    destination.refresh_from_db()
    assert destination.due_at is None
