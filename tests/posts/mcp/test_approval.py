"""Agents ask for approvals; those whose key may do so record what people decided."""

import pytest

from posts.features.approval.models import Approval
from posts.models import Post, Workspace
from tests.factories import make_account
from tests.posts.conftest import make_caller
from tests.posts.mcp.conftest import Agent
from tests.posts.mcp.world import FUTURE


@pytest.fixture
def post(agent, ada):
    """The id of a post that waits; every post of the workspace needs approval."""
    Workspace.objects.filter(pk=ada.workspace.pk).update(approval_mode="required_internal")
    body = {"content": "Waits", "account_ids": [make_account(ada.workspace).pk]}
    made = agent.call("schedule_post", **body, scheduled_at=FUTURE)
    assert f"get_approval with post_id {made['data']['post_id']}" in made["next_step"]
    return made["data"]["post_id"]


@pytest.fixture
def boss(ada):
    return Agent(make_caller(ada.workspace, "Boss", ("read", "write", "approve")))


def decide(agent: Agent, post_id: str, decision: str, **more):
    revision = agent.call("get_approval", post_id=post_id)["data"]["revision"]
    body = {"post_id": post_id, "revision": revision, "decision": decision, **more}
    return agent.call("decide_approval", **body)


def test_a_post_is_approved_by_another_key_than_its_writers(agent, boss, post):
    read = agent.call("get_approval", post_id=post)
    own = agent.refused(
        "decide_approval", post_id=post, decision="approve", revision=read["data"]["revision"]
    )
    approved = decide(boss, post, "approve", comment="Good.")

    assert f"revision {read['data']['revision']}" in read["next_step"]
    assert own["error"]["code"] == "own_post"
    assert (own["who_must_act"], "someone else" in own["next_step"]) == ("key_owner", True)
    assert approved["data"]["approval"]["status"] == "approved"
    assert "get_results" in approved["next_step"]
    assert Approval.objects.get().comment == "Good."


def test_what_was_changed_since_and_what_is_no_decision_is_not_decided(agent, boss, post):
    seen = boss.call("get_approval", post_id=post)["data"]["revision"]
    agent.call("update_post", post_id=post, content="Something else")

    refused = boss.refused("decide_approval", post_id=post, decision="approve", revision=seen)
    missing = boss.refused("decide_approval", post_id=post, decision="approve")

    assert refused["error"]["code"] == "conflict"
    assert refused["error"]["details"]["revision"] != seen
    assert "get_approval" in refused["next_step"]
    assert missing["error"]["details"]["validation_errors"][0]["field"] == "revision"
    for wrong in ("yes", "APPROVE", "", None, ["approve"], {"approve": 1}, True):
        refused = boss.refused("decide_approval", post_id=post, decision=wrong, revision=seen)
        assert refused["error"]["code"] == "validation_error"
    assert Approval.objects.get().status == "pending"


def test_changes_are_asked_for_with_a_reason_and_made(agent, boss, post):
    revision = boss.call("get_approval", post_id=post)["data"]["revision"]
    told = {"post_id": post, "revision": revision, "decision": "request_changes"}
    silent = boss.refused("decide_approval", **told)
    asked = boss.call("decide_approval", **told, comment="Shorter.")

    agent.call("update_post", post_id=post, content="Short")
    again = agent.call("get_approval", post_id=post)

    assert silent["error"]["details"]["validation_errors"][0]["field"] == "comment"
    assert "update_post" in asked["next_step"]
    assert again["data"]["approval"]["status"] == "pending"
    assert [each["text"] for each in again["data"]["history"]].count("Shorter.") == 1


def test_a_rejected_post_is_asked_for_anew(agent, boss, post):
    rejected = decide(boss, post, "reject", comment="No.")
    asked = agent.call("request_approval", post_id=post, message="Please reconsider.")

    assert "request_approval" in rejected["next_step"]
    assert asked["data"]["approval"]["status"] == "pending"


def test_a_post_for_now_waits_and_says_so(agent, ada, post):
    account = make_account(ada.workspace).pk
    made = agent.call("create_post", content="Now", account_ids=[account])

    assert "get_approval" in made["next_step"]
    assert "get_results" not in made["next_step"]
    assert Post.objects.latest("created_at").status == "scheduled"


def test_an_approved_draft_is_still_to_be_published(agent, ada, boss):
    Workspace.objects.filter(pk=ada.workspace.pk).update(approval_mode="optional")
    body = {"content": "Draft", "account_ids": [make_account(ada.workspace).pk]}
    post_id = agent.call("create_draft", **body)["data"]["post_id"]
    nothing = agent.call("get_approval", post_id=post_id)
    agent.call("request_approval", post_id=post_id)

    approved = decide(boss, post_id, "approve")

    assert "request_approval" in nothing["next_step"]
    assert f"publish_draft with post_id {post_id}" in approved["next_step"]


def test_where_approval_is_not_used_it_cannot_be_asked_for(agent, ada):
    body = {"content": "Hi", "account_ids": [make_account(ada.workspace).pk]}
    post_id = agent.call("schedule_post", **body, scheduled_at=FUTURE)["data"]["post_id"]

    refused = agent.refused("request_approval", post_id=post_id)

    assert refused["error"]["code"] == "conflict"
    assert "operator" in refused["error"]["message"]
