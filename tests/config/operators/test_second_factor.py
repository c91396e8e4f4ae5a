"""The second factor of operators: an app on their phone, or a recovery code."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.config.operators.browser import RIGHT, Phone, logged_in

pytestmark = pytest.mark.django_db
SHOW, SET_UP = "/admin/second-factor/", "/admin/second-factor/set-up/"


def set_up(browser: Client) -> tuple[Phone, list[str]]:
    page = browser.get(SET_UP)
    assert page.status_code == 200
    phone = Phone(page.content.decode())
    phone.spent = phone.code()
    done = browser.post(SET_UP, {"code": phone.spent})
    codes = re.findall(r"<li><code>([\w ]+)</code></li>", done.content.decode())
    assert len(codes) == 8
    return phone, codes


@pytest.fixture
def phone(ada) -> Phone:
    """Ada's phone, at a time when its first code is spent."""
    phone, phone.codes = set_up(logged_in())
    return phone


def later(seconds=31):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


def is_inside(browser: Client) -> bool:
    return browser.get("/admin/auth/user/").status_code == 200


def test_who_has_none_logs_in_by_password_as_ever(ada):
    assert is_inside(logged_in())


def test_who_has_one_is_inside_only_after_it(ada, phone):
    browser = logged_in()
    with later():
        for path in ("/admin/", "/admin/posts/post/", "/admin/password_change/", "/admin/jsi18n/"):
            asked = browser.get(path, follow=True)
            assert asked.redirect_chain[-1][0].startswith(SHOW), path
        assert not is_inside(browser)
        asked = browser.get("/admin/posts/post/", follow=True)

        answer = browser.post(asked.redirect_chain[-1][0], {"code": phone.code()})

        assert answer.headers["location"] == "/admin/posts/post/"
        assert is_inside(browser)
        assert not is_inside(Client())


def test_a_password_alone_changes_nothing(ada, phone):
    browser = logged_in()

    browser.post(
        "/admin/password_change/",
        {"old_password": RIGHT, "new_password1": "n3w-w0rds!", "new_password2": "n3w-w0rds!"},
    )
    assert browser.get(SET_UP).headers["location"] == SHOW
    assert browser.post(SET_UP, {"code": "000000"}).headers["location"] == SHOW
    chosen = {"action": "remove_second_factor", "_selected_action": [ada.pk]}
    browser.post("/admin/auth/user/", chosen)

    ada.refresh_from_db()
    assert ada.check_password(RIGHT)
    assert TOTPDevice.objects.get().key == phone.key.hex()


def test_a_code_works_once(ada, phone):
    with later():
        code = phone.code()
        assert logged_in().post(SHOW, {"code": code}).status_code == 302
        again = logged_in()
        assert again.post(SHOW, {"code": code}).status_code == 200
        assert not is_inside(again)


def test_the_code_of_the_set_up_is_spent(ada, phone):
    browser = logged_in()
    assert browser.post(SHOW, {"code": phone.spent}).status_code == 200
    assert not is_inside(browser)


def test_wrong_codes_are_answered_ever_later(ada, phone):
    browser = logged_in()
    with later():
        for _ in range(8):
            page = browser.post(SHOW, {"code": "000000"})
            assert b"This code is wrong" in page.content
        # Guesses that come too soon are not even looked at, so right ones are not found either.
        browser.post(SHOW, {"code": phone.code()})
        assert not is_inside(browser)
    with later(60):
        assert browser.post(SHOW, {"code": phone.code()}).status_code == 302
        assert is_inside(browser)


def test_what_is_no_code_is_none(ada, phone):
    browser = logged_in()
    for code in ("", "12345", "1234567", "abcdefgh", "\u0661" * 6, "a\x00b", "-1"):
        # Each as the first, which is looked at.
        with transaction.atomic():
            asked = [browser.post(path, {"code": code}).status_code for path in (SHOW, SET_UP)]
            assert (code, asked, is_inside(browser)) == (code, [200, 302], False)
            transaction.set_rollback(True)


def test_a_recovery_code_lets_in_once(ada, phone):
    browser = logged_in()
    assert browser.post(SHOW, {"code": f" {phone.codes[0].upper()} "}).status_code == 302
    assert is_inside(browser)

    again = logged_in()
    assert again.post(SHOW, {"code": phone.codes[0]}).status_code == 200
    assert not is_inside(again)
    assert StaticToken.objects.count() == 7


