"""Tools do what the API does, in the caller's name."""

from posts.models import Post
from tests.factories import make_account


def test_a_post_is_made_by_the_api_and_its_results_are_polled(agent, ada):
    account = make_account(ada.workspace, "x")

    (shown,) = agent.call("list_accounts")["data"]["accounts"]
    made = agent.call("create_post", content="Hello", account_ids=[shown["id"]])
    results = agent.call("get_results", post_id=made["data"]["post_id"])

    assert shown["id"] == account.pk
    assert made["next_step"].startswith(f"Call get_results with post_id {made['data']['post_id']}")
    assert [each["status"] for each in results["data"]] == ["queued"]
    assert "call get_results again" in results["next_step"]
    assert Post.objects.get().content == "Hello"
