"""What the client says of a post is what became of it on the networks."""

import json
from pathlib import Path
from typing import Any

import pytest

from platforms.registry import ADAPTERS
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team, new_id
from tests.clients.typescript.package import Program
from tests.platforms.driver import clip, image
from tests.strangers import stranger

pytestmark = pytest.mark.needs("node", "npm")


def play(program: Program, name: str, team: Team, *, cwd: Path | None = None, **given: Any) -> Any:
    key = team.http.headers["Authorization"].removeprefix("Bearer ")
    return json.loads(program.play(name, url=team.stack.url, key=key, cwd=cwd, **given))


def member(stack: Stack) -> Team:
    """With an account on LinkedIn that is a person's: its posts cannot be read back."""
    number = new_id("linkedin")
    token = stack.simulator.connect("linkedin", number)
    account = {"network": "linkedin", "id": number, "username": "ada", "token": token, "extra": {}}
    made = stack.seed([account])
    http = stack.client(f"{stack.url}/api/v1/", made["key"])
    return Team(stack, http, {made["accounts"][0]: ("linkedin", number)})


def test_a_post_with_uploads_reaches_seven_networks_and_wait_tells_their_links(
    stack: Stack, program: Program, tmp_path: Path
):
    team = stack.team(**dict.fromkeys(ADAPTERS, 1))
    (tmp_path / "picture.jpg").write_bytes(image(640, 640, "JPEG"))
    (tmp_path / "video.mp4").write_bytes(clip())

    with stranger() as other:
        told = play(
            program,
            "publishing",
            team,
            cwd=tmp_path,
            accounts=list(team.accounts),
            bytes=list(image(64, 64)),
            address=other.gives("/there.png", image(65, 65)),
        )

    outcomes = told["outcomes"]
    assert outcomes["settled"]
    assert outcomes["allPublished"]
    assert [each["platform"] for each in outcomes["destinations"]] == list(ADAPTERS)
    links = {(p["network"], p["account"]): (p["id"], p["url"]) for p in team.wall()}
    assert {
        team.accounts[each["accountId"]]: (each["platformPostId"], each["url"])
        for each in outcomes["published"]
    } == links
    assert told["changes"][-1] == len(ADAPTERS)
    assert told["changes"] == sorted(told["changes"])
    for name, file in (("picture", "picture.jpg"), ("video", "video.mp4")):
        size = (tmp_path / file).stat().st_size
        sent = [each["sentBytes"] for each in told["progress"][name]]
        assert (sent[0], sent[-1]) == (0, size)
        assert sent == sorted(sent)
        assert {each["totalBytes"] for each in told["progress"][name]} == {size}
    assert told["ready"] == ["ready", "ready", "fetched.png"]
    assert told["listed"] == told["uploaded"]


def test_a_final_failure_is_told_with_its_reason_and_a_retry_publishes(
    stack: Stack, program: Program
):
    team = stack.team(x=1)
    ((_, number),) = team.accounts.values()
    fault = {"account": number, "call": "create_post", "status": 400, "times": 1}
    stack.simulator.fault("x", **fault)
    post = team.post("Refused once")

    told = play(program, "outcomes", team, play="waits", post=post, timeoutMs=60_000)
    again = play(program, "outcomes", team, play="retries", post=post)

    (failed,) = told["failed"]
    (result,) = team.results(post)
    assert told["settled"]
    assert not told["allPublished"]
    assert failed["error"]
    assert failed["actor"] in ("customer", "account_owner", "operator", "nobody")
    assert failed["code"]
    assert failed["toDo"]
    assert again["retried_count"] == 1
    assert again["after"]["published"][0]["url"] == result["platform_post_url"]
    team.assert_each_once([result])


def test_what_may_be_live_is_an_outcome_of_its_own_until_a_person_resolves_it(
    stack: Stack, program: Program
):
    team = member(stack)
    ((_, number),) = team.accounts.values()
    stack.simulator.fault("linkedin", account=number, call="create_post", drop="after", times=1)
    post = team.post("Who knows?")

    waited = play(program, "outcomes", team, play="waits", post=post, timeoutMs=60_000)
    (public,) = team.wall()
    told = play(program, "outcomes", team, play="resolves", post=post, link=public["url"])

    assert [each["outcome"] for each in waited["destinations"]] == ["may_be_live"]
    assert not waited["failed"]
    assert [each["reason"] for each in told["skipped"]] == ["may_be_live"]
    (doubted,) = told["before"]["mayBeLive"]
    assert doubted["code"] == "outcome_unknown"
    assert doubted["actor"] == "customer"
    assert [each["url"] for each in told["after"]["published"]] == [public["url"]]


def test_what_is_not_over_in_time_is_pending_and_an_abort_ends_the_wait(
    stack: Stack, program: Program
):
    team = stack.team(x=1, linkedin=1)
    post = team.post("Later", scheduled_at="2031-01-01T00:00:00Z")

    told = play(program, "outcomes", team, play="waits", post=post, timeoutMs=700)
    aborted = play(program, "outcomes", team, play="aborts", post=post)

    assert [each["status"] for each in told["pending"]] == ["queued", "queued"]
    assert not told["settled"]
    assert aborted["name"] == "TimeoutError"


def test_a_refusal_has_its_code_its_request_and_who_must_act(stack: Stack, program: Program):
    team = stack.team(x=1)

    too_long, stranger_, unknown = play(
        program, "outcomes", team, play="refuses", accounts=list(team.accounts)
    )

    assert {each["name"] for each in (too_long, stranger_, unknown)} == {"ApiError"}
    assert (too_long["code"], too_long["status"]) == ("content_too_long", 400)
    assert (stranger_["code"], unknown["code"]) == ("unauthorized", "not_found")
    assert all(each["requestId"].startswith("req_") for each in (too_long, stranger_, unknown))
    assert too_long["idempotencyKey"]
    assert not too_long["retryable"]


def test_the_first_example_of_the_readme_publishes_as_it_stands(stack: Stack, program: Program):
    # Two of them take no post without a file.
    team = stack.team(x=1, linkedin=1, threads=1, instagram=1, tiktok=1)
    key = team.http.headers["Authorization"].removeprefix("Bearer ")

    told = program.play("example", url=stack.url, key=key)

    links = [line.split(": ", 1)[1] for line in told.splitlines()]
    assert sorted(links) == sorted(public["url"] for public in team.wall())
    assert len(links) == 3
