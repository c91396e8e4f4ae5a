"""The page on which an operator lets a program act: what it says, and who may open it."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from posts.keys.oauth import clients, grants
from posts.models import ApiKey, OAuthClient, OAuthGrant
from tests.destinations.admin.action_steps import staff
from tests.factories import make_account, make_workspace
from tests.posts.cases import apart
from tests.posts.keys.oauth.program import PAGE, answered, make_program, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make_program(client_name="<b>Claude</b> & “co”")


def allow(browser, program, workspace, **fields):
    form = {"workspace": workspace.pk, "scopes": ["read"], "allow": "yes", **fields}
    return browser.post(page_of(program.request()), form)


def test_the_way_there_leads_through_the_login(program):
    visitor = Client()

    first = visitor.get(f"/oauth/authorize{page_of(program.request()).removeprefix(PAGE)}")
    assert first.status_code == 302
    second = visitor.get(first["Location"])

    assert second["Location"].startswith("/admin/login/?next=/admin/oauth/")
    wanted = dict(parse_qsl(urlsplit(second["Location"]).query))["next"]
    assert dict(parse_qsl(urlsplit(wanted).query)) == program.request()


def test_the_request_may_come_as_a_form(program):
    answer = Client(enforce_csrf_checks=True).post("/oauth/authorize", program.request())

    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == program.request()


def test_a_request_that_is_too_long_is_refused(program):
    answer = Client().get("/oauth/authorize", program.request(scope="x" * 9000))

    assert answer.status_code == 400
    assert "Location" not in answer


def test_the_page_says_who_asks_and_what_for(admin_client, program, workspace):
    shown = admin_client.get(page_of(program.request(scope="read ai openid")))

    text = shown.content.decode()
    assert shown.status_code == 200
    assert "no-store" in shown["Cache-Control"]
    assert "&lt;b&gt;Claude&lt;/b&gt; &amp; &quot;co&quot;" in text
    assert "<b>Claude" not in text
    assert "agent.example" in text
    assert OAuthClient.objects.get(pk=program.client_id).address in text
    assert "connected agents" in text
    assert "posts.add_apikey" in text
    assert [name for name, _ in shown.context["form"].fields["scopes"].choices] == ["read", "ai"]
    assert shown.context["form"]["workspace"].value() == workspace.pk
    assert not OAuthGrant.objects.exists()


def test_the_page_is_never_framed_and_its_form_ends_at_the_program(admin_client, program):
    shown = admin_client.get(page_of(program.request()))

    policy = shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https:;" in f"{policy};"
    # With less, browsers would send the form without the origin that its check needs.
    assert shown["Referrer-Policy"] == "same-origin"


def test_a_private_scheme_may_be_the_end_of_the_form(admin_client):
    uri = "com.example.agent:/callback"
    program = make_program(redirect_uris=[uri])

    shown = admin_client.get(page_of(program.request(redirect_uri=uri)))

    assert "form-action 'self' https: com.example.agent:;" in f"{shown['Content-Security-Policy']};"
    assert "an app on your device" in shown.content.decode()


def test_an_operator_allows_less_than_was_asked_for(admin_client, admin_user, program, workspace):
    account = make_account(workspace)

    answer = allow(admin_client, program, workspace, accounts=[account.pk])

    assert answer.status_code == 303
    assert answer["Location"].startswith("https://agent.example/callback?code=pe_code_")
    grant = OAuthGrant.objects.get()
    assert (grant.operator, grant.workspace, grant.scopes) == (admin_user, workspace, ["read"])
    assert grant.account_ids == [account.pk]
    assert not ApiKey.objects.exists()


def test_what_was_not_asked_for_or_does_not_exist_cannot_be_allowed(
    admin_client, program, workspace
):
    for fields in (
        {"scopes": []},
        {"scopes": ["ai"]},
        {"scopes": ["admin"]},
        {"workspace": ""},
        {"accounts": ["0"]},
    ):
        with apart(fields):
            form = {"workspace": workspace.pk, "scopes": ["read"], "allow": "yes", **fields}

            answer = admin_client.post(page_of(program.request(scope="read write")), form)

            assert answer.status_code == 200
            assert answer.context["form"].errors
            assert not OAuthGrant.objects.exists()


def test_accounts_of_another_workspace_cannot_be_allowed(admin_client, program, workspace):
    foreign = make_account(make_workspace("Elsewhere"))

    answer = allow(admin_client, program, workspace, accounts=[foreign.pk])

    assert answer.context["form"].errors["accounts"]
    assert not OAuthGrant.objects.exists()


def test_a_program_is_told_that_it_was_denied(admin_client, program):
    answer = admin_client.post(page_of(program.request()), {"deny": "yes"})

    assert answer.status_code == 303
    found = answered(answer)
    assert (found["error"], found["state"]) == ("access_denied", "a state & more")
    assert found["iss"] == "http://127.0.0.1:8000"


def test_an_operator_without_the_permission_may_only_deny(client, program, workspace):
    viewer = staff(client)

    shown = viewer.get(page_of(program.request()))

    assert shown.status_code == 403
    assert "posts.add_apikey" in shown.content.decode()
    assert allow(viewer, program, workspace).status_code == 403
    assert not OAuthGrant.objects.exists()
    denied = viewer.post(page_of(program.request()), {"deny": "yes"})
    assert answered(denied)["error"] == "access_denied"


def test_a_form_of_another_site_is_refused(admin_user, program, workspace):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)

    assert allow(browser, program, workspace).status_code == 403
    assert browser.post(page_of(program.request()), {"deny": "yes"}).status_code == 403
    assert not OAuthGrant.objects.exists()


def test_nothing_is_sent_to_an_address_that_is_not_the_clients(admin_client, program):
    for changes in (
        {"client_id": None},
        {"client_id": "00000000-0000-4000-8000-000000000000"},
        {"client_id": ["a", "b"]},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "https://agent.example/callback/../evil"},
        {"redirect_uri": "https://agent.example/callback?x=1"},
        {"redirect_uri": "//evil.example"},
        {"redirect_uri": ""},
        {"redirect_uri": ["https://agent.example/callback", "https://evil.example/"]},
        {"response_type": "token", "redirect_uri": "https://evil.example/"},
    ):
        with apart(changes):
            path = page_of(program.request(**changes))

            for answer in (admin_client.get(path), admin_client.post(path, {"deny": "yes"})):
                assert answer.status_code == 400
                assert "Location" not in answer
                assert "evil.example" not in answer.content.decode().split("<main")[1]


def test_a_client_that_was_revoked_is_unknown(admin_client, program):
    clients.revoke(OAuthClient.objects.get())

    assert admin_client.get(page_of(program.request())).status_code == 400


def test_an_error_goes_back_to_the_program_with_its_state(admin_client, client, program):
    for changes, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": ["read", "write"]}, "invalid_request"),
        ({"resource": "https://evil.example/mcp"}, "invalid_target"),
        ({"resource": "http://127.0.0.1:8000/mcp/other"}, "invalid_target"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
        ({"state": "x" * 2001}, "invalid_request"),
        ({"state": "a\nb"}, "invalid_request"),
    ):
        with apart(changes, error):
            path = page_of(program.request(**changes))
            told = answered(admin_client.get(path))

            assert (told["error"], told["iss"]) == (error, "http://127.0.0.1:8000")
            assert told.get("state") == (None if "state" in changes else "a state & more")
            assert told["error_description"].isascii()
            # No person is sent anywhere without a login.
            assert client.get(path)["Location"].startswith("/admin/login/")


def test_one_redirect_uri_need_not_be_named(admin_client, program, workspace):
    path = page_of(program.request(redirect_uri=None, state=None, resource=None, scope=None))

    answer = admin_client.post(path, {"workspace": workspace.pk, "scopes": ["write"]})

    assert set(answered(answer)) == {"code", "iss"}
    assert OAuthGrant.objects.get().resource == "http://127.0.0.1:8000"


def test_connections_are_revoked_in_their_list(admin_client, admin_user, program, workspace):
    found = program.connected(admin_client, workspace)
    path, grant = "/admin/posts/oauthgrant/", OAuthGrant.objects.get()
    action = {"action": "revoke", "_selected_action": [grant.pk]}

    assert "Within seconds" in admin_client.post(path, action).content.decode()
    assert grant.state == "Active"
    admin_client.post(path, {**action, "confirmed": "yes"})

    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.ended_because) == ("Revoked", f"operator:{admin_user} revoked it")
    assert program.refresh(found["refresh_token"]).status_code == 400


def test_clients_are_revoked_in_their_list(admin_client, program, workspace):
    program.connected(admin_client, workspace)
    action = {"action": "revoke", "_selected_action": [program.client_id], "confirmed": "yes"}

    admin_client.post("/admin/posts/oauthclient/", action)

    assert OAuthClient.objects.get().revoked_at
    assert OAuthGrant.objects.get().state == "Revoked"


def test_who_may_only_look_revokes_nothing(client, admin_client, program, workspace):
    program.connected(admin_client, workspace)
    viewer = staff(client)

    for name, row in (
        ("oauthgrant", OAuthGrant.objects.get().pk),
        ("oauthclient", program.client_id),
    ):
        path = f"/admin/posts/{name}/"
        assert viewer.get(path).status_code == 200
        viewer.post(path, {"action": "revoke", "_selected_action": [row], "confirmed": "yes"})
    assert OAuthGrant.objects.get().state == "Active"
    assert OAuthClient.objects.get().revoked_at is None


def test_the_history_of_the_key_begins_with_who_allowed_it(admin_client, program, workspace):
    program.connected(admin_client, workspace)

    page = admin_client.get(f"/admin/posts/apikey/{ApiKey.objects.get().pk}/history/")

    assert f"operator:{User.objects.get()} allowed" in page.content.decode()
    assert grants.key_name(OAuthClient.objects.get()).startswith("Agent: ")
