"""An agent that logged in by OAuth has the tools of what its operator allowed."""

import pytest

from posts.models import ApiKey
from tests.factories import make_account
from tests.posts.api.oauth.conftest import operator, page, program  # noqa: F401
from tests.posts.conftest import Caller
from tests.posts.mcp.conftest import Agent


def test_a_token_has_the_tools_and_accounts_that_were_allowed(program, page, workspace):  # noqa: F811
    account, other = make_account(workspace), make_account(workspace)
    form = {"scopes": ["read", "write"], "accounts": [account.pk]}
    found = program.connected(page, workspace, form=form)
    agent = Agent(Caller(workspace, ApiKey.objects.get(), found["access_token"]))

    shown = agent.call("list_accounts")["data"]["accounts"]
    made = agent.call("create_post", content="Allowed", account_ids=[account.pk])
    refused = agent.refused("create_post", content="Not allowed", account_ids=[other.pk])

    assert [each["id"] for each in shown] == [account.pk]
    assert made["data"]["accounts_count"] == 1
    assert refused["error"]["code"] == "invalid_accounts"


HERE = "http://127.0.0.1:8000"


RESOURCES = [
    (f"{HERE}/mcp", 401, 200),
    (f"{HERE}/api/v1", 200, 401),
    (HERE, 200, 200),
    (None, 200, 200),
]


@pytest.mark.parametrize("opened", RESOURCES)
def test_a_token_opens_only_the_resource_that_it_was_asked_for(program, page, workspace, opened):  # noqa: F811
    resource, of_api, of_mcp = opened
    form = {"scopes": ["read", "write"], "accounts": [make_account(workspace).pk]}
    code = program.allowed(page, workspace, form=form, resource=resource)["code"]
    found = program.exchange(code, resource=resource).json()
    caller = Caller(workspace, ApiKey.objects.get(), found["access_token"])

    assert caller.get("/accounts").status_code == of_api
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert Agent(caller).send(ping).status_code == of_mcp
