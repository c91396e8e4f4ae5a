"""The login page with single sign-on, and without passwords; logging out; settings."""

import pytest
from django.contrib.auth.models import User

from tests.config.operators.browser import RIGHT

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"
BUTTON = "Log in with SSO"


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password=RIGHT)


def log_in_by_password(client, user="root", path=LOGIN):
    return client.post(path, {"username": user, "password": RIGHT})


def test_without_a_provider_there_is_no_button_and_no_such_page(client, settings):
    settings.OIDC_ISSUER = ""

    assert BUTTON not in client.get(LOGIN).content.decode()
    assert client.get("/admin/sso/").status_code == 404
    assert client.get("/admin/sso/callback/").status_code == 404


def test_the_login_page_has_a_button_beside_the_password(client, provider):
    page = client.get(f"{LOGIN}?next=/admin/posts/post/").content.decode()

    assert BUTTON in page
    assert 'href="/admin/sso/?next=%2Fadmin%2Fposts%2Fpost%2F"' in page
    assert 'name="password"' in page


def test_passwords_may_be_hidden(client, provider, settings):
    settings.OIDC_ONLY = True

    page = client.get(LOGIN).content.decode()

    assert BUTTON in page
    assert 'name="password"' not in page


def test_in_an_emergency_a_superuser_logs_in_by_password(client, provider, settings, root):
    settings.OIDC_ONLY = True
    path = f"{LOGIN}?by=password"
    page = client.get(path)
    assert 'name="password"' in page.content.decode()
    assert f'action="{path}"' in page.content.decode()

    assert log_in_by_password(client, path=path).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_no_one_else_does(client, provider, settings):
    settings.OIDC_ONLY = True
    User.objects.create_user("vi", password=RIGHT, is_staff=True)

    answer = log_in_by_password(client, "vi", f"{LOGIN}?by=password")

    assert "Only superusers log in by password" in answer.content.decode()
    assert client.get("/admin/").status_code == 302


def test_logging_out_offers_to_log_out_at_the_provider(client, log_in, provider):
    log_in(client)

    page = client.post("/admin/logout/").content.decode()

    assert f'href="{provider.issuer}/logout?client_id=dovecote&amp;post_logout' in page
    assert client.get("/admin/").status_code == 302


def test_but_not_to_who_came_by_password(client, provider, root):
    log_in_by_password(client)

    assert "/logout?client_id" not in client.post("/admin/logout/").content.decode()


def test_a_provider_that_is_away_stops_no_logout(client, log_in, provider):
    from config.operators.sso import provider as known

    log_in(client)
    known._remembered = None
    provider.broken = {"/.well-known/openid-configuration": 500}

    assert client.post("/admin/logout/").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_who_has_no_password_here_is_offered_no_change_of_it(client, log_in, root):
    log_in(client)
    assert "/admin/password_change/" not in client.get("/admin/").content.decode()

    client.force_login(root, "django.contrib.auth.backends.ModelBackend")
    assert "/admin/password_change/" in client.get("/admin/").content.decode()
