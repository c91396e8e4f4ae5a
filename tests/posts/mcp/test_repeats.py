"""A call that an agent repeats is done once; one that it wants twice is done twice."""

from datetime import timedelta

import pytest
from django.db.models import F

from posts.mcp.call_tool import REPEAT_SECONDS
from posts.models import Campaign, IdempotencyRecord, Media, Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.mcp.conftest import Agent
from tests.posts.mcp.world import FUTURE


@pytest.fixture
def post(ada):
    return {"content": "Once", "account_ids": [make_account(ada.workspace).pk]}


def ids(*answers) -> set[str]:
    return {each["data"]["post_id"] for each in answers}


@cases(
    ("tool", "more"),
    [("create_post", {}), ("schedule_post", {"scheduled_at": FUTURE}), ("create_draft", {})],
)
def test_the_same_call_is_one_post(agent, post, tool, more):
    first = agent.call(tool, **post, **more)
    again = agent.call(tool, **dict(reversed({**post, **more}.items())))

    assert len(ids(first, again)) == 1
    assert Post.objects.count() == 1


def test_it_is_a_new_post_after_ten_minutes(agent, post):
    agent.call("create_post", **post)
    passed = timedelta(seconds=REPEAT_SECONDS)
    IdempotencyRecord.objects.update(expires_at=F("expires_at") - passed)

    agent.call("create_post", **post)

    assert Post.objects.count() == 2


def test_each_name_is_a_post_of_its_own_and_stands_for_one_call(agent, post):
    first, second, repeated = (
        agent.call("create_post", **post, idempotency_key=name) for name in ("a", "b", "a")
    )
    refused = agent.refused("create_post", **{**post, "content": "Other"}, idempotency_key="a")

    assert (len(ids(first, second)), ids(first)) == (2, ids(repeated))
    assert Post.objects.count() == 2
    assert refused["error"]["code"] == "idempotency_key_reused"
    assert "new idempotency_key" in refused["next_step"]


@cases("name", ["", "a b", "é", 5, ["a"], "a" * 256])
def test_a_name_that_is_none_is_refused(agent, post, name):
    assert agent.refused("create_post", **post, idempotency_key=name)
    assert not Post.objects.exists()


def test_another_tool_and_another_key_make_another_post(agent, bo, post):
    made = ids(
        agent.call("create_post", **post),
        agent.call("schedule_post", **post, scheduled_at=FUTURE),
        agent.call("create_draft", **post),
        Agent(bo).call("create_post", **post),
    )

    assert len(made) == 4


def test_a_post_that_was_changed_or_deleted_is_made_anew(agent, post):
    first = agent.call("schedule_post", **post, scheduled_at=FUTURE)
    agent.call("update_post", post_id=first["data"]["post_id"], content="Other")
    second = agent.call("schedule_post", **post, scheduled_at=FUTURE)
    agent.call("delete_post", post_id=second["data"]["post_id"])
    third = agent.call("schedule_post", **post, scheduled_at=FUTURE)

    assert len(ids(first, second, third)) == 3


def test_a_change_that_is_repeated_after_another_one_is_made(agent, post):
    post_id = agent.call("schedule_post", **post, scheduled_at=FUTURE)["data"]["post_id"]

    for content in ("A", "B", "A"):
        agent.call("update_post", post_id=post_id, content=content)

    assert Post.objects.get().content == "A"


def test_a_campaign_is_one_until_it_is_deleted(agent, ada):
    first, again = (agent.call("create_campaign", name="Spring", color="#00ff00") for _ in range(2))
    ada.delete(f"/campaigns/{first['data']['id']}")
    agent.call("create_campaign", name="Spring")

    assert first["data"] == again["data"]
    assert first["data"]["color"] == "#00ff00"
    assert Campaign.objects.count() == 2


def test_a_file_is_imported_again_only_if_it_failed(agent):
    url = "https://files.example/a.jpg"
    first, again = (agent.call("import_media_from_url", url=url) for _ in range(2))
    Media.objects.update(status=Media.Status.FAILED)
    agent.call("import_media_from_url", url=url)

    assert first["data"]["media_id"] == again["data"]["media_id"]
    assert Media.objects.count() == 2


def test_the_same_request_to_the_api_stays_a_post_of_its_own(agent, ada, post):
    body = {**post, "publish_now": True}
    agent.call("create_post", **post)

    assert ada.post("/posts", body).status_code == 201
    assert ada.post("/posts", body).status_code == 201
    assert Post.objects.count() == 3
