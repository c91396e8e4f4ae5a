"""Connecting LinkedIn: who can be posted as, and posting as them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import Unauthorized
from platforms.linkedin.adapter import LinkedIn
from platforms.linkedin.oauth import LinkedInOAuth
from platforms.oauth import Profile
from platforms.outcomes import Published
from tests.platforms.connecting import Connecting
from tests.platforms.driver import Drive, media
from tests.platforms.linkedin.login import DAY, make_page


def test_a_member_and_every_page_with_a_role_that_may_post(c: Connecting):
    pages = [
        make_page(c.simulator, {c.account: "ADMINISTRATOR"}, "Acme Inc."),
        make_page(c.simulator, {c.account: "CONTENT_ADMIN"}, "Beta Ltd"),
    ]
    make_page(c.simulator, {c.account: "ANALYST"}, "Gamma")
    make_page(c.simulator, {"member-7": "ADMINISTRATOR"}, "Delta")
    member, *found = c.profiles(c.tokens())
    assert (member.platform_account_id, member.name, member.kind) == (
        c.account,
        "Ada Byron",
        "member",
    )
    assert member.extra == {"author": f"urn:li:person:{c.account}"}
    assert member.avatar_url.startswith("https://")
    assert [(p.platform_account_id, p.name, p.kind) for p in found] == [
        (pages[0], "Acme Inc.", "organization"),
        (pages[1], "Beta Ltd", "organization"),
    ]
    assert found[0].extra == {"author": f"urn:li:organization:{pages[0]}"}
    assert (found[0].username, found[0].tokens) == ("acme-inc", member.tokens)


@pytest.mark.parametrize("spelling", ["organization", "organizationTarget"])
def test_a_page_is_known_by_either_name_of_its_field(c: Connecting, spelling: str):
    c.simulator.set("linkedin", "acl_target", spelling)
    page = make_page(c.simulator, {c.account: "ADMINISTRATOR"})
    _, found = c.profiles(c.tokens())
    assert found.extra == {"author": f"urn:li:organization:{page}"}


def test_a_role_at_nothing_that_is_named_is_passed_over(c: Connecting):
    page = f"urn:li:organization:{make_page(c.simulator, {c.account: 'ADMINISTRATOR'})}"
    role = {"role": "ADMINISTRATOR", "state": "APPROVED"}
    body = json.dumps({"elements": [role, {**role, "organization": page}]})
    c.simulator.fault("linkedin", call="list_roles", status=200, body=body)
    _, found = c.profiles(c.tokens())
    assert found.extra == {"author": page}


def test_more_pages_than_one_answer_holds_are_all_listed(c: Connecting, monkeypatch: Any):
    monkeypatch.setattr("platforms.linkedin.oauth.PAGE_SIZE", 2)
    for number in range(5):
        make_page(c.simulator, {c.account: "ADMINISTRATOR"}, f"Page {number}")
    assert len(c.profiles(c.tokens())) == 6


def test_without_the_pages_scopes_only_the_member_is_offered(c: Connecting):
    make_page(c.simulator, {c.account: "ADMINISTRATOR"})
    tokens = c.tokens()
    c.simulator.fault("linkedin", call="list_roles", status=500)
    few = replace(tokens, scopes=LinkedInOAuth.scopes)
    assert [p.kind for p in c.profiles(few)] == ["member"]


def test_a_member_who_may_not_ask_for_roles_is_offered_alone(c: Connecting):
    c.simulator.fault("linkedin", call="list_roles", status=403)
    assert [p.kind for p in c.profiles(c.tokens())] == ["member"]


def test_a_fresh_token_that_does_not_work_yet_is_waited_for(c: Connecting, monkeypatch: Any):
    c.simulator.set("linkedin", "settling_seconds", 0.4)
    assert c.profiles(c.tokens())[0].platform_account_id == c.account
    c.simulator.set("linkedin", "settling_seconds", 3600)
    monkeypatch.setattr("platforms.linkedin.oauth.SETTLING_SECONDS", (0, 0))
    with pytest.raises(Unauthorized):
        c.profiles(c.tokens())


@pytest.mark.parametrize(
    "draft", [Draft("Hello"), Draft("Look", (media(),))], ids=["text", "image"]
)
def test_a_connected_page_is_posted_to_until_the_member_leaves_it(c: Connecting, draft: Draft):
    page = make_page(c.simulator, {c.account: "ADMINISTRATOR"})
    _, profile = c.profiles(c.tokens())
    drive = driven(profile, c)
    assert isinstance(drive.finish(draft), Published)
    [post] = c.simulator.posts("linkedin", page)
    c.simulator.set("linkedin", "roles", {}, account=page)
    again = driven(profile, c)
    with pytest.raises(Unauthorized) as caught:
        again.finish(replace(draft, text="Once more"))
    assert caught.value.code == "account_restricted"
    assert c.simulator.posts("linkedin", page) == [post]


def test_a_connected_member_posts_in_the_members_name(c: Connecting):
    member = c.profiles(c.tokens())[0]
    drive = driven(member, c)
    assert isinstance(drive.finish(Draft("Hello")), Published)
    assert len(c.simulator.posts("linkedin", c.account)) == 1


def driven(profile: Profile, c: Connecting) -> Drive:
    account = Credentials(
        profile.platform_account_id,
        profile.username,
        profile.tokens.access,
        profile.tokens.refresh,
        extra=profile.extra,
        login="linkedin",
        scopes=profile.tokens.scopes,
    )
    return Drive(LinkedIn(), account, c.simulator)


def test_a_connected_account_is_refreshed_and_the_post_goes_on(c: Connecting):
    make_page(c.simulator, {c.account: "ADMINISTRATOR"})
    tokens = c.tokens()
    _, profile = c.profiles(tokens)
    drive = driven(profile, c)
    c.simulator.advance(60 * DAY + 1)
    with pytest.raises(Unauthorized) as caught:
        drive.finish(Draft("Hello"))
    assert caught.value.code == "account_needs_reconnection"
    drive.account = replace(drive.account, token=c.refresh(tokens).access)
    assert isinstance(drive.finish(Draft("Hello")), Published)