def test_codes_of_another_operator_are_worth_nothing(ada, phone):
    User.objects.create_superuser("bo", password=RIGHT)
    theirs, codes = set_up(logged_in("bo"))
    browser = logged_in()
    with later():
        for code in (theirs.code(), codes[0]):
            assert browser.post(SHOW, {"code": code}).status_code == 200
    assert not is_inside(browser)


def test_a_new_phone_takes_the_place_of_the_old_one(ada, phone):
    browser = logged_in()
    with later():
        browser.post(SHOW, {"code": phone.code()})
        new, _ = set_up(browser)
        assert is_inside(browser)
    with later(62):
        assert logged_in().post(SHOW, {"code": phone.code()}).status_code == 200
        assert logged_in().post(SHOW, {"code": phone.codes[1]}).status_code == 200
    with later(180):
        assert logged_in().post(SHOW, {"code": new.code()}).status_code == 302
    assert TOTPDevice.objects.count() == 1


def test_a_wrong_code_sets_nothing_up(ada):
    browser = logged_in()
    page = browser.get(SET_UP).content.decode()

    assert b"This code is wrong" in browser.post(SET_UP, {"code": "000000"}).content

    assert not TOTPDevice.objects.exists()
    assert Phone(browser.get(SET_UP).content.decode()).key == Phone(page).key


def test_where_it_is_required_who_has_none_sets_one_up_first(ada, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    browser = logged_in()

    asked = browser.get("/admin/posts/post/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(SET_UP)
    assert b"requires a second factor of every operator" in asked.content
    assert not is_inside(browser)

    set_up(browser)
    assert is_inside(browser)


def test_strangers_and_customers_see_none_of_it(ada, phone):
    User.objects.create_user("cy", password=RIGHT)
    visitors = [Client(), Client()]
    visitors[1].force_login(User.objects.get(username="cy"))
    for visitor in visitors:
        for path in (SHOW, SET_UP):
            assert visitor.get(path).headers["location"] == "/admin/login/"
            assert visitor.post(path, {"code": phone.codes[0]}).status_code == 302
    assert StaticToken.objects.count() == 8


def test_who_cannot_go_on_may_log_in_as_another(ada, phone):
    browser = logged_in()

    browser.post(SHOW, {"leave": "yes"})

    assert "_auth_user_id" not in browser.session


def test_the_way_on_leads_to_us_only(ada, phone):
    browser = logged_in()
    away = f"{SHOW}?next=https://evil.example/"

    assert browser.post(away, {"code": phone.codes[0]}).headers["location"] == "/admin/"


def test_a_lost_phone_is_forgotten_by_a_command(ada, phone, capsys):
    call_command("reset_second_factor", "ada")

    assert "ada logs in without a second factor now." in capsys.readouterr().out
    assert is_inside(logged_in())
    assert not StaticToken.objects.exists()
    for name, words in (("ada", "has no second factor"), ("stranger", "There is no operator")):
        with pytest.raises(CommandError, match=words):
            call_command("reset_second_factor", name)


def test_a_lost_phone_gets_a_code_by_a_command(ada, phone, capsys):
    call_command("addstatictoken", "ada")
    code = capsys.readouterr().out.strip()

    assert logged_in().post(SHOW, {"code": code}).status_code == 302


def test_only_who_may_do_anything_removes_anothers(ada, phone, admin_client):
    helper = User.objects.create_user("hal", password=RIGHT, is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    chosen = {"action": "remove_second_factor", "_selected_action": [ada.pk]}

    logged_in("hal").post("/admin/auth/user/", chosen)
    assert TOTPDevice.objects.count() == 1
    said = admin_client.post("/admin/auth/user/", chosen, follow=True).content.decode()
    assert "ada logs in without a second factor now." in said
    assert not TOTPDevice.objects.exists()


def test_no_page_of_the_admin_shows_a_secret_of_it(ada, phone, admin_client):
    pages = ["/admin/auth/user/", f"/admin/auth/user/{ada.pk}/change/", "/admin/"]
    shown = "".join(admin_client.get(page).content.decode() for page in pages)

    assert phone.key.hex() not in shown
    assert not any(code in shown for code in phone.codes)
    assert admin_client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert admin_client.get("/admin/otp_static/staticdevice/").status_code == 404


def test_the_session_gets_another_name_with_the_second_factor(ada, phone):
    browser = logged_in()
    before = browser.cookies["dovecote_session"].value

    browser.post(SHOW, {"code": phone.codes[0]})

    assert browser.cookies["dovecote_session"].value != before
