"""Stolen, injected, repeated and crossed codes and tokens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from destinations.runtime import clock
from posts import rate_windows
from posts.keys import keys
from posts.keys.oauth import clients, limits, tokens
from posts.models import ApiKey, OAuthClient, OAuthGrant, OAuthTokens
from tests.factories import make_account
from tests.posts.api.oauth.test_flow import caller
from tests.posts.keys.oauth.program import Program, challenge_of, make_program, refused

pytestmark = pytest.mark.django_db


def is_accepted(workspace, access: str) -> bool:
    status = caller(workspace, access).get("/me").status_code
    assert status in (200, 401)
    return status == 200


def test_a_code_that_is_used_again_ends_what_it_gave(program, page, workspace):
    code = program.code(page, workspace)
    found = program.exchange(code).json()
    assert is_accepted(workspace, found["access_token"])

    refused(program.exchange(code), "invalid_grant")

    assert not is_accepted(workspace, found["access_token"])
    refused(program.refresh(found["refresh_token"]), "invalid_grant")
    assert ApiKey.objects.get().state == "Revoked"
    assert OAuthGrant.objects.get().ended_because == "its code was used twice"


def test_a_code_that_was_injected_into_another_session_is_useless(program, page, workspace):
    """The program sends the verifier of its own session, of another authorization request."""
    code = program.code(page, workspace)
    program.verifier = "another-session-" + "x" * 40

    refused(program.exchange(code), "invalid_grant")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("verifier", ["", None, "short", "x" * 43, "y" * 129, "ä" * 50])
def test_a_code_without_its_verifier_is_useless_and_used_up(program, page, workspace, verifier):
    code = program.code(page, workspace)

    answer = program.exchange(code, code_verifier=verifier)

    assert answer.json()["error"] in ("invalid_grant", "invalid_request")
    assert not ApiKey.objects.exists()


def test_the_challenge_is_no_verifier(program, page, workspace):
    code = program.code(page, workspace)

    refused(program.exchange(code, code_verifier=challenge_of(program.verifier)), "invalid_grant")
    refused(program.exchange(code), "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": "https://agent.example/other"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"resource": "https://evil.example/mcp"}, "invalid_target"),
        ({"resource": "http://127.0.0.1:8000/api/v1"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"code": "pe_code_" + "0" * 64}, "invalid_grant"),
        ({"code": ["a", "b"]}, "invalid_request"),
    ],
)
def test_a_code_is_bound_to_its_request(program, page, workspace, changes, error):
    code = program.code(page, workspace)

    refused(program.exchange(code, **changes), error)
    assert not ApiKey.objects.exists()


def test_a_code_lives_for_a_minute(program, page, workspace):
    code = program.code(page, workspace)
    grant = OAuthGrant.objects.get()
    assert grant.code_expires_at - grant.created_at == timedelta(seconds=60)
    OAuthGrant.objects.update(code_expires_at=clock.now())

    refused(program.exchange(code), "invalid_grant")
    assert not ApiKey.objects.exists()


def test_a_code_is_its_clients_alone(program, page, workspace):
    thief = make_program()
    thief.verifier = program.verifier

    refused(thief.exchange(program.code(page, workspace)), "invalid_grant")
    assert not ApiKey.objects.exists()


def test_tokens_are_their_clients_alone(program, page, workspace):
    found = program.connected(page, workspace)
    thief = make_program()

    refused(thief.refresh(found["refresh_token"]), "invalid_grant")
    for name in ("access_token", "refresh_token"):
        refused(thief.send("/oauth/revoke", token=found[name]), "invalid_grant")

    assert is_accepted(workspace, found["access_token"])
    assert program.refresh(found["refresh_token"]).status_code == 200


@pytest.mark.parametrize("client_id", ["", None, "nobody", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_client_gets_nothing(program, page, workspace, client_id):
    answer = program.exchange(program.code(page, workspace), client_id=client_id)

    refused(answer, "invalid_client", 401)
    assert answer["WWW-Authenticate"].startswith("Basic")


def test_a_public_client_with_a_secret_is_not_it(program, page, workspace):
    refused(program.exchange("x", client_secret="guess"), "invalid_client", 401)


def test_a_refresh_token_used_twice_after_its_grace_ends_the_grant(program, page, workspace):
    first = program.connected(page, workspace)
    second = program.refresh(first["refresh_token"]).json()
    OAuthTokens.objects.filter(used_at__isnull=False).update(
        used_at=clock.now() - tokens.GRACE - timedelta(seconds=1)
    )

    assert "revoked" in refused(program.refresh(first["refresh_token"]), "invalid_grant")

    for found in (first, second):
        assert not is_accepted(workspace, found["access_token"])
        refused(program.refresh(found["refresh_token"]), "invalid_grant")
    assert OAuthGrant.objects.get().ended_because == "a refresh token was used twice"


def test_a_refresh_token_used_twice_after_the_next_one_was_used_ends_the_grant(
    program, page, workspace
):
    first = program.connected(page, workspace)
    second = program.refresh(first["refresh_token"]).json()
    third = program.refresh(second["refresh_token"]).json()

    refused(program.refresh(first["refresh_token"]), "invalid_grant")

    assert not is_accepted(workspace, third["access_token"])
    refused(program.refresh(third["refresh_token"]), "invalid_grant")


def test_a_refresh_whose_answer_was_lost_is_answered_the_same_again(program, page, workspace):
    first = program.connected(page, workspace)
    lost = program.refresh(first["refresh_token"]).json()

    again = program.refresh(first["refresh_token"]).json()

    assert {**again, "expires_in": 0} == {**lost, "expires_in": 0}
    assert 0 < again["expires_in"] <= 3600
    assert OAuthTokens.objects.count() == 2
    assert program.refresh(again["refresh_token"]).status_code == 200


def test_a_client_that_was_revoked_gets_nothing(program, page, workspace):
    found, code = program.connected(page, workspace), program.code(page, workspace)

    assert clients.revoke(OAuthClient.objects.get())

    assert not is_accepted(workspace, found["access_token"])
    refused(program.refresh(found["refresh_token"]), "invalid_client", 401)
    refused(program.exchange(code), "invalid_client", 401)
    assert not clients.revoke(OAuthClient.objects.get())


def test_a_key_that_was_revoked_among_the_keys_ends_the_grant(program, page, workspace):
    found = program.connected(page, workspace)

    keys.revoke(ApiKey.objects.get())

    assert not is_accepted(workspace, found["access_token"])
    refused(program.refresh(found["refresh_token"]), "invalid_grant")
    assert OAuthGrant.objects.get().state == "Revoked"


def test_tokens_rest_while_their_operator_is_deactivated(program, page, workspace, operator):
    found, code = program.connected(page, workspace), program.code(page, workspace)
    operator.is_active = False
    operator.save()

    assert not is_accepted(workspace, found["access_token"])
    refused(program.refresh(found["refresh_token"]), "invalid_grant")
    refused(program.exchange(code), "invalid_grant")

    operator.is_active = True
    operator.save()
    assert is_accepted(workspace, found["access_token"])
    assert program.refresh(found["refresh_token"]).status_code == 200


def test_an_operator_who_may_make_no_more_keys_keeps_none_connected(
    program, page, workspace, operator
):
    found, code = program.connected(page, workspace), program.code(page, workspace)
    operator.groups.clear()

    refused(program.refresh(found["refresh_token"]), "invalid_grant")
    refused(program.exchange(code), "invalid_grant")


def test_tokens_of_an_operator_who_was_deleted_are_refused(program, page, workspace, operator):
    found = program.connected(page, workspace)
    operator.delete()

    assert not is_accepted(workspace, found["access_token"])
    refused(program.refresh(found["refresh_token"]), "invalid_grant")


def test_a_grant_for_an_account_that_is_gone_is_not_for_all(program, page, workspace):
    account = make_account(workspace)
    code = program.code(page, workspace, form={"accounts": [account.pk]})
    account.delete()

    refused(program.exchange(code), "invalid_grant")
    assert not ApiKey.objects.exists()


def test_without_oauth_tokens_are_refused(program, page, workspace, settings):
    found = program.connected(page, workspace)
    settings.OAUTH_ENABLED = False

    assert not is_accepted(workspace, found["access_token"])


def test_parameters_are_read_from_a_form_only(program, page, workspace):
    code = program.code(page, workspace)
    form = f"grant_type=authorization_code&client_id={program.client_id}&code={code}"

    answer = program.http.post("/oauth/token", {"code": code}, content_type="application/json")
    refused(answer, "invalid_request")
    answer = program.http.post(f"/oauth/token?{form}", b"", content_type="text/plain")
    refused(answer, "invalid_request")


def test_an_address_may_call_only_so_often(program, monkeypatch):
    monkeypatch.setattr(limits, "TOKEN_CALLS", rate_windows.parse("3/min"))
    for _ in range(3):
        refused(program.refresh("x"), "invalid_grant")

    refused(program.refresh("x"), "temporarily_unavailable", 429)


def at_once(program: Program, *calls):
    """What calls answer that are made at the same time, each on a connection of its own."""

    def called(call):
        try:
            answer = call()
            return answer.status_code, answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return [each.result() for each in [threads.submit(called, call) for call in calls]]


@pytest.mark.django_db(transaction=True)
def test_of_two_refreshes_at_once_one_renews_and_both_learn_of_it(program, page, workspace):
    first = program.connected(page, workspace)
    call = [lambda: program.refresh(first["refresh_token"])] * 4

    answers = at_once(program, *call)

    assert {status for status, _ in answers} == {200}
    assert len({body["refresh_token"] for _, body in answers}) == 1
    assert len({body["access_token"] for _, body in answers}) == 1
    assert OAuthTokens.objects.count() == 2
    assert is_accepted(workspace, answers[0][1]["access_token"])
    assert program.refresh(answers[0][1]["refresh_token"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_exchanges_at_once_one_succeeds_and_the_other_ends_it(program, page, workspace):
    code = program.code(page, workspace)

    answers = at_once(program, *[lambda: program.exchange(code)] * 2)

    assert sorted(status for status, _ in answers) == [200, 400]
    [found] = [body for status, body in answers if status == 200]
    assert not is_accepted(workspace, found["access_token"])
    assert ApiKey.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_client_that_is_revoked_during_an_exchange_keeps_no_key(program, page, workspace):
    code = program.code(page, workspace)
    client = OAuthClient.objects.get()

    def revoke():
        clients.revoke(client)
        return program.send("/oauth/revoke", token="x")

    at_once(program, lambda: program.exchange(code), revoke)

    assert not ApiKey.objects.filter(revoked_at__isnull=True).exists()
