"""Agents publish, and recover from what goes wrong, by the tools of /mcp alone."""

import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from platforms.registry import ADAPTERS
from tests import programs
from tests.acceptance.agent import connected, refusal
from tests.acceptance.browser import launched, opened
from tests.acceptance.stack import ROOT, Stack
from tests.acceptance.team import Team, make_team
from tests.acceptance.test_connecting import choose_all, consent, link, person, set_up
from tests.platforms.driver import clip, image
from tests.strangers import stranger


def only(found: dict) -> dict:
    (row,) = found["data"]
    return row


@pytest.mark.parametrize("mode", ["auto", pytest.param("legacy", marks=pytest.mark.thorough)])
def test_an_agent_publishes_to_seven_networks_and_reports_their_links(stack: Stack, mode: str):
    team = stack.team(**dict.fromkeys(ADAPTERS, 1))
    media = [
        team.upload("picture.jpg", "image/jpeg", image(640, 640, "JPEG")),
        team.upload("video.mp4", "video/mp4", clip()),
    ]
    with connected(team, mode) as agent:
        assert "create_post" in agent.tools()
        accounts = agent.call("list_accounts")["data"]["accounts"]
        post = {
            "content": f"From an agent, {mode}",
            "account_ids": [each["id"] for each in accounts],
            "media_ids": media,
        }
        checked = agent.call("validate_post", **post)
        made = agent.call("create_post", **post)
        results = agent.results(made["data"]["post_id"])

    assert checked["data"]["valid"]
    assert {each["platform"] for each in results["data"]} == set(ADAPTERS)
    assert all(each["platform_post_url"].startswith("https://") for each in results["data"])
    assert results["next_step"].startswith("Everything is published")
    team.assert_each_once(team.results(made["data"]["post_id"]))


def test_a_call_that_is_repeated_at_once_and_later_is_one_post(stack: Stack):
    team = stack.team(x=1)
    (account,) = team.accounts
    post = {"content": "Repeated", "account_ids": [account]}

    with connected(team) as agent, ThreadPoolExecutor(4) as threads:
        asked = list(threads.map(lambda _: agent.ask("create_post", **post), range(4)))
        again = agent.call("create_post", **post)
        agent.results(again["data"]["post_id"])
        other = agent.call("create_post", **post | {"content": "Another"}, idempotency_key="b")

    made = {each.structured_content["data"]["post_id"] for each in asked if not each.is_error} | {
        again["data"]["post_id"]
    }
    still_running = {refusal(each)["error"]["code"] for each in asked if each.is_error}
    assert len(made) == 1
    assert still_running <= {"conflict"}
    team.assert_each_once(team.published(made.pop(), other["data"]["post_id"]))


@pytest.mark.needs("chromium")
def test_an_agent_recovers_from_a_refused_token(stack: Stack):
    team = stack.team()
    set_up(stack, "x")
    number = person(stack, "x")
    with launched() as browser, opened(browser) as owner, connected(team) as agent:
        consent(owner, link(team, platform="x"), number)
        choose_all(owner)
        owner.get_by_role("heading", name="Connected").wait_for()
        account = agent.call("list_accounts")["data"]["accounts"][0]["id"]
        team.accounts[account] = ("x", number)
        # The owner has taken the app's rights away.
        stack.simulator.fault("x", account=number, call="create_post", status=401)
        post_id = agent.call("create_post", content="Missed", account_ids=[account])["data"][
            "post_id"
        ]

        failed = agent.results(post_id)
        health = agent.call("get_account_health", account_id=account)
        early = agent.call("retry_post", post_id=post_id, seen_attempts=seen(failed))
        failed = agent.results(post_id)
        stack.simulator.http.delete("/control/faults").raise_for_status()
        handed = agent.call("get_reconnect_link", account_id=account)["data"]["url"]
        consent(owner, handed, number)
        choose_all(owner)
        owner.get_by_role("heading", name="Reconnected").wait_for()

        def can_post() -> bool:
            return bool(agent.call("get_account_health", account_id=account)["data"]["can_post"])

        stack.wait("the account is connected again", can_post)
        agent.call("retry_post", post_id=post_id, seen_attempts=seen(failed))
        results = agent.results(post_id)

    assert only(failed)["status"] == "failed"
    assert failed["meta"]["errors"][0]["error_code"] == "account_needs_reconnection"
    assert f"get_reconnect_link for account_id {account}" in failed["next_step"]
    assert health["data"]["needs_reconnection"]
    assert "get_reconnect_link" in health["next_step"]
    assert early["data"]["retried_count"] == 1
    assert only(results)["status"] == "published"
    team.assert_each_once(team.results(post_id))


def seen(found: dict) -> dict[str, int]:
    """What the agent saw of the destinations that failed."""
    return {each["id"]: each["attempts"] for each in found["data"] if each["status"] == "failed"}


def test_an_agent_waits_for_its_own_rate_limit_as_it_is_told(stack: Stack):
    team = stack.team(x=1)
    (account,) = team.accounts
    workspace = "(SELECT workspace_id FROM destinations_account WHERE id = %s)"
    limits = f"UPDATE posts_apikey SET post_limits = '1/4s' WHERE workspace_id = {workspace}"
    stack.rows(f"{limits} RETURNING 1", account)
    with connected(team) as agent:
        first = agent.call("create_post", content="First", account_ids=[account])
        refused = agent.refused("create_post", content="Second", account_ids=[account])
        time.sleep(refused["retry_after"])
        second = agent.call("create_post", content="Second", account_ids=[account])

    assert refused["error"]["code"] == "rate_limit_exceeded"
    assert refused["who_must_act"] == "wait"
    assert 1 <= refused["retry_after"] <= 4
    assert f"after {refused['retry_after']} s" in refused["next_step"]
    team.assert_each_once(team.published(*(each["data"]["post_id"] for each in (first, second))))


