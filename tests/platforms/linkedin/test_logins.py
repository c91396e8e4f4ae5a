"""LinkedIn's simulator accepts the apps, tokens, scopes and roles that LinkedIn does."""

import uuid
from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.connecting import BACK
from tests.platforms.driver import Drive
from tests.platforms.linkedin.login import make_page
from tests.platforms.linkedin.steps import connect, rest

PATH = "/www.linkedin.com/oauth/v2"


@pytest.fixture
def app(simulator: Simulator) -> dict[str, str]:
    client_id, secret = simulator.app("linkedin", BACK)
    return {"client_id": client_id, "client_secret": secret}


def member(simulator: Simulator, *scopes: str) -> Drive:
    return connect(simulator, "person", scopes=list(scopes))


@pytest.mark.parametrize("path", ["accessToken", "introspectToken", "revoke"])
@pytest.mark.parametrize(
    ("left_out", "changed", "status", "error"),
    [
        ("client_id", {}, 400, "invalid_request"),
        ("client_secret", {}, 400, "invalid_request"),
        ("", {"client_secret": "wrong"}, 401, "invalid_client"),
        ("", {"client_id": "unknown"}, 401, "invalid_client"),
    ],
)
def test_an_app_proves_itself_in_the_form(
    simulator: Simulator,
    app: dict[str, str],
    path: str,
    left_out: str,
    changed: dict[str, str],
    status: int,
    error: str,
):
    form = {**app, "token": "t", **changed}
    form.pop(left_out, None)
    basic = (app["client_id"], app["client_secret"])
    answer = simulator.http.post(f"{PATH}/{path}", data=form, auth=basic)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "none"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "none"}, "invalid_request"),
    ],
)
def test_what_is_no_grant_gives_no_token(
    simulator: Simulator, app: dict[str, str], form: dict[str, str], error: str
):
    answer = simulator.http.post(f"{PATH}/accessToken", data={**app, **form})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_revoking_an_unknown_token_succeeds(simulator: Simulator, app: dict[str, str]):
    answer = simulator.http.post(f"{PATH}/revoke", data={**app, "token": "none"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("scopes", "shown"),
    [
        (("openid",), {"sub"}),
        (("openid", "email"), {"sub", "email", "email_verified"}),
        (("openid", "profile"), {"sub", "name", "given_name", "family_name", "picture", "locale"}),
    ],
)
def test_userinfo_shows_what_was_granted(
    simulator: Simulator, scopes: tuple[str, ...], shown: set[str]
):
    assert rest(member(simulator, *scopes), "GET", "/v2/userinfo").json().keys() == shown


def test_userinfo_needs_openid(simulator: Simulator):
    drive = member(simulator, "w_member_social")
    assert rest(drive, "GET", "/v2/userinfo").status_code == 403


@pytest.mark.parametrize(
    ("scopes", "params", "status"),
    [
        (["w_member_social"], {"q": "roleAssignee"}, 403),
        (["r_organization_admin"], {"q": "organization"}, 400),
        (["r_organization_admin"], {"q": "roleAssignee", "start": "-1"}, 400),
        (["r_organization_admin"], {"q": "roleAssignee"}, 200),
    ],
)
def test_roles_are_listed_for_members_who_may_ask(
    simulator: Simulator, scopes: list[str], params: dict[str, str], status: int
):
    drive = member(simulator, *scopes)
    assert rest(drive, "GET", "/rest/organizationAcls", params=params).status_code == status


def test_roles_are_filtered_as_asked(simulator: Simulator):
    drive = member(simulator, "rw_organization_admin")
    ada = drive.account.platform_account_id
    make_page(simulator, {ada: "ANALYST"})
    page = make_page(simulator, {ada: "ADMINISTRATOR"})
    params = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}
    for spelling in ("organization", "organizationTarget"):
        simulator.set("linkedin", "acl_target", spelling)
        found = rest(drive, "GET", "/rest/organizationAcls", params=params)
        [entry] = found.json()["elements"]
        assert entry[spelling] == f"urn:li:organization:{page}"
        assert len({"organization", "organizationTarget"} & entry.keys()) == 1


def test_a_page_is_shown_to_those_with_a_role(simulator: Simulator):
    drive = member(simulator, "rw_organization_admin")
    page = make_page(simulator, {})

    def look(number: str) -> Any:
        return rest(drive, "GET", f"/rest/organizations/{number}")

    assert look(page).status_code == 403
    assert look(str(uuid.uuid4().int)[:9]).status_code == 404
    roles = {drive.account.platform_account_id: "ANALYST"}
    simulator.set("linkedin", "roles", roles, account=page)
    assert look(page).json()["id"] == int(page)


def test_a_role_that_only_looks_may_not_post(simulator: Simulator):
    drive = member(simulator, "w_organization_social")
    page = make_page(simulator, {drive.account.platform_account_id: "ANALYST"})
    owner = {"owner": f"urn:li:organization:{page}"}
    params = {"action": "initializeUpload"}
    body = {"initializeUploadRequest": owner}
    begun = rest(drive, "POST", "/rest/images", params=params, json=body)
    assert begun.status_code == 403
