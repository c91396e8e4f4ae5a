"""Connect a site by its address, a user name and an application password, by page and by API."""

import pytest

from deploy.simulator.wordpress.demo import HOST
from destinations.accounts import encryption
from destinations.models import Account, Connection
from destinations.runtime import clock
from tests.destinations.accounts.connect_steps import agree, link, says
from tests.platforms.wordpress.account import new_id
from tests.posts.conftest import data_of, refused

PATHS = ("/auth/social-connect/wordpress", "/accounts/connect-credential")


@pytest.fixture
def site(simulator) -> dict[str, str]:
    """What a program sends of a user of the simulated site."""
    number = new_id()
    password = simulator.connect("wordpress", number, username="dora")
    return {
        "platform": "wordpress",
        "site_url": f"https://{HOST}/wp-admin/",
        "username": "dora",
        "app_password": password,
        "number": number,
    }


def body(site: dict[str, str], **other: str) -> dict[str, str]:
    return {name: value for name, value in {**site, **other}.items() if name != "number"}


def test_an_owner_enters_what_connects_the_site(browser, ada, site, settings):
    settings.PLATFORM_APPS = {}
    path = link(ada, platform="wordpress")
    says(browser.get(path), 200, "You enter how to log in next")
    form = browser.post(path).headers["location"]
    says(browser.get(form), 200, "Application Passwords")
    answers = {name: site[name] for name in ("site_url", "username", "app_password")}

    choice = browser.post(form, answers, follow=True)
    says(choice, 200, "Pigeons")
    assert Account.objects.count() == 0
    says(agree(browser, choice), 200, "Connected")

    account = Account.objects.get()
    assert (account.platform_account_id, account.username) == (site["number"], "dora")
    assert (account.name, account.is_refreshable) == ("Pigeons", False)
    kept = encryption.credentials(account)
    assert (kept.token, kept.extra) == (site["app_password"], {"rest": f"https://{HOST}/wp-json/"})
    for row in (account, Connection.objects.get()):
        assert not [value for value in vars(row).values() if site["app_password"] in str(value)]


@pytest.mark.parametrize("path", PATHS)
def test_a_program_sends_what_connects_the_site(ada, site, path, caplog):
    answer = ada.post(path, body(site))

    account = Account.objects.get()
    shown = {"id": account.pk, "platform": "wordpress", "account_name": "Pigeons"}
    assert data_of(answer) == {"account": shown}
    assert site["app_password"] not in answer.content.decode() + caplog.text + account.credentials


def test_a_new_password_repairs_the_account(simulator, ada, site):
    ada.post(PATHS[1], body(site))
    Account.objects.update(needs_reconnection_since=clock.now())
    new = simulator.connect("wordpress", site["number"], username="dora")

    again = data_of(ada.post(PATHS[1], body(site, app_password=new)))["account"]

    account = Account.objects.get()
    assert (again["id"], account.needs_reconnection_since) == (account.pk, None)
    assert encryption.credentials(account).token == new


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"app_password": "abcd EFGH 1234 ijkl"}, "does not accept this user name"),
        ({"username": "no-one"}, "does not accept this user name"),
        ({"username": ""}, "User name is missing"),
        ({"site_url": "no site"}, "such as https://blog.example.com"),
        ({"site_url": "http://127.0.0.1/"}, "such as https://blog.example.com"),
        ({"site_url": "video.bsky.app"}, "does not answer at this address"),
    ],
)
def test_what_the_site_refuses_stores_nothing(ada, site, wrong, words):
    error = refused(ada.post(PATHS[1], body(site, **wrong)), 400, "validation_error")

    assert words in error["message"]
    assert site["app_password"] not in str(error)
    assert "ijkl" not in str(error)
    assert Account.objects.count() == 0


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [("front", "redirect", f"www.{HOST}"), ("app_passwords", False, "switched application")],
)
def test_a_site_that_redirects_or_takes_no_passwords_is_told_so(
    simulator, ada, site, setting, value, words
):
    simulator.set("wordpress", setting, value)
    error = refused(ada.post(PATHS[1], body(site)), 400, "validation_error")
    simulator.set("wordpress", setting, "" if setting == "front" else True)

    assert words in error["message"]
    assert Account.objects.count() == 0


def test_a_user_who_may_not_publish_is_not_connected(simulator, ada, site):
    simulator.set("wordpress", "role", "contributor", site["number"])

    error = refused(ada.post(PATHS[1], body(site)), 400, "validation_error")

    assert "role of an author" in error["message"]
    assert Account.objects.count() == 0