def test_what_may_be_live_and_is_not_is_published_once(stack: Stack):
    """X takes the connection away before the post is made, and cannot prove that it was not."""
    team = stack.team(x=1)
    (account,) = team.accounts
    stack.simulator.fault(
        "x", account=team.accounts[account][1], call="create_post", drop="before", times=1
    )
    with connected(team) as agent:
        made = agent.call("create_post", content="Maybe", account_ids=[account])
        post_id = made["data"]["post_id"]
        found = agent.results(post_id)
        row = only(found)
        blind = agent.call("retry_post", post_id=post_id, seen_attempts=seen(found))
        assert team.wall() == []  # a look at the account itself
        told = {"post_id": post_id, "destination_id": row["id"], "seen_attempts": row["attempts"]}
        late = agent.refused(
            "resolve_destination", **told | {"seen_attempts": 0}, outcome="not_published"
        )
        resolved = agent.call("resolve_destination", **told, outcome="not_published")
        agent.call("retry_post", post_id=post_id, seen_attempts=seen(found))
        results = agent.results(post_id)

    assert found["meta"]["errors"][0]["may_be_live"]
    assert f"resolve_destination with post_id {post_id}" in found["next_step"]
    assert blind["data"]["retried_count"] == 0
    assert [each["id"] for each in blind["meta"]["skipped"]] == [row["id"]]
    assert late["error"]["code"] == "conflict"
    assert "call retry_post" in resolved["next_step"]
    assert only(results)["status"] == "published"
    team.assert_each_once(team.results(post_id))


def test_what_may_be_live_and_is_counts_as_published(stack: Stack):
    """The answer is lost, and LinkedIn shows no program the posts of its members."""
    team = make_team(stack, {"linkedin": 1}, extra={})
    (account,) = team.accounts
    network_id = team.accounts[account][1]
    stack.simulator.fault("linkedin", account=network_id, call="create_post", drop="after", times=1)
    with connected(team) as agent:
        made = agent.call("create_post", content="It is out", account_ids=[account])
        found = agent.results(made["data"]["post_id"])
        (public,) = team.wall()  # a look at the account itself
        resolved = agent.call(
            "resolve_destination",
            post_id=made["data"]["post_id"],
            destination_id=only(found)["id"],
            seen_attempts=only(found)["attempts"],
            outcome="published",
            platform_post_url=f"https://www.linkedin.com/feed/update/{public['id']}",
        )
        results = agent.results(made["data"]["post_id"])

    assert found["meta"]["errors"][0]["may_be_live"]
    assert resolved["data"]["status"] == "published"
    assert only(results)["platform_post_id"] == public["id"]
    assert len(team.wall()) == 1


@pytest.mark.thorough
def test_a_file_is_imported_while_the_agent_polls(stack: Stack):
    team = stack.team(instagram=1)
    (account,) = team.accounts
    with stranger() as host, connected(team) as agent:
        picture = image(640, 640, "JPEG")
        url = host.gives("/picture.jpg", picture, Content_Type="image/jpeg")
        imported = agent.call("import_media_from_url", url=url)["data"]

        def is_ready() -> bool:
            found = agent.call("get_media", media_id=imported["media_id"])
            return bool(found["data"]["media_status"] == "ready")

        stack.wait("the file is ready", is_ready)
        again = agent.call("import_media_from_url", url=url)["data"]
        made = agent.call(
            "create_post",
            content="With a file",
            account_ids=[account],
            media_ids=[imported["media_id"]],
        )
        agent.results(made["data"]["post_id"])

    assert again["media_id"] == imported["media_id"]
    team.assert_each_once(team.published(made["data"]["post_id"]))


def test_each_call_is_in_the_log_of_requests_as_the_api_call_that_it_is(stack: Stack):
    team = stack.team(x=1)
    with connected(team, headers={"X-Request-Id": "req_agents0log"}) as agent:
        assert agent.call("list_accounts")["meta"]["request_id"] == "req_agents0log"

    def logged() -> set[str]:
        sql = "SELECT path FROM posts_apirequest WHERE request_id = %s"
        return {path for (path,) in stack.rows(sql, "req_agents0log")}

    stack.wait("both are logged", lambda: {"/api/v1/accounts", "/mcp"} <= logged())


@pytest.mark.thorough
def test_the_program_of_the_guide_runs_as_it_stands(stack: Stack, tmp_path: Path):
    # Two of them take no post without a file.
    team: Team = stack.team(x=1, threads=1, instagram=1, tiktok=1)
    guide = (ROOT / "posts/mcp/README.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```$", guide, re.M | re.S)
    (tmp_path / "agent.py").write_text(program)
    key = team.http.headers["Authorization"].removeprefix("Bearer ")

    done = programs.run(
        [sys.executable, tmp_path / "agent.py"],
        env={**os.environ, "DOVECOTE_URL": stack.url, "DOVECOTE_KEY": key, "NO_PROXY": "*"},
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"^x: https://", done.stdout, re.M)
    assert re.search(r"^threads: https://", done.stdout, re.M)
    assert len(done.stdout.splitlines()) == 2
    assert len(team.wall()) == 2
