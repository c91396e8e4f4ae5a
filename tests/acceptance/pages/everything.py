"""Every page of ours as it was answered, with what people do to see it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.test import Client, RequestFactory
from django_otp.plugins.otp_totp.models import TOTPDevice

from destinations.runtime import clock
from posts.keys.oauth import device_logins
from tests.acceptance.pages import discover, rows
from tests.acceptance.pages.discover import Shown, shown
from tests.config.operators.browser import RIGHT, logged_in
from tests.destinations.accounts.connect_steps import agree, callback, link
from tests.destinations.admin.action_steps import staff
from tests.factories import make_account, make_post
from tests.platforms.preview.test_wall import CASES
from tests.posts.conftest import Caller
from tests.posts.keys.oauth.program import make_program, page_of, somewhere


def for_everybody(simulator, ada: Caller, operator: Client, monkeypatch) -> list[Shown]:
    """Open the pages that need no login, and every page of an error."""
    return [
        *discover.public(),
        *_before_and_after_the_login(),
        *_connecting(simulator, ada),
        *_errors(operator, monkeypatch),
    ]


def for_operators(
    ada: Caller, operator: Client, user: User, *, is_quick: bool = False
) -> list[Shown]:
    """The admin, with rows of every model."""
    rows.make(ada)
    return [
        *discover.of_admin(operator, is_quick=is_quick),
        *_views(operator),
        *_refused_forms(operator),
        *_device_logins(operator),
        *_oauth(operator),
        _previews(ada, operator),
        *_actions(ada, operator, user),
    ]


def _previews(ada: Caller, operator: Client) -> Shown:
    """Every kind of post, unfolded: axe-core passes over what is folded."""
    networks = ("x", "instagram", "linkedin", "youtube")
    cases = [case for name, case in CASES.items() if name.split()[0] in networks]
    accounts = [make_account(ada.workspace, each.network) for each in cases]
    post = make_post(ada.workspace, accounts, scheduled_for=clock.now())
    for row, each in zip(post.destinations.order_by("position"), cases, strict=True):
        row.draft = each.draft.as_json()
        row.save()

    [page] = discover.get(operator, f"/admin/posts/post/{post.pk}/change/")

    assert page.body.count(b'<li class="dovecote-feed ') == len(cases)
    return replace(page, body=page.body.replace(b"<details", b"<details open"))


def _actions(ada: Caller, operator: Client, user: User) -> Iterator[Shown]:
    """Open the page by which each action of a list asks first."""
    make_account(ada.workspace)
    request = RequestFactory().get("/admin/")
    request.user = user
    return discover.of_actions(operator, request)


def _views(operator: Client) -> Iterator[Shown]:
    """Open the pages that depend on the query of their address."""
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


def _refused_forms(operator: Client) -> Iterator[Shown]:
    """Forms that were sent without anything in them."""
    for path in ("/admin/posts/apikey/add/", "/admin/auth/user/add/", "/admin/password_change/"):
        yield shown(path, operator.post(path, {}))
    yield shown("/admin/login/", Client().post("/admin/login/", {"username": "a", "password": "b"}))


def _device_logins(operator: Client) -> Iterator[Shown]:
    """The code of a terminal, what it may get, and what was said to it."""
    path = "/admin/device/"
    yield shown(path, operator.post(path, {"user_code": "BCDFGHJK"}))
    started = device_logins.start("postctl on a laptop", somewhere())
    code = {"user_code": device_logins.shown(started.user_code)}
    yield from discover.get(operator, f"{path}?{urlencode(code)}")
    yield shown(path, operator.post(path, {**code, "grant": "yes"}))
    yield shown(path, operator.post(path, {**code, "deny": "yes"}))


def _oauth(operator: Client) -> Iterator[Shown]:
    """Open the consent page for good and bad requests, also without the right to allow."""
    program = make_program(client_name="Claude")
    asked = page_of(program.request())
    yield shown(asked, operator.get(asked))
    yield shown(asked, operator.post(asked, {"allow": "yes"}))
    unknown = page_of(program.request(client_id="x"))
    yield shown(unknown, operator.get(unknown))
    yield shown(asked, staff(Client()).get(asked))


def _before_and_after_the_login() -> Iterator[Shown]:
    user = User.objects.create_superuser("pia", password=RIGHT)
    TOTPDevice.objects.create(user=user, name="phone")
    half = logged_in("pia")
    yield from discover.get(half, "/admin/second-factor/")
    out = Client()
    out.force_login(user)
    led_to = out.post("/admin/logout/", follow=True)
    yield shown(led_to.redirect_chain[-1][0], led_to)


def _errors(operator: Client, monkeypatch) -> Iterator[Shown]:
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
            ("/", "config.web.quickstart.demo_values"),
            ("/admin/login/", "django.contrib.admin.sites.AdminSite.each_context"),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(place, breaks)
                yield shown(path, asking.get(path))


def _connecting(simulator, ada: Caller) -> Iterator[Shown]:
    """From the link to the account, and what its owner sees when that fails."""
    owner, path = Client(), link(ada)
    yield shown(path, owner.get(path))
    choice = callback(simulator, owner, path)
    yield shown("/connect/1/choice", choice)
    yield shown("/connect/1/done", agree(owner, choice))
    yield shown("/connect/none", Client().get("/connect/none"))
