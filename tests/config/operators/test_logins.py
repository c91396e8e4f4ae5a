"""Logging in to the admin: guessing is limited, strangers lock no operator out, all is logged."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
import structlog
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connections
from django.test import Client, RequestFactory
from django.utils import timezone
from structlog.testing import capture_logs

from config.operators import lockout
from destinations.runtime.request_waits import RequestWaitLimiter
from tests.config.closed import closed_port
from tests.config.operators.browser import ELSEWHERE, HERE, LOGIN, RIGHT, log_in, logged_in

pytestmark = pytest.mark.django_db


def guess(times=5, **more) -> list[int]:
    return [log_in(f"wrong {number}", **more).status_code for number in range(times)]


@pytest.fixture
def lines():
    """What is logged, with what is bound to it."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as found:
        yield lambda name: [line for line in found if line["event"] == name]


def test_after_five_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(ada):
    began = timezone.now()
    assert guess() == [200] * 4 + [429]
    locked = timezone.now()
    assert set(guess(15)) == {429}
    with time_machine.travel(began + timedelta(seconds=899)):
        assert log_in().status_code == 429
    with time_machine.travel(locked + timedelta(seconds=901)):
        assert log_in().status_code == 302


def test_the_answer_to_a_locked_login_says_for_how_long(ada):
    guess()

    refused = log_in()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert "for 15 minutes" in refused.content.decode()
    assert "dovecote_session" not in refused.cookies


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_time_are_counted_one_by_one(ada, settings, monkeypatch):
    monkeypatch.setattr(lockout, "WAIT_SECONDS", 60)
    monkeypatch.setattr(lockout, "_room", RequestWaitLimiter(12, is_apart=True))
    # A hash that takes its time, as in production.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    ada.set_password(RIGHT)
    ada.save()

    def one(number) -> int:
        try:
            return log_in(f"wrong {number}", user=("ada", " ada")[number % 2]).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(one, range(24)))

    assert sorted(statuses) == [200] * 4 + [429] * 20
    # Those that are refused without a look are not counted.
    [row] = AccessAttempt.objects.all()
    assert row.failures_since_start == 5


@pytest.mark.django_db(transaction=True)
def test_a_login_does_not_wait_long_for_others(ada, monkeypatch):
    monkeypatch.setattr(lockout, "WAIT_SECONDS", 1)
    request = RequestFactory().post(LOGIN, REMOTE_ADDR=HERE)

    def other() -> list[int]:
        try:
            return [log_in().status_code, log_in(ip=ELSEWHERE).status_code]
        finally:
            connections.close_all()

    with lockout.one_at_a_time(request), ThreadPoolExecutor(1) as pool:
        assert pool.submit(other).result() == [429, 302]
    assert log_in().status_code == 302


@pytest.mark.django_db
def test_few_passwords_from_one_address_wait_and_no_other_room_fills_theirs(ada, settings):
    settings.WEB_THREADS = 8
    with ExitStack() as held:
        for number in range(4):
            held.enter_context(RequestWaitLimiter().enter(number))
        assert log_in().status_code == 302
        for _ in range(4):
            held.enter_context(lockout._room.enter(HERE))
        assert log_in().status_code == 429


def test_going_on_to_guess_does_not_prolong_the_lock(ada):
    began = timezone.now()
    guess()
    for minutes in (5, 10, 14):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            guess(3)
    with time_machine.travel(began + timedelta(minutes=16)):
        assert log_in().status_code == 302


def test_a_stranger_who_guesses_locks_no_operator_out(ada):
    guess(ip=ELSEWHERE)

    assert log_in(ip=ELSEWHERE).status_code == 429
    assert log_in(ip=HERE).status_code == 302


def test_other_users_of_the_same_address_are_not_locked_out(ada):
    User.objects.create_user("bo", password=RIGHT, is_staff=True)
    guess()

    assert log_in(user="bo").status_code == 302


