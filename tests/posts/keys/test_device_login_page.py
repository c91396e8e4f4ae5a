"""The page on which an operator gives a terminal a key: what it shows and who may open it."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from config.operators import roles
from posts.keys import keys
from posts.keys.oauth import device_logins
from posts.models import ApiKey, DeviceLogin
from tests.factories import make_account, make_workspace
from tests.posts.cases import apart
from tests.posts.conftest import make_caller
from tests.posts.keys.oauth.program import somewhere

pytestmark = pytest.mark.django_db
PAGE = "/admin/device/"


@pytest.fixture
def started():
    return device_logins.start("CLI on <b>laptop</b>", somewhere())


def code_of(started) -> str:
    return device_logins.shown(started.user_code)


def granted(started, workspace, **fields):
    return {
        "user_code": code_of(started),
        "workspace": workspace.pk,
        "name": "night",
        "scopes": ["read", "write"],
        "grant": "yes",
        **fields,
    }


def fetch(started):
    return device_logins.ask(started.device_code, somewhere())


def test_the_page_shows_who_asks_and_what_to_compare(admin_client, started):
    page = admin_client.get(f"{PAGE}?user_code={code_of(started)}")

    text = page.content.decode()
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert "CLI on &lt;b&gt;laptop&lt;/b&gt;" in text
    assert "<b>laptop" not in text
    assert code_of(started) in text
    assert started.login.address in text
    assert "a stranger" in text
    assert DeviceLogin.objects.get().state == "pending"


def test_the_page_asks_for_the_code(admin_client):
    assert "user_code" in admin_client.get(PAGE).content.decode()


def test_a_code_of_no_login_says_so(admin_client):
    for code in ("BCDF-GHJK", "x", "A" * 51, "<script>"):
        with apart(code):
            page = admin_client.get(PAGE, {"user_code": code})

            assert page.status_code == 200
            assert page.context["form"].errors
            assert '<script>"' not in page.content.decode()


def test_an_operator_gives_a_key(admin_client, admin_user, started, workspace):
    account = make_account(workspace)

    page = admin_client.post(PAGE, granted(started, workspace, accounts=[account.pk]))

    assert "Go back to the terminal" in page.content.decode()
    login = DeviceLogin.objects.get()
    assert (login.state, login.decided_by, login.workspace) == ("authorized", admin_user, workspace)
    assert not ApiKey.objects.exists()
    [said] = LogEntry.objects.filter(object_id=str(login.pk))
    assert f"operator:{admin_user}" in said.change_message
    key = keys.recognise(fetch(started).secret)
    assert (key.name, key.scopes, key.expires_at) == ("night", ["read", "write"], None)
    assert key.reach.only == {account.pk}


def test_an_operator_denies_it(admin_client, started):
    page = admin_client.post(PAGE, {"user_code": code_of(started), "deny": "yes"})

    assert "gets no key" in page.content.decode()
    assert fetch(started).status == "denied"


def test_a_form_that_is_wrong_decides_nothing(admin_client, started, workspace):
    foreign = make_account(make_workspace("Elsewhere"))
    for wrong, field in (
        ({"workspace": ""}, "workspace"),
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}, "expires_at"),
        ({"accounts": [foreign.pk]}, "accounts"),
    ):
        page = admin_client.post(PAGE, {**granted(started, workspace), **wrong})
        assert list(page.context["form"].errors) == [field]
    for n in range(10):
        make_caller(workspace, str(n))
    page = admin_client.post(PAGE, granted(started, workspace))
    assert "at most 10 active keys" in page.content.decode()
    assert DeviceLogin.objects.get().state == "pending"


def test_a_login_that_was_decided_meanwhile_is_not_decided_again(
    admin_client, admin_user, started, workspace, monkeypatch
):
    find = device_logins.find

    def slowly(code):
        found = find(code)
        DeviceLogin.objects.update(state="denied")
        return found

    monkeypatch.setattr(device_logins, "find", slowly)
    page = admin_client.post(PAGE, granted(started, workspace))

    assert "in the meantime" in page.content.decode()
    assert fetch(started).status == "denied"


def test_a_stranger_logs_in_first_and_comes_back_to_the_code(started):
    answer = Client().get(f"{PAGE}?user_code={code_of(started)}")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/?next=/admin/device/%3Fuser_code")


@pytest.mark.parametrize("role", [roles.VIEWER, roles.ON_CALL])
def test_only_operators_who_may_make_keys_see_the_page(role, started, workspace):
    client = Client()
    user = User.objects.create_user("vi", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert client.get(f"{PAGE}?user_code={code_of(started)}").status_code == 403
    assert client.post(PAGE, granted(started, workspace)).status_code == 403
    assert DeviceLogin.objects.get().state == "pending"


def test_an_administrator_may(started, workspace):
    client = Client()
    user = User.objects.create_user("ad", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
    client.force_login(user)

    client.post(PAGE, granted(started, workspace))

    assert fetch(started).status == "authorized"


def test_the_second_factor_comes_before(admin_client, started, workspace, settings):
    settings.SECOND_FACTOR_REQUIRED = True

    assert admin_client.get(PAGE).status_code == 302
    assert admin_client.post(PAGE, granted(started, workspace)).status_code == 302
    assert DeviceLogin.objects.get().state == "pending"


def test_another_site_cannot_decide(admin_user, started, workspace):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)

    assert client.post(PAGE, granted(started, workspace)).status_code == 403
    page = client.get(f"{PAGE}?user_code={code_of(started)}").content.decode()
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page))
    client.post(PAGE, granted(started, workspace, csrfmiddlewaretoken=token))
    assert DeviceLogin.objects.get().state == "authorized"


def test_an_operator_enters_twenty_codes_a_minute(admin_client, started):
    for _ in range(20):
        admin_client.get(PAGE, {"user_code": "BCDF-GHJK"})

    page = admin_client.get(PAGE, {"user_code": code_of(started)})

    assert "Too many codes" in page.content.decode()


def test_the_history_shows_no_code(admin_client, admin_user, started, workspace):
    admin_client.post(PAGE, granted(started, workspace))
    fetch(started)
    login = DeviceLogin.objects.get()

    for path in ("/admin/posts/devicelogin/", f"/admin/posts/devicelogin/{login.pk}/change/"):
        text = admin_client.get(path).content.decode()
        assert "CLI on &lt;b&gt;laptop" in text
        assert login.device_hash not in text
        assert login.user_code_hash not in text
        assert code_of(started) not in text
        assert str(admin_user) in text
