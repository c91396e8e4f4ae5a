"""Every page of ours: axe-core finds nothing to mend, and the browser's console stays empty.

Each is looked at in light at 1280 pixels and in dark at 390, where nothing may be wider than the
screen either.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.test import Client, RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from destinations.runtime import clock
from posts.keys import device_logins
from tests.acceptance.browser import launched
from tests.acceptance.pages import discover, rows
from tests.acceptance.pages.discover import Shown, shown
from tests.acceptance.pages.page_checks import looking
from tests.config.operators.browser import RIGHT, logged_in
from tests.destinations.accounts.connect_steps import agree, callback, link
from tests.destinations.admin.action_steps import staff
from tests.factories import make_account, make_post
from tests.platforms.preview.test_wall import CASES
from tests.posts.api.contract.test_device_login import somewhere
from tests.posts.keys.oauth.program import make_program, page_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wrong_of(live_server, admin_client):
    """What is wrong with these pages; no query is made once a browser is open."""

    def look(pages: Iterable[Shown]) -> str:
        known, cookies = list(pages), list(admin_client.cookies.values())
        assert known
        with launched() as browser, looking(browser, live_server.url, cookies) as eyes:
            for page in known:
                eyes.look(page)
        return "\n".join(eyes.wrong)

    return look


def views(operator: Client) -> Iterator[Shown]:
    """What is asked for by the query of an address."""
    groups = operator.get("/admin/overview/failures/").content.decode().replace("&amp;", "&")
    [retry, *_] = re.findall(r'href="(/admin/overview/failures/retry/\?[^"]+)"', groups)
    for path in (
        "/admin/search/?q=sale",
        "/admin/search/?q=a",
        "/admin/posts/post/calendar/?view=week",
        "/admin/posts/post/calendar/?view=day",
        "/admin/posts/post/?q=nothing+of+the+kind",
        "/admin/destinations/pause/new/?scope=network&target=x",
        retry,
    ):
        found = list(discover.get(operator, path))
        assert found, path
        yield from found


def refused_forms(operator: Client) -> Iterator[Shown]:
    """Forms that were sent without anything in them."""
    for path in ("/admin/posts/apikey/add/", "/admin/auth/user/add/", "/admin/password_change/"):
        yield shown(path, operator.post(path, {}))
    yield shown("/admin/login/", Client().post("/admin/login/", {"username": "a", "password": "b"}))


def of_device_logins(operator: Client) -> Iterator[Shown]:
    """The code of a terminal, what it may get, and what was said to it."""
    path = "/admin/device/"
    yield shown(path, operator.post(path, {"user_code": "BCDFGHJK"}))
    started = device_logins.start("postctl on a laptop", somewhere())
    code = {"user_code": device_logins.shown(started.user_code)}
    yield from discover.get(operator, f"{path}?{urlencode(code)}")
    yield shown(path, operator.post(path, {**code, "grant": "yes"}))
    yield shown(path, operator.post(path, {**code, "deny": "yes"}))


def of_oauth(operator: Client) -> Iterator[Shown]:
    """What a program asks for, wrongly and rightly; and who may not allow it."""
    program = make_program(client_name="Claude")
    asked = page_of(program.request())
    yield shown(asked, operator.get(asked))
    yield shown(asked, operator.post(asked, {"allow": "yes"}))
    for wrong in ({"client_id": "x"}, {"scope": "x"}):
        path = page_of(program.request(**wrong))
        yield shown(path, operator.get(path))
    yield shown(asked, staff(Client()).get(asked))


def before_and_after_the_login() -> Iterator[Shown]:
    user = User.objects.create_superuser("pia", password=RIGHT)
    TOTPDevice.objects.create(user=user, name="phone")
    half = logged_in("pia")
    yield from discover.get(half, "/admin/second-factor/")
    out = Client()
    out.force_login(user)
    yield shown("/admin/logout/", out.post("/admin/logout/"))


def errors(operator: Client, monkeypatch) -> Iterator[Shown]:
    """Each error, for everybody and in the admin."""
    asking = Client(raise_request_exception=False)
    for path in ("/nothing", "/admin/nothing/"):
        yield shown(path, operator.get(path))
    yield shown("/", asking.get("/", headers={"Host": "evil.example"}))
    yield shown("/", asking.post("/"))
    viewer = staff(Client())
    yield shown("/admin/auth/user/add/", viewer.get("/admin/auth/user/add/"))
    yield shown("/admin/login/", Client(enforce_csrf_checks=True).post("/admin/login/"))
    for error in (BadRequest, PermissionDenied, RuntimeError, OperationalError):

        def breaks(*_, error=error, **__):
            raise error

        for path, place in (
            ("/", "config.web.demo.values"),
            ("/admin/login/", "django.contrib.admin.sites.AdminSite.each_context"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(place, breaks)
                yield shown(path, asking.get(path))


def connecting(simulator, ada) -> Iterator[Shown]:
    """From the link to the account, and what its owner sees when that fails."""
    owner, path = Client(), link(ada)
    yield shown(path, owner.get(path))
    choice = callback(simulator, owner, path)
    yield shown("/connect/1/choice", choice)
    yield shown("/connect/1/done", agree(owner, choice))
    yield shown("/connect/none", Client().get("/connect/none"))


def test_pages_that_everybody_may_open(wrong_of, ada, app, simulator, admin_client, monkeypatch):
    pages = [
        *discover.public(),
        *before_and_after_the_login(),
        *connecting(simulator, ada),
        *errors(admin_client, monkeypatch),
    ]
    assert {page.status for page in pages} >= {200, 400, 403, 404, 405, 500, 503}

    assert wrong_of(pages) == ""


def test_pages_of_the_admin(wrong_of, ada, admin_client):
    rows.make(ada)

    pages = [
        *discover.of_admin(admin_client),
        *views(admin_client),
        *refused_forms(admin_client),
        *of_device_logins(admin_client),
        *of_oauth(admin_client),
    ]

    assert wrong_of(pages) == ""


def test_previews_of_every_kind_of_post(wrong_of, ada, admin_client):
    """Unfolded: axe-core passes over what is folded."""
    shown_here = [
        CASES[name]
        for name in CASES
        if name.split()[0] in ("x", "instagram", "linkedin", "youtube")
    ]
    accounts = [make_account(ada.workspace, each.network) for each in shown_here]
    post = make_post(ada.workspace, accounts, scheduled_for=clock.now())
    for row, each in zip(post.destinations.order_by("position"), shown_here, strict=True):
        row.draft = each.draft.as_json()
        row.save()

    [page] = discover.get(admin_client, f"/admin/posts/post/{post.pk}/change/")

    assert page.body.count(b'<li class="dovecote-feed ') == len(shown_here)
    unfolded = page.body.replace(b"<details", b"<details open")
    assert wrong_of([replace(page, body=unfolded)]) == ""


def test_what_the_actions_of_the_admin_ask_first(wrong_of, ada, admin_client, admin_user):
    rows.make(ada)
    make_account(ada.workspace)
    request = RequestFactory().get("/admin/")
    request.user = admin_user

    assert wrong_of(discover.of_actions(admin_client, request)) == ""
