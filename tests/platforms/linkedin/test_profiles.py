"""Connecting LinkedIn: who can be posted as, and posting as them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import Unauthorized
from platforms.linkedin.adapter import LinkedIn
from platforms.linkedin.oauth import LinkedInOAuth
from platforms.oauth import App, Profile
from platforms.outcomes import Published
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media
from tests.platforms.linkedin.login import (
    BACK,
    DAY,
    connected,
    make_member,
    make_page,
    profiles,
    refreshed,
)


@pytest.fixture
def app(simulator: Simulator) -> App:
    return App(*simulator.app("linkedin", BACK))


@pytest.fixture
def ada(simulator: Simulator) -> str:
    """A member's id."""
    return make_member(simulator)


def test_a_member_and_every_page_with_a_role_that_may_post(
    simulator: Simulator, app: App, ada: str
):
    pages = [
        make_page(simulator, {ada: "ADMINISTRATOR"}, "Acme Inc."),
        make_page(simulator, {ada: "CONTENT_ADMIN"}, "Beta Ltd"),
    ]
    make_page(simulator, {ada: "ANALYST"}, "Gamma")
    make_page(simulator, {"member-7": "ADMINISTRATOR"}, "Delta")
    member, *found = profiles(simulator, app, connected(simulator, app, ada))
    assert (member.platform_account_id, member.name, member.kind) == (ada, "Ada Byron", "member")
    assert member.extra == {"author": f"urn:li:person:{ada}"}
    assert member.avatar_url.startswith("https://")
    assert [(p.platform_account_id, p.name, p.kind) for p in found] == [
        (pages[0], "Acme Inc.", "organization"),
        (pages[1], "Beta Ltd", "organization"),
    ]
    assert found[0].extra == {"author": f"urn:li:organization:{pages[0]}"}
    assert (found[0].username, found[0].tokens) == ("acme-inc", member.tokens)


@pytest.mark.parametrize("spelling", ["organization", "organizationTarget"])
def test_a_page_is_known_by_either_name_of_its_field(
    simulator: Simulator, app: App, ada: str, spelling: str
):
    simulator.set("linkedin", "acl_target", spelling)
    page = make_page(simulator, {ada: "ADMINISTRATOR"})
    _, found = profiles(simulator, app, connected(simulator, app, ada))
    assert found.extra == {"author": f"urn:li:organization:{page}"}


def test_a_role_at_nothing_that_is_named_is_passed_over(simulator: Simulator, app: App, ada: str):
    page = f"urn:li:organization:{make_page(simulator, {ada: 'ADMINISTRATOR'})}"
    role = {"role": "ADMINISTRATOR", "state": "APPROVED"}
    body = json.dumps({"elements": [role, {**role, "organization": page}]})
    simulator.fault("linkedin", call="list_roles", status=200, body=body)
    _, found = profiles(simulator, app, connected(simulator, app, ada))
    assert found.extra == {"author": page}


def test_more_pages_than_one_answer_holds_are_all_listed(
    simulator: Simulator, app: App, ada: str, monkeypatch: Any
):
    monkeypatch.setattr("platforms.linkedin.oauth.PAGE_SIZE", 2)
    for number in range(5):
        make_page(simulator, {ada: "ADMINISTRATOR"}, f"Page {number}")
    found = profiles(simulator, app, connected(simulator, app, ada))
    assert len(found) == 6


def test_without_the_pages_scopes_only_the_member_is_offered(
    simulator: Simulator, app: App, ada: str
):
    make_page(simulator, {ada: "ADMINISTRATOR"})
    tokens = connected(simulator, app, ada)
    simulator.fault("linkedin", call="list_roles", status=500)
    few = replace(tokens, scopes=LinkedInOAuth.scopes)
    assert [p.kind for p in profiles(simulator, app, few)] == ["member"]


def test_a_member_who_may_not_ask_for_roles_is_offered_alone(
    simulator: Simulator, app: App, ada: str
):
    simulator.fault("linkedin", call="list_roles", status=403)
    found = profiles(simulator, app, connected(simulator, app, ada))
    assert [p.kind for p in found] == ["member"]


def test_a_fresh_token_that_does_not_work_yet_is_waited_for(
    simulator: Simulator, app: App, ada: str, monkeypatch: Any
):
    simulator.set("linkedin", "settling_seconds", 0.4)
    assert profiles(simulator, app, connected(simulator, app, ada))[0].platform_account_id == ada
    simulator.set("linkedin", "settling_seconds", 3600)
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0, 0))
    with pytest.raises(Unauthorized):
        profiles(simulator, app, connected(simulator, app, ada))


@pytest.mark.parametrize(
    "draft", [Draft("Hello"), Draft("Look", (media(),))], ids=["text", "image"]
)
def test_a_connected_page_is_posted_to_until_the_member_leaves_it(
    simulator: Simulator, app: App, ada: str, draft: Draft
):
    page = make_page(simulator, {ada: "ADMINISTRATOR"})
    _, profile = profiles(simulator, app, connected(simulator, app, ada))
    drive = driven(profile, simulator)
    assert isinstance(drive.finish(draft), Published)
    [post] = simulator.posts("linkedin", page)
    simulator.set("linkedin", "roles", {}, account=page)
    again = driven(profile, simulator)
    with pytest.raises(Unauthorized) as caught:
        again.finish(replace(draft, text="Once more"))
    assert caught.value.code == "account_restricted"
    assert simulator.posts("linkedin", page) == [post]


def test_a_connected_member_posts_in_the_members_name(simulator: Simulator, app: App, ada: str):
    member = profiles(simulator, app, connected(simulator, app, ada))[0]
    drive = driven(member, simulator)
    assert isinstance(drive.finish(Draft("Hello")), Published)
    assert len(simulator.posts("linkedin", ada)) == 1


def driven(profile: Profile, simulator: Simulator) -> Drive:
    account = Credentials(
        profile.platform_account_id,
        profile.username,
        profile.tokens.access,
        profile.tokens.refresh,
        extra=profile.extra,
        login="linkedin",
        scopes=profile.tokens.scopes,
    )
    return Drive(LinkedIn(), account, simulator.url)


def test_a_connected_account_is_refreshed_and_the_post_goes_on(
    simulator: Simulator, app: App, ada: str
):
    make_page(simulator, {ada: "ADMINISTRATOR"})
    tokens = connected(simulator, app, ada)
    _, profile = profiles(simulator, app, tokens)
    drive = driven(profile, simulator)
    simulator.advance(60 * DAY + 1)
    with pytest.raises(Unauthorized) as caught:
        drive.finish(Draft("Hello"))
    assert caught.value.code == "account_needs_reconnection"
    drive.account = replace(drive.account, token=refreshed(simulator, app, tokens).access)
    assert isinstance(drive.finish(Draft("Hello")), Published)
