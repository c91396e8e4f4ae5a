"""Single sign-on, through a provider that is asked over HTTP."""

import logging
import time
from contextlib import ExitStack
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from config.models import Identity
from config.operators import roles
from config.operators.sso import views
from tests.config.operators.browser import RIGHT
from tests.config.operators.sso.conftest import returned
from tests.config.operators.sso.provider import new_key
from tests.posts.keys.oauth.program import somewhere

pytestmark = pytest.mark.django_db
HOME = "/admin/"


def test_the_first_login_makes_an_operator_with_the_role_of_their_group(client, log_in, provider):
    provider.claims |= {"email": "ada@example.com", "given_name": "Ada", "family_name": "L."}

    answer = log_in(client)

    assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
    assert client.get(HOME).status_code == 200
    ada = User.objects.get()
    assert (ada.username, ada.email, ada.get_full_name()) == ("ada", "ada@example.com", "Ada L.")
    assert (ada.is_staff, ada.is_superuser, ada.has_usable_password()) == (True, False, False)
    assert ada.groups.get().name == roles.ON_CALL
    assert ada.identity.subject == "8f3a"


def test_it_asks_with_a_code_challenge_a_state_and_a_nonce(client, provider):
    url = urlsplit(client.get("/admin/sso/").headers["Location"])
    asked = dict(parse_qsl(url.query))

    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32
    # The session's cookie is sent to /admin only.
    assert urlsplit(asked["redirect_uri"]).path == "/admin/sso/callback/"


def test_few_logins_wait_for_the_provider(client, provider):
    with ExitStack() as held:
        for _ in range(4):
            held.enter_context(views._room.enter(views.provider))
        assert client.get("/admin/sso/").status_code == 503

    assert client.get("/admin/sso/").status_code == 302


def test_an_address_begins_only_so_many_logins(client, provider, monkeypatch):
    monkeypatch.setattr(views, "BEGINS", views.rate_windows.parse("2/min"))
    there = {"REMOTE_ADDR": somewhere()}

    assert [client.get("/admin/sso/", **there).status_code for _ in range(3)] == [302, 302, 429]


def test_the_same_person_is_the_same_operator_after_a_change_of_name(client, log_in, provider):
    log_in(client)
    provider.claims |= {"preferred_username": "countess", "groups": ["boss", "look"]}

    log_in(Client())

    ada = User.objects.get()
    assert ada.username == "ada"
    assert [group.name for group in ada.groups.all()] == [roles.ADMINISTRATOR]


def test_a_name_that_is_taken_gives_no_right_of_who_has_it(client, log_in, provider):
    root = User.objects.create_superuser("ada", "ada@example.com", RIGHT)
    provider.claims["email"] = "ada@example.com"

    log_in(client)

    assert set(User.objects.values_list("username", flat=True)) == {"ada", "ada-2"}
    assert not Identity.objects.filter(user=root).exists()
    assert client.get(HOME).context["user"].username == "ada-2"


def test_without_a_mapped_group_no_operator_is_made(client, log_in, provider):
    for groups in ([], ["staff"], None, "staff"):
        provider.claims["groups"] = groups
        answer = log_in(client)
        assert answer.status_code == 403, groups
        assert "You have no role here" in answer.content.decode(), groups
    assert not User.objects.exists()
    assert client.get(HOME).status_code == 302


def test_who_has_lost_their_group_is_out_everywhere_and_comes_back_with_it(
    client, log_in, provider
):
    log_in(client)
    own = Group.objects.create(name="Own")
    User.objects.get().groups.add(own)
    provider.claims["groups"] = ["staff"]

    assert log_in(Client()).status_code == 403

    ada = User.objects.get()
    assert (ada.is_staff, ada.is_active, list(ada.groups.all())) == (False, True, [own])
    # The session that was open, too.
    assert client.get(HOME).status_code == 302

    provider.claims["groups"] = ["look"]
    assert log_in(client).status_code == 302
    assert client.get(HOME).status_code == 200


def test_who_was_deactivated_here_stays_so(client, log_in):
    log_in(client)
    User.objects.update(is_active=False)

    assert log_in(Client()).status_code == 403

    assert not User.objects.get().is_active
    assert client.get(HOME).status_code == 302


def test_groups_may_be_told_apart_from_the_token(client, log_in, provider):
    del provider.claims["groups"]
    provider.told_apart = {"groups": ["look"]}

    assert log_in(client).status_code == 302
    assert User.objects.get().groups.get().name == roles.VIEWER


def test_what_is_told_of_another_person_is_not_believed(client, log_in, provider):
    del provider.claims["groups"]
    provider.told_apart = {"groups": ["boss"], "sub": "other"}

    assert log_in(client).status_code == 503
    assert not User.objects.exists()


