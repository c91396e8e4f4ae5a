"""While an operator pauses publishing, everyone whose posts wait is told so, and no one else."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from destinations import pauses
from destinations.models import Destination, Pause
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases

SCOPES = ["installation", "network", "workspace", "account"]
SECRET = "Their secret agent is at work"
NOTICE = "X answers slowly; we go on at noon."


@pytest.fixture(params=SCOPES)
def paused(request, account) -> Pause:
    targets = {"network": "x", "workspace": account.workspace_id, "account": account.pk}
    return pauses.pause(
        request.param,
        targets.get(request.param, ""),
        by="operator:ada",
        reason=SECRET,
        notice=NOTICE,
    )


def banner(pause: Pause) -> dict:
    since = f"{pause.paused_at:%Y-%m-%dT%H:%M:%SZ}"
    return {"scope": pause.scope, "since": since, "notice": NOTICE}


def results(caller, post) -> dict:
    return caller.get(f"/posts/{post.public_id}/results").json()["meta"]


def test_a_post_that_waits_says_for_what(ada, account, paused):
    post = make_post(ada.workspace, [account])
    told = [{"destination_id": post.destinations.get().public_id, **banner(paused)}]

    meta = ada.get(f"/posts/{post.public_id}").json()["meta"]
    of_results = results(ada, post)

    assert meta["publishing_paused"] == of_results["publishing_paused"] == told
    [note] = of_results["notes"]
    assert note["note"].endswith(f"what has not begun waits, and does not fail. {NOTICE}")


def test_an_account_says_so_and_can_still_be_posted_to(ada, account, paused):
    health = ada.get(f"/accounts/{account.pk}/health").json()["data"]
    listed = ada.get("/accounts").json()["data"]["accounts"][0]["health"]

    assert health["publishing_paused"] == listed["publishing_paused"] == banner(paused)
    assert (health["status"], health["reasons"]) == ("warning", ["publishing_paused"])
    assert (listed["status"], listed["can_post"]) == ("healthy", True)


def test_validation_says_that_it_would_wait(ada, account, paused):
    answer = ada.post("/posts/validate", {"content": "Hi", "account_ids": [account.pk]})

    [verdict] = answer.json()["data"]["accounts"]
    assert verdict["valid"]
    assert verdict["publishing_paused"] == banner(paused)
    assert any(NOTICE in note for note in verdict["notes"])


def test_a_post_is_accepted_and_waits(ada, account, paused):
    answer = ada.post("/posts", {"content": "Hi", "account_ids": [account.pk]})

    assert answer.status_code == 201
    assert Destination.objects.get().status == "queued"


def seen_by(caller, account, post) -> str:
    paths = (
        "/accounts",
        f"/accounts/{account.pk}/health",
        f"/posts/{post.public_id}",
        f"/posts/{post.public_id}/results",
    )
    body = {"content": "Hi", "account_ids": [account.pk]}
    answers = [caller.get(path) for path in paths] + [caller.post("/posts/validate", body)]
    assert {answer.status_code for answer in answers} == {200}
    return json.dumps([answer.json() for answer in answers])


def test_the_reason_and_who_paused_are_not_told(ada, account, paused):
    everything = seen_by(ada, account, make_post(ada.workspace, [account]))

    assert "publishing_paused" in everything
    assert SECRET not in everything
    assert "operator" not in everything


@cases("scope", ["workspace", "account", "network"])
def test_a_stranger_learns_nothing_of_it(cy, account, scope):
    targets = {"network": "x", "workspace": account.workspace_id, "account": account.pk}
    pauses.pause(scope, targets[scope], by="operator:ada", reason=SECRET, notice=NOTICE)
    own = make_account(cy.workspace, "threads")

    everything = seen_by(cy, own, make_post(cy.workspace, [own]))

    assert "paused" not in everything
    assert NOTICE not in everything


def test_a_resumed_pause_is_told_no_more(ada, account, paused):
    pauses.resume(paused.pk, by="operator:ada")

    assert "paused" not in seen_by(ada, account, make_post(ada.workspace, [account]))


@cases(
    ("fields", "waits"),
    [
        ({"status": "failed", "next_retry_at": timezone.now() + timedelta(minutes=9)}, True),
        ({"status": "failed", "due_at": None, "error_code": "content_rejected"}, False),
        ({"status": "publishing", "begun_at": timezone.now(), "attempts": 1}, False),
        ({"status": "published", "due_at": None, "published_at": timezone.now()}, False),
    ],
)
def test_only_what_has_not_begun_is_said_to_wait(ada, account, fields, waits):
    post = make_post(ada.workspace, [account], **fields)
    pauses.pause("network", "x", by="operator:ada", reason=SECRET)

    assert ("publishing_paused" in results(ada, post)) is waits
