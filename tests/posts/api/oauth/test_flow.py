"""From consent to calls of the API, to new tokens, to the end; with Django's client."""

import base64
from datetime import timedelta

import pytest

from destinations.runtime import clock
from posts import rate_windows
from posts.keys import keys
from posts.keys.oauth import grants, tokens
from posts.models import ApiKey, OAuthGrant, OAuthTokens
from tests.factories import make_account, make_workspace
from tests.posts.conftest import Caller
from tests.posts.keys.oauth.program import make_program, page_of, refused

pytestmark = pytest.mark.django_db


def caller(workspace, access: str) -> Caller:
    return Caller(workspace, ApiKey.objects.latest("created_at"), access)


def test_consent_leads_back_with_a_code_the_state_and_who_we_are(program, page, workspace):
    found = program.allowed(page, workspace)

    assert set(found) == {"code", "state", "iss"}
    assert found["state"] == "a state & more"
    assert found["iss"] == "http://127.0.0.1:8000"


def test_tokens_act_as_a_key_with_what_was_allowed(program, page, workspace):
    account, other = make_account(workspace), make_account(workspace)
    form = {"scopes": ["read"], "accounts": [account.pk]}

    found = program.connected(page, workspace, form=form)

    assert (found["token_type"], found["expires_in"], found["scope"]) == ("Bearer", 3600, "read")
    agent = caller(workspace, found["access_token"])
    listed = agent.get("/accounts").json()["data"]["accounts"]
    assert [each["id"] for each in listed] == [account.pk]
    body = {"content": "Hello", "account_ids": [other.pk]}
    assert agent.post("/posts", body).json()["error"]["code"] == "insufficient_scope"
    key = ApiKey.objects.get()
    assert (key.name, key.state, key.scopes) == ("Agent: Claude", "Active", ["read"])
    assert key.last_used_at


def test_nothing_is_stored_in_clear(program, page, workspace):
    code = program.code(page, workspace)
    found = program.exchange(code).json()

    stored = repr([
        *OAuthGrant.objects.values(), *OAuthTokens.objects.values(), *ApiKey.objects.values(),
    ])  # fmt: skip
    for secret in (code, found["access_token"], found["refresh_token"]):
        assert secret not in stored
        assert secret[-20:] not in stored


def test_the_secret_of_the_key_is_nobodys(program, page, workspace):
    found = program.connected(page, workspace)

    assert found["access_token"].startswith(keys.ACCESS_PREFIX)
    assert keys.recognise(found["access_token"]) == ApiKey.objects.get()
    assert keys.recognise(found["refresh_token"]) is None
    assert caller(workspace, found["refresh_token"]).get("/me").status_code == 401


def test_an_ordinary_key_costs_the_query_it_did(
    program, page, workspace, django_assert_num_queries
):
    found = program.connected(page, workspace)
    _, secret = keys.create(workspace, "night", ["read"])

    for each in (secret, found["access_token"]):
        with django_assert_num_queries(1):
            assert keys.find(each)


def test_a_refresh_gives_new_tokens_and_lengthens_the_grant(program, page, workspace):
    first = program.connected(page, workspace)
    nearly = clock.now() + timedelta(hours=1)
    ApiKey.objects.update(expires_at=nearly)

    second = program.refresh(first["refresh_token"]).json()

    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == "read write ai"
    assert ApiKey.objects.get().expires_at > nearly
    for found in (first, second):
        assert caller(workspace, found["access_token"]).get("/me").status_code == 200


def test_an_access_token_ends_after_an_hour_and_a_grant_after_a_month(program, page, workspace):
    first = program.connected(page, workspace)
    OAuthTokens.objects.update(access_expires_at=clock.now())

    assert caller(workspace, first["access_token"]).get("/me").status_code == 401
    second = program.refresh(first["refresh_token"]).json()
    assert caller(workspace, second["access_token"]).get("/me").status_code == 200

    OAuthTokens.objects.update(refresh_expires_at=clock.now())
    refused(program.refresh(second["refresh_token"]), "invalid_grant")


def test_one_budget_counts_for_all_tokens_of_a_grant(program, page, workspace, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "requests": rate_windows.parse("3/min")}
    first = program.connected(page, workspace)
    for _ in range(3):
        assert caller(workspace, first["access_token"]).get("/me").status_code == 200

    second = program.refresh(first["refresh_token"]).json()

    assert caller(workspace, second["access_token"]).get("/me").status_code == 429


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_a_program_with_a_secret_must_show_it(page, workspace, method):
    program = make_program(token_endpoint_auth_method=method)
    code = program.code(page, workspace)
    secret = program.secret

    for wrong in (None, "", "pe_client_00", secret[:-1]):
        refused(program.exchange(code, client_secret=wrong), "invalid_client", 401)
    assert program.exchange(code).status_code == 200