def test_a_token_for_someone_else_or_of_another_time_is_refused(client, log_in, provider):
    for changed in (
        {"aud": "another client"},
        {"aud": ["dovecote", "another client"], "azp": "another client"},
        {"iss": "https://other.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ):
        provider.changed = changed
        answer = log_in(client)
        assert answer.status_code == 400, changed
        assert "This login did not finish" in answer.content.decode(), changed
        assert not User.objects.exists(), changed


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("by", ["another key", "the client's secret", "nothing"])
def test_a_token_by_another_key_or_algorithm_is_refused(client, log_in, provider, by):
    if by == "another key":
        provider.signing_key = new_key()
    else:
        key = None if by == "nothing" else by
        provider.algorithm, provider.signing_key = "HS256" if key else "none", key

    assert log_in(client).status_code == 400
    assert not User.objects.exists()


def test_a_token_that_names_no_key_is_of_the_providers_only_one(client, log_in, provider):
    provider.key_name = None
    provider.other_keys = [{"kty": "RSA", "kid": "two", "use": "enc", "n": "AQAB", "e": "AQAB"}]
    assert log_in(client).status_code == 302

    provider.other_keys = [{**provider.keys()["keys"][-1], "kid": "two"}]
    assert log_in(Client()).status_code == 400


def test_a_token_that_names_a_key_which_is_not_published_is_refused(client, log_in, provider):
    provider.key_name = "two"
    assert log_in(client).status_code == 400


def test_a_secret_is_sent_as_the_provider_takes_it(client, log_in, provider):
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}

    assert log_in(client).status_code == 302


def test_the_browser_that_comes_back_must_be_the_one_that_left(client, provider):
    way_back = returned(client)

    assert Client().get(way_back).status_code == 400
    assert client.get(way_back).status_code == 302
    # A link is good once.
    assert client.get(way_back).status_code == 400


def test_a_login_that_was_cancelled_at_the_provider_says_so(client, provider):
    state = dict(parse_qsl(urlsplit(returned(client)).query))["state"]

    answer = client.get(f"/admin/sso/callback/?error=access_denied&state={state}")

    assert answer.status_code == 400
    assert 'href="/admin/login/"' in answer.content.decode()


def test_a_strangers_link_logs_no_operator_out(client, log_in):
    log_in(client)

    assert client.get("/admin/sso/callback/?error=x&state=y").status_code == 400
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "expected"),
    [("/token", 500, 503), ("/token", 400, 400), ("/keys", 502, 503), ("/userinfo", 500, 503)],
)
def test_a_provider_that_breaks_is_told(client, log_in, provider, path, status, expected):
    del provider.claims["groups"]
    provider.broken = {path: status}

    assert log_in(client).status_code == expected
    assert not User.objects.exists()


@pytest.mark.parametrize("document", [{"issuer": "https://other.example"}, {"jwks_uri": ""}])
def test_a_document_of_another_issuer_or_half_a_one_is_not_used(client, provider, document):
    provider.document = document

    assert client.get("/admin/sso/").status_code == 503


def test_a_provider_that_is_away_is_told(client, provider):
    provider.broken = {"/.well-known/openid-configuration": 500}

    answer = client.get("/admin/sso/")

    assert answer.status_code == 503
    assert "Single sign-on does not answer" in answer.content.decode()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("/admin/posts/post/", "/admin/posts/post/"),
        ("https://evil.example/", HOME),
        ("//evil.example/", HOME),
    ],
)
def test_it_leads_back_to_where_the_operator_was_and_to_no_other_site(
    client, log_in, wanted, expected
):
    assert log_in(client, f"/admin/sso/?next={wanted}").headers["Location"] == expected


def test_no_secret_is_logged(client, log_in, provider, caplog):
    caplog.set_level(logging.DEBUG)
    log_in(client)

    _, form = provider.asked[0]
    for name in ("client_secret", "code_verifier"):
        assert form[name] not in caplog.text


def test_a_password_is_none_of_its_business(client, provider):
    """A code in the address of the login for passwords is not redeemed."""
    User.objects.create_superuser("root", password=RIGHT)
    form = {"username": "root", "password": "wrong"}

    client.post("/admin/login/?code=x&state=y", form)

    assert provider.asked == []


def test_an_own_second_factor_is_asked_for_all_the_same(client, log_in, settings):
    log_in(client)
    TOTPDevice.objects.create(user=User.objects.get(), confirmed=True)

    assert client.get(HOME).status_code == 302
    assert client.get("/admin/login/").headers["Location"] == "/admin/second-factor/"

    settings.OIDC_SATISFIES_SECOND_FACTOR = True
    assert client.get(HOME).status_code == 200


def test_a_required_second_factor_may_be_the_providers(client, log_in, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    log_in(client)
    assert client.get(HOME).status_code == 302

    settings.OIDC_SATISFIES_SECOND_FACTOR = True
    assert client.get(HOME).status_code == 200


def test_that_a_provider_is_trusted_helps_no_password(client, settings, provider):
    settings.SECOND_FACTOR_REQUIRED = settings.OIDC_SATISFIES_SECOND_FACTOR = True
    User.objects.create_superuser("root", password=RIGHT)
    client.post("/admin/login/", {"username": "root", "password": RIGHT})

    assert client.get(HOME).status_code == 302


def test_a_session_ends_as_any_other(client, log_in, settings):
    log_in(client)
    settings.SESSION_MAX_SECONDS = -1

    assert client.get(HOME).status_code == 302
