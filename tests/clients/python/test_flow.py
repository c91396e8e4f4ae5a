"""From one call to the truth at every network, also where that is not a success."""

import asyncio
import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from platforms.registry import ADAPTERS
from tests.acceptance.nine_o_clock import LOOK_NOW
from tests.acceptance.stack import Stack
from tests.acceptance.team import Team
from tests.clients.published.ground import Ground
from tests.platforms.driver import clip, image


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    picture, moving = tmp_path / "picture.jpg", tmp_path / "video.mp4"
    picture.write_bytes(image(640, 640, "JPEG"))
    moving.write_bytes(clip())
    return [picture, moving]


def assert_published(team: Team, outcome) -> None:
    assert outcome.state == "published", str(outcome)
    networks = {name for name, _ in team.accounts.values()}
    assert {each.platform for each in outcome.destinations} == networks
    assert all(each.url.startswith("https://") for each in outcome.published)
    assert len(team.wall()) == len(networks)


def test_one_call_publishes_to_seven_networks_and_ends_with_their_links(
    dovecote: ModuleType, stack: Stack, files: list[Path]
):
    sent, seven = [], stack.team(**dict.fromkeys(ADAPTERS, 1))
    key = seven.http.headers["Authorization"].removeprefix("Bearer ")
    with dovecote.Client(stack.url, key) as client:
        post = client.posts.publish(
            "Everywhere", "all", files, progress=lambda *progress: sent.append(progress)
        )
        outcome = post.wait(timeout=120)

    assert_published(seven, outcome)
    assert [total for done, total in sent if done == total] == [
        file.stat().st_size for file in files
    ]


def test_the_same_without_blocking_an_event_loop(
    dovecote: ModuleType, ground: Ground, files: list[Path]
):
    async def publish():
        async with dovecote.AsyncClient(ground.stack.url, ground.key) as client:
            post = await client.posts.publish("Everywhere", "all", files)
            outcome = await post.wait(timeout=120)
            assert (await post.read()).status == "published"
            assert [each.id async for each in client.posts.list(limit=1)] == [post.id]
            assert (await client.me.get()).scopes
            with pytest.raises(dovecote.errors.NotFoundError):
                await client.posts.get("post_unknown")
            return outcome

    assert_published(ground.team, asyncio.run(publish()))


def test_a_refused_post_ends_as_failed_and_is_published_by_a_retry(client, ground: Ground):
    outcome = client.posts.wait(ground.failing())

    assert outcome.state == "failed"
    (failed,) = outcome.failed
    assert failed.error
    assert failed.error_code
    assert failed.actor
    assert failed.to_do
    client.posts.retry(outcome.post_id)
    assert client.posts.wait(outcome.post_id).all_published


def test_a_post_that_may_be_live_is_reported_as_that(dovecote: ModuleType, client, ground: Ground):
    stack, x = ground.stack, ground.of("x")
    fault = {"account": ground.team.accounts[x][1], "call": "create_post"}
    stack.simulator.fault("x", **fault, drop="before", times=1)

    def look_now(_):
        stack.rows(f"{LOOK_NOW} RETURNING 1")

    outcome = client.posts.publish("Perhaps", x).wait(timeout=120, seen=look_now)

    assert outcome.state == "may_be_live"
    assert not outcome.failed
    (destination,) = outcome.may_be_live
    assert destination.actor == "customer"
    skipped = client.send(dovecote.calls.retry_post(outcome.post_id)).meta.skipped
    assert [each.id for each in skipped] == [destination.id]
    client.posts.resolve(
        outcome.post_id, destination.id, "not_published", seen_attempts=destination.attempts
    )
    assert client.posts.outcome(outcome.post_id).state == "failed"


def test_what_has_not_ended_in_time_is_pending(client, ground: Ground):
    post = client.posts.create(
        "Tomorrow", account_ids=ground.accounts, scheduled_at="2099-01-01T00:00:00Z"
    )

    outcome = post.wait(timeout=0.5)

    assert outcome.state == "pending"
    assert len(outcome.pending) == 2
    assert not outcome.is_final


def test_a_file_that_cannot_be_used_says_why(dovecote: ModuleType, client, ground: Ground):
    address = ground.stranger.gives("/not-a-picture.png", b"<html>")
    with pytest.raises(dovecote.errors.DovecoteError, match=r"\w"):
        client.media.upload_from_url(address)
    with pytest.raises(dovecote.errors.MediaError, match="pass content_type"):
        client.media.upload(b"who knows")


def test_accounts_are_found_by_network_handle_and_id(dovecote: ModuleType, client, ground: Ground):
    x, linkedin = ground.of("x"), ground.of("linkedin")
    handle = client.accounts.get(x).account_name

    assert client.accounts.choose(["x", f"x:{handle}", str(x)]) == [x]
    assert client.accounts.choose("all") == sorted([x, linkedin])
    with pytest.raises(dovecote.errors.UnknownAccount, match="There are: x:"):
        client.accounts.choose("@stranger")


def test_a_network_with_two_accounts_means_neither_until_it_is_said(dovecote: ModuleType):
    choose = importlib.import_module("dovecote._workflows.publishing").choose
    names = {"username": None, "display_name": None}
    two = [
        SimpleNamespace(id=7, platform="linkedin", account_name="@acme", is_active=True, **names),
        SimpleNamespace(id=8, platform="linkedin", account_name="@jobs", is_active=True, **names),
        SimpleNamespace(id=9, platform="linkedin", account_name="@old", is_active=False, **names),
    ]

    with pytest.raises(dovecote.errors.UnknownAccount) as caught:
        choose(two, "linkedin")
    assert "linkedin:@acme (7), linkedin:@jobs (8). Name one, or linkedin:all" in str(caught.value)
    assert choose(two, "linkedin:all") == choose(two, "all") == [7, 8]
    assert choose(two, "linkedin:@jobs") == [8]
    assert choose(two[:1], "linkedin") == [7]