def test_a_secret_may_come_in_the_header(page, workspace):
    program = make_program(token_endpoint_auth_method="client_secret_basic")
    words = base64.b64encode(f"{program.client_id}:{program.secret}".encode()).decode()
    program.secret = ""
    program.http.defaults["HTTP_AUTHORIZATION"] = f"Basic {words}"

    assert program.exchange(program.code(page, workspace)).status_code == 200


def test_revoking_either_token_ends_the_grant(program, page, workspace):
    for name in ("access_token", "refresh_token"):
        found = program.connected(page, workspace)

        assert program.send("/oauth/revoke", token=found[name]).status_code == 200

        assert caller(workspace, found["access_token"]).get("/me").status_code == 401
        refused(program.refresh(found["refresh_token"]), "invalid_grant")
    assert set(OAuthGrant.objects.values_list("ended_because", flat=True)) == {
        "its program revoked it"
    }


def test_revoking_what_is_unknown_succeeds(program):
    assert program.send("/oauth/revoke", token="nothing").status_code == 200


def test_connections_do_not_count_as_keys_and_are_bounded_by_themselves(
    program, page, workspace, monkeypatch
):
    monkeypatch.setattr(grants, "ACTIVE_LIMIT", 2)
    for _ in range(keys.ACTIVE_LIMIT):
        keys.create(workspace, "night", ["read"])
    program.connected(page, workspace)
    late = program.code(page, workspace)
    program.connected(page, workspace)

    form = {"workspace": workspace.pk, "scopes": ["read"], "allow": "yes"}
    shown = page.post(page_of(program.request()), form)
    assert "at most 2 connected agents" in shown.content.decode()
    assert "connected agents" in refused(program.exchange(late), "invalid_grant")
    program.connected(page, make_workspace("Another"))


def test_a_key_of_a_grant_cannot_be_rotated(program, page, workspace):
    program.connected(page, workspace)

    with pytest.raises(keys.RequestRefused, match="its program renews its tokens"):
        keys.rotate(ApiKey.objects.get(), timedelta())


def test_what_is_over_is_deleted(program, page, workspace):
    for _ in range(3):
        program.connected(page, workspace)
    program.code(page, workspace)
    old = clock.now() - timedelta(days=100)
    OAuthGrant.objects.update(created_at=old)
    expired, revoked, _ = OAuthGrant.objects.exclude(api_key=None)
    ApiKey.objects.filter(pk=expired.api_key_id).update(expires_at=old)
    ApiKey.objects.filter(pk=revoked.api_key_id).update(revoked_at=old)

    program.code(page, workspace)

    assert OAuthGrant.objects.count() == 2
    assert ApiKey.objects.count() == 3


def test_used_refresh_tokens_are_deleted_once_they_are_old(program, page, workspace):
    found = program.connected(page, workspace)
    for _ in range(3):
        found = program.refresh(found["refresh_token"]).json()
    old = clock.now() - timedelta(seconds=1)
    OAuthTokens.objects.filter(used_at__isnull=False).update(refresh_expires_at=old)

    program.refresh(found["refresh_token"])

    assert OAuthTokens.objects.count() == 2


def test_a_grant_refreshes_only_so_often(program, page, workspace):
    found = program.connected(page, workspace)
    for _ in range(10):
        found = program.refresh(found["refresh_token"]).json()

    answer = program.refresh(found["refresh_token"])

    refused(answer, "temporarily_unavailable", 429)
    assert int(answer["Retry-After"]) > 0
    assert caller(workspace, found["access_token"]).get("/me").status_code == 200


def test_a_redirect_of_a_program_on_this_machine_has_any_port(page, workspace):
    program = make_program(redirect_uris=["http://127.0.0.1/callback"])
    uri = "http://127.0.0.1:53217/callback"

    code = program.code(page, workspace, redirect_uri=uri)

    refused(program.exchange(code, redirect_uri="http://127.0.0.1:1/callback"), "invalid_grant")
    code = program.code(page, workspace, redirect_uri=uri)
    assert program.exchange(code, redirect_uri=uri).status_code == 200
    assert tokens.active(workspace).count() == 1
