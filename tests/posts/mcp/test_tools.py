"""Every tool is called: it does what it says, in its caller's reach alone."""

from posts.mcp import catalogue
from posts.models import Post
from tests.factories import make_account, make_campaign
from tests.posts.api.walk import stored
from tests.posts.api.walk.judged import every
from tests.posts.conftest import make_caller
from tests.posts.mcp.conftest import Agent
from tests.posts.mcp.world import FUTURE, arguments
from tests.posts.world import make_world

#: They name accounts of a workspace, and refuse each row by itself.
OF_ROWS = {"validate_import", "import_posts"}


def test_each_answers_as_its_schema_says(agent, world):
    def ask(name):
        answer = agent.call(name, **arguments(world)[name])

        assert answer["data"]
        assert answer["meta"]["request_id"]

    every([*catalogue.tools()], ask)


def test_every_tool_is_called_here(world):
    assert sorted(arguments(world)) == sorted(catalogue.tools())


def test_nothing_of_another_workspace_is_seen_or_changed(cy, world):
    stranger, before = Agent(cy), stored.digest()

    def ask(name):
        refused = stranger.refused(name, **arguments(world)[name])

        assert refused["error"]["code"] in ("not_found", "invalid_accounts")
        assert refused["who_must_act"] == "you"
        assert "list_" in refused["next_step"]
        assert stored.digest() == before

    elsewhere = arguments(dict.fromkeys(world, "0"))
    naming = {name for name, given in arguments(world).items() if given != elsewhere[name]}
    assert len(naming) > 20
    every(sorted(naming - OF_ROWS), ask)


def test_what_will_fail_is_told_to_the_user(agent):
    x, instagram = (make_account(agent.caller.workspace, each) for each in ("x", "instagram"))
    body = {"content": "Hi", "account_ids": [x.pk, instagram.pk]}

    for tool in ("validate_post", "create_post", "create_draft"):
        answer = agent.call(tool, **body)
        [warning] = answer["meta"]["warnings"]
        assert (warning["code"], warning["account_id"]) == ("media_required", instagram.pk)
        assert "Tell the user what meta.warnings says" in answer["next_step"]
    told = agent.refused("create_post", content="Hi", account_ids=[instagram.pk])
    assert told["error"]["code"] == "post_creation_failed"
    assert "accepts no post without a file" in told["error"]["message"]


def test_a_restricted_key_sees_its_own_accounts_alone(ada):
    mine, other = make_account(ada.workspace, "x"), make_account(ada.workspace, "linkedin")
    caller = make_caller(ada.workspace, "One")
    caller.key.accounts.set([mine])
    caller.key.is_restricted = True
    caller.key.save()
    agent = Agent(caller)

    shown = agent.call("list_accounts")["data"]["accounts"]
    refused = agent.refused("create_post", content="Hi", account_ids=[mine.pk, other.pk])
    hidden = agent.refused("get_account_health", account_id=other.pk)

    assert [each["id"] for each in shown] == [mine.pk]
    assert refused["error"]["code"] == "invalid_accounts"
    assert hidden["error"]["code"] == "not_found"
    assert not Post.objects.exists()


def test_without_its_scope_each_says_which_one_is_needed(ada, world):
    scopes = {"read", "write", "approve"}
    others = {
        scope: Agent(make_caller(ada.workspace, f"Not {scope}", (*(scopes - {scope}), "ai")))
        for scope in scopes
    }

    def ask(name):
        needed = catalogue.tools()[name].operation.scope
        refused = others[needed].refused(name, **arguments(world)[name])

        assert refused["error"]["code"] == "insufficient_scope"
        assert f"the scope {needed}" in refused["error"]["message"]
        assert refused["who_must_act"] == "key_owner"

    every([*catalogue.tools()], ask)


# What each does


def test_a_post_without_a_time_is_never_made_by_schedule_post(agent, ada):
    body = {"content": "Later", "account_ids": [make_account(ada.workspace).pk]}

    for nothing in (
        {},
        {"scheduled_at": None},
        {"scheduled_at": " "},
        {"use_queue": False},
        {"use_queue": "false"},
        {"use_queue": 1},
    ):
        refused = agent.refused("schedule_post", **body, **nothing)
        assert refused["error"]["code"] == "validation_error"
    unknown = agent.refused("schedule_post", **body, scheduled_a=FUTURE)

    assert unknown["error"]["code"] == "invalid_field_name"
    assert "scheduled_at" in unknown["error"]["message"]
    assert not Post.objects.exists()


def test_a_post_is_changed_and_cancelled_until_it_begins(agent, ada):
    body = {"content": "Later", "account_ids": [make_account(ada.workspace).pk]}
    body["campaign_id"] = make_campaign(ada.workspace).pk
    post_id = agent.call("schedule_post", **body, scheduled_at=FUTURE)["data"]["post_id"]

    agent.call("update_post", post_id=post_id, content="Changed", campaign_id=None)
    read, campaign = agent.call("get_post", post_id=post_id), Post.objects.get().campaign_id
    deleted = agent.call("delete_post", post_id=post_id)
    gone = agent.refused("get_post", post_id=post_id)

    assert (read["data"]["content"], campaign) == ("Changed", None)
    assert deleted["data"]["deleted"] is True
    assert gone["error"]["code"] == "not_found"


def test_a_draft_is_published_once(agent, ada):
    body = {"content": "Draft", "account_ids": [make_account(ada.workspace).pk]}
    post_id = agent.call("create_draft", **body)["data"]["post_id"]

    published = agent.call("publish_draft", post_id=post_id, publish_now=True)
    again = agent.refused("publish_draft", post_id=post_id, publish_now=True)
    results = agent.call("get_results", post_id=post_id)

    assert f"Call get_results with post_id {post_id}" in published["next_step"]
    assert [each["status"] for each in results["data"]] == ["queued"]
    assert "call get_results again" in results["next_step"]
    assert again["error"]["code"] == "conflict"
    assert "get_post or get_results" in again["next_step"]


def test_the_rules_are_of_one_network(agent):
    rules = agent.call("get_platform_rules", platform="threads")["data"]["platforms"]
    refused = agent.refused("get_platform_rules", platform="myspace")

    assert list(rules) == ["threads"]
    assert rules["threads"]["characterLimit"] == 500
    assert "instagram" in refused["error"]["message"]


def test_what_may_be_live_is_resolved_before_it_is_retried(agent, world):
    seen = {world["destination_id"]: 1}
    results = agent.call("get_results", post_id=world["post_id"])

    skipped = agent.call("retry_post", post_id=world["post_id"], seen_attempts=seen)
    missing = agent.refused("retry_post", post_id=world["post_id"])
    confirmed = agent.call(
        "retry_post", post_id=world["post_id"], seen_attempts=seen, confirm_not_published=True
    )

    assert f"destination_id {world['destination_id']}" in results["next_step"]
    assert skipped["data"]["retried_count"] == 0
    assert "meta.skipped" in skipped["next_step"]
    assert missing["error"]["details"]["validation_errors"][0]["field"] == "seen_attempts"
    assert confirmed["data"]["retried_count"] == 1


def test_the_shapes_are_the_references_at_every_host(agent, ada, settings):
    settings.COMPAT_HOSTS = frozenset({"testserver"})
    make_account(ada.workspace)

    agent.call("create_draft", content="Hi")

    assert isinstance(agent.call("list_posts")["data"], list)


def test_another_workspaces_world_is_its_own(agent, cy, settings):
    make_world(cy.workspace, settings)

    assert agent.call("list_posts")["data"] == []
    assert agent.call("list_accounts")["data"]["accounts"] == []
