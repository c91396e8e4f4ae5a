"""Workspaces with queues of their own, by DEDICATED_QUEUES."""

import uuid
from collections import Counter

import pytest
from django.db import transaction

from destinations import pauses
from destinations.dispatch import claims, enqueue, queues, reassign
from destinations.dispatch.claims import Claimed
from destinations.models import Destination, Pause
from destinations.pauses import held_counts
from platforms.registry import QUEUES
from tests.destinations.dispatch.rows import make_accounts, make_rows
from tests.factories import make_account
from tests.posts.media.file_posts import stored
from tests.psql import plan_of

pytestmark = pytest.mark.django_db
FUTURE = "2099-03-15T14:00:00Z"
ONE, TWO = "0b8c1e0a-6c8c-4f57-9f0e-1f6d3c1c5a01", "0b8c1e0a-6c8c-4f57-9f0e-1f6d3c1c5a02"


def in_queues() -> Counter:
    return Counter(Destination.objects.values_list("queue", flat=True))


def test_the_setting_names_workspaces_and_their_queues():
    found = queues.parse(f"{ONE}=acme, {TWO} = acme,")

    assert found == {uuid.UUID(ONE): "acme", uuid.UUID(TWO): "acme"}
    assert queues.parse("") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE, "must look like WORKSPACE=NAME"),
        ("acme=1", "'acme' is not the id of a workspace"),
        (f"{ONE}=", "'' cannot name queues"),
        (f"{ONE}=Acme", "'Acme' cannot name queues"),
        (f"{ONE}=a.b", "'a.b' cannot name queues"),
        (f"{ONE}={'a' * 31}", "cannot name queues"),
        (f"{ONE}=upload", "'upload' cannot name queues"),
        (f"{ONE}=acme,{ONE}=big", f"the workspace {ONE} is named twice"),
    ],
)
def test_what_it_cannot_mean_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        queues.parse(text)


def test_every_name_of_a_queue_fits_its_column_and_says_its_network(settings):
    settings.DEDICATED_QUEUES = {uuid.UUID(ONE): "a" * 30}
    longest = Destination._meta.get_field("queue").max_length

    for queue in queues.known():
        assert len(queue) <= longest
        assert queues.shared(queue) in QUEUES
        shared = claims.Claimed(uuid.uuid4(), uuid.uuid4(), queues.shared(queue), None)
        assert shared._replace(queue=queue).platform == shared.platform


def test_new_and_edited_posts_are_stored_in_their_workspaces_queues(ada, settings):
    settings.DEDICATED_QUEUES = {ada.workspace.pk: "acme"}
    account = make_account(ada.workspace, "x")
    body = {"content": "Hi", "account_ids": [account.pk], "scheduled_at": FUTURE}
    post = ada.post("/posts", body).json()["data"]["post_id"]
    assert in_queues() == {"publish.x.acme": 1}

    clip = stored(ada, b"0", "video/mp4", "a.mp4", width=1280, height=720, duration=5)
    assert ada.patch(f"/posts/{post}", {"media_ids": [str(clip.pk)]}).status_code == 200

    assert in_queues() == {"publish.x.acme.upload": 1}


@pytest.mark.parametrize("look_ahead", [5000, 10])
def test_queues_of_a_workspace_have_a_bound_of_their_own(settings, look_ahead):
    """What waits for workers that are dead keeps nothing of others waiting."""
    big, small = make_accounts(20), make_accounts(2)
    settings.CLAIM_LOOK_AHEAD, settings.CLAIM_AHEAD = look_ahead, 12
    settings.DEDICATED_QUEUES = {big[0].workspace_id: "acme"}
    make_rows(big, 2, queue="publish.x.acme")
    make_rows(small, 3, due_in_seconds=-1)

    found = Counter(row.queue for row in claims.claim(500))

    assert found == {"publish.x.acme": 12, "publish.x": 6}


def test_a_pause_of_the_network_holds_and_counts_them_too(settings):
    (account,) = make_accounts(1)
    settings.CLAIM_LOOK_AHEAD = 1
    settings.DEDICATED_QUEUES = {account.workspace_id: "acme"}
    make_rows([account], 3, queue="publish.x.acme")
    workspace = str(account.workspace_id)
    assert held_counts.count("workspace", workspace).due == 3

    pauses.pause(Pause.Scope.NETWORK, "x", reason="", by="ada")

    assert claims.claim(10) == []


def test_messages_of_a_queue_that_is_no_more_go_to_the_shared_one(settings):
    def sent_to(queue: str) -> str:
        ((to, _),) = enqueue.messages([Claimed(uuid.uuid4(), uuid.uuid4(), queue, 1)])
        return to

    settings.DEDICATED_QUEUES = {uuid.UUID(ONE): "acme"}
    assert sent_to("publish.x.acme") == "publish.x.acme"
    assert sent_to("publish.x.acme.upload") == "publish.x.acme.upload"

    settings.DEDICATED_QUEUES = {}
    assert sent_to("publish.x.acme") == "publish.x"
    assert sent_to("publish.x.acme.upload") == "publish.x.upload"


def test_what_waits_follows_the_setting_and_what_is_claimed_stays(settings):
    mine, others = make_accounts(2), make_accounts(1)
    make_rows(mine, 3)
    claimed = claims.claim(4)
    make_rows(mine, 1, due_in_seconds=86400, queue="publish.x.upload")
    make_rows(others, 2)
    assert reassign.reassign() == 0

    settings.DEDICATED_QUEUES = {mine[0].workspace_id: "acme"}
    assert reassign.reassign() == 4
    assert in_queues() == {"publish.x": 4 + 2, "publish.x.acme": 2, "publish.x.acme.upload": 2}
    assert len(claims.renew([row.key for row in claimed])) == len(claimed)
    claims.release([row.key for row in claimed])
    assert reassign.reassign() == 4

    settings.DEDICATED_QUEUES = {mine[0].workspace_id: "big", others[0].workspace_id: "acme"}
    assert reassign.reassign() == 10
    assert in_queues() == {"publish.x.big": 6, "publish.x.big.upload": 2, "publish.x.acme": 2}

    settings.DEDICATED_QUEUES = {}
    assert reassign.reassign() == 10
    assert in_queues() == {"publish.x": 8, "publish.x.upload": 2}
    assert reassign.reassign() == 0


def test_many_rows_move_in_small_steps(settings, monkeypatch):
    monkeypatch.setattr(reassign, "STEP", 4)
    (account,) = make_accounts(1)
    make_rows([account], 10)
    settings.DEDICATED_QUEUES = {account.workspace_id: "acme"}

    assert reassign.reassign() == 10


def test_moving_reads_the_index_of_lanes_alone():
    """Not the workspace's whole history, and not everyone's rows."""
    (mine,) = make_accounts(1)
    make_rows([mine], 200, due_at=None)
    make_rows(make_accounts(5), 200)
    own, queue = mine.workspace_id, "publish.x"
    asked = (
        (reassign.MISPLACED, {"shared": list(QUEUES), "own": [own]}),
        (reassign.MOVE, {"queue": queue, "workspace": own, "to": "publish.x.acme", "step": 10}),
    )
    for statement, values in asked:
        with transaction.atomic():
            plan = plan_of(statement, values)
        assert "destination_lane" in plan
        assert "Seq Scan on destinations_destination" not in plan, plan
        assert "workspace" not in plan.replace("workspace_id", ""), plan
