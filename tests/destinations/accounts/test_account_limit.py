"""A workspace has a limit of accounts, and so of servers, which parallel connects keep."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from destinations.accounts import oauth_apps, store
from destinations.accounts.messages import ConnectError
from destinations.models import Account, Server
from platforms.oauth import Profile, Tokens
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.destinations.accounts.test_connect_sites import body, site  # noqa: F401 - a fixture
from tests.factories import make_account, make_workspace
from tests.posts.conftest import refused
from tests.psql import plan_of, psql


def profile(number: int) -> Profile:
    return Profile(f"{number}@blog.example", "Pigeons", username="dora", tokens=Tokens("secret"))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/auth/social-connect/wordpress", "/accounts/connect-credential"])
def test_one_account_too_many_is_refused_and_nothing_is_stored(ada, site, settings, path):  # noqa: F811
    settings.ACCOUNT_LIMIT = 1
    make_account(ada.workspace, "x")

    error = refused(ada.post(path, body(site)), 409, "account_limit_reached")

    assert "may have 1 accounts" in error["message"]
    assert Account.objects.count() == 1
    assert not Server.objects.exists()


@pytest.mark.django_db
def test_the_page_says_so(browser, ada, site, settings):  # noqa: F811
    path = link(ada, platform="wordpress")
    form = browser.post(path).headers["location"]
    answers = {name: site[name] for name in ("site_url", "username", "app_password")}
    choice = browser.post(form, answers, follow=True)
    settings.ACCOUNT_LIMIT = 1
    make_account(ada.workspace, "x")

    says(agree(browser, choice), 409, "There is no place for another account")

    assert Account.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("most", [0, 1])
def test_a_known_account_is_reconnected_at_the_limit_and_zero_is_none(settings, most):
    workspace, login = make_workspace(), oauth_apps.find("wordpress")
    settings.ACCOUNT_LIMIT = most
    store.connect(workspace.pk, login, profile(1))
    store.connect(workspace.pk, login, profile(1))
    if not most:
        store.connect(workspace.pk, login, profile(2))

    store.connect(make_workspace().pk, login, profile(1))

    assert Account.objects.filter(workspace=workspace).count() == 2 - most


@pytest.mark.django_db(transaction=True)
def test_of_parallel_connects_no_two_take_the_last_place(settings):
    settings.ACCOUNT_LIMIT = 3
    workspace, login = make_workspace(), oauth_apps.find("wordpress")
    together = Barrier(6)

    def connect(number: int) -> bool:
        try:
            together.wait(30)
            store.connect(workspace.pk, login, profile(number))
        except ConnectError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(connect, range(6)))

    assert (sum(taken), Account.objects.count()) == (3, 3)


@pytest.mark.django_db
def test_an_index_has_the_accounts_of_a_workspace():
    count = f"SELECT id FROM destinations_account WHERE workspace_id = '{make_workspace().pk}'"

    # The table is nearly empty.
    psql("SET LOCAL enable_seqscan = off")
    assert "Index" in plan_of(f"{count} LIMIT 5000", {})