def test_no_disguise_gives_more_guesses(ada):
    guess()
    for disguise in (
        {"HTTP_USER_AGENT": "another"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.1"},
        {"HTTP_X_REAL_IP": "203.0.113.1"},
        {"user": " ada "},
        {"user": "\uff41da"},
    ):
        assert log_in(**disguise).status_code == 429, disguise


def test_all_of_a_network_of_ipv6_is_one_place(ada):
    for number in range(5):
        log_in("wrong", ip=f"2001:db8:1:2::{number + 1:x}")

    assert log_in(ip="2001:db8:1:2:ffff::9").status_code == 429
    assert log_in(ip="2001:db8:1:3::1").status_code == 302


def test_the_right_password_forgives_the_wrong_ones_before_it(ada):
    guess(4)
    assert log_in().status_code == 302

    assert guess(4) == [200] * 4


def test_a_lock_is_removed_by_a_command(ada, capsys):
    guess()

    call_command("axes_reset_username", "ada")

    assert log_in().status_code == 302


def test_a_lock_is_removed_in_the_admin(ada, admin_client):
    guess()
    [row] = AccessAttempt.objects.all()
    page = admin_client.get("/admin/axes/accessattempt/").content.decode()
    assert "ada" in page

    chosen = {"action": "forgive", "_selected_action": [row.pk]}
    assert admin_client.post("/admin/axes/accessattempt/", chosen).status_code == 302

    assert log_in().status_code == 302


def test_what_is_kept_of_a_wrong_login_holds_no_password(ada):
    guess(1)

    row = str(AccessAttempt.objects.values().get())
    assert "wrong 0" not in row
    assert "csrfmiddlewaretoken=" not in row or "****" in row


def test_a_user_that_does_not_exist_breaks_nothing(db):
    for user in ("", "x" * 5000, "a\x00b", "😀", "stranger"):
        assert log_in(user=user).status_code == 200, user


def test_logins_are_bounded_while_redis_is_away(ada, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"]}}
    settings.CACHES["default"]["LOCATION"] = f"redis://127.0.0.1:{closed_port()}"

    assert guess()[-1] == 429
    assert log_in(ip=ELSEWHERE).status_code == 302


def test_no_login_goes_uncounted_while_the_database_is_away(ada, monkeypatch):
    def breaks(*_, **__):
        raise OperationalError("away")

    monkeypatch.setattr(AccessAttempt.objects, "filter", breaks)
    browser = Client(raise_request_exception=False)

    answer = browser.post(LOGIN, {"username": "ada", "password": RIGHT})

    assert answer.status_code == 503
    assert "dovecote_session" not in answer.cookies


def test_logins_and_what_they_do_are_logged_with_user_and_address(ada, lines):
    guess(5)
    log_in()
    browser = Client(REMOTE_ADDR=ELSEWHERE)
    browser.post(LOGIN, {"username": "ada", "password": RIGHT})
    browser.get("/admin/")
    browser.post("/admin/logout/")

    who = {"user": "ada", "ip": HERE}
    # The fifth one locks.
    assert len(lines("login_failed")) == 4
    assert all(line.items() >= who.items() for line in lines("login_failed"))
    assert len(lines("login_locked_out")) == 2
    elsewhere = {"user": "ada", "ip": ELSEWHERE}
    for name in ("logged_in", "logged_out"):
        [line] = lines(name)
        assert line.items() >= elsewhere.items()
        assert line["request_id"].startswith("req_")
    [index] = [line for line in lines("request") if line["path"] == "/admin/"]
    assert index.items() >= {"operator": "ada", "ip": ELSEWHERE, "status": 200}.items()
    assert RIGHT not in json.dumps(lines("request") + lines("logged_in"))


def test_a_session_ends_an_hour_after_its_last_page_and_twelve_after_its_login(ada):
    began, browser = timezone.now(), logged_in()
    cookie = browser.cookies["dovecote_session"]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/admin", "Lax", "")
    assert cookie["httponly"]

    def at(**after) -> int:
        with time_machine.travel(began + timedelta(**after)):
            return browser.get("/admin/jsi18n/").status_code

    assert at(minutes=59) == 200
    assert at(minutes=117) == 200
    assert at(minutes=178) == 302
    browser.post(LOGIN, {"username": "ada", "password": RIGHT})
    began = timezone.now()
    assert [at(minutes=50 * number) for number in range(1, 16)] == [200] * 14 + [302]


def test_a_session_from_before_the_upgrade_logs_in_again(ada):
    browser = Client()
    browser.force_login(ada)
    session = browser.session
    del session["logged_in_at"]
    session.save()

    assert browser.get("/admin/").status_code == 302


def test_pages_outside_of_the_admin_know_no_operator(ada, lines):
    browser = Client()
    browser.force_login(ada)
    browser.get("/")

    [line] = lines("request")
    assert "operator" not in line
    assert re.match(r"req_", line["request_id"])
