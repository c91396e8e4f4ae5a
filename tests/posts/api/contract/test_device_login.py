"""Logging in from a terminal: a program without a key gets one, once, from an operator."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client

from destinations.runtime import clock
from posts.keys import keys
from posts.keys.oauth import device_logins
from posts.models import ApiKey, DeviceLogin
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, make_caller, refused
from tests.posts.keys.oauth.program import somewhere

JSON = "application/json"
CODE = re.compile(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}")


def call(path, body, **options):
    client = Client(raise_request_exception=False)
    options.setdefault("REMOTE_ADDR", somewhere())
    return client.post(f"/api/v1{path}", body, content_type=JSON, **options)


def start(**options):
    return data_of(call("/auth/device", {"client_name": "CLI on laptop"}, **options))


def ask(started, **options):
    """As a program that waits long enough between two questions."""
    DeviceLogin.objects.update(polled_at=None)
    return ask_at_once(started, **options)


def ask_at_once(started, **options):
    answer = call("/auth/device/token", {"device_code": started["device_code"]}, **options)
    assert answer.status_code == 200, answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()["data"]


@pytest.fixture
def operator(db) -> User:
    user = User.objects.create_user("olga", "olga@acme.example", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="add_apikey"))
    return user


def authorize(started, operator, workspace, **fields):
    login = device_logins.find(started["user_code"])
    grant = {
        "workspace": workspace,
        "name": "night",
        "scopes": ["read"],
        "expires_at": None,
        "accounts": [],
        **fields,
    }
    device_logins.authorize(login, operator, grant)
    return login


def test_a_login_begins_with_two_codes_and_a_page(db, settings):
    found = start()

    assert set(found) == {
        "device_code",
        "user_code",
        "verification_uri",
        "verification_uri_complete",
        "expires_in",
        "interval",
    }
    assert CODE.fullmatch(found["user_code"])
    assert found["verification_uri"] == f"{settings.PUBLIC_URL}/admin/device/"
    assert found["verification_uri_complete"].endswith(f"?user_code={found['user_code']}")
    assert (found["interval"], found["expires_in"]) == (5, 900)
    assert ask(found) == {"status": "pending"}


def test_neither_code_is_stored(db, caplog, capsys):
    found = start()

    ask(found)

    stored = str(DeviceLogin.objects.values().get())
    told = stored + caplog.text + str(capsys.readouterr())
    for code in (found["device_code"], found["user_code"], found["user_code"].replace("-", "")):
        assert code not in told


def test_the_key_is_handed_over_once(operator, workspace):
    found = start()
    authorize(found, operator, workspace)
    assert not ApiKey.objects.exists()

    answer = ask(found)

    key = keys.recognise(answer["api_key"])
    assert answer == {
        "status": "authorized",
        "api_key": answer["api_key"],
        "user": {"email": "olga@acme.example"},
        "organization_id": str(workspace.pk),
    }
    assert (key.name, key.scopes, key.workspace, key.expires_at) == (
        "night",
        ["read"],
        workspace,
        None,
    )
    assert answer["api_key"] not in str(DeviceLogin.objects.values().get())
    entry = LogEntry.objects.get(object_id=str(key.pk))
    assert entry.user == operator
    assert "CLI on laptop" in entry.change_message


def test_a_key_that_is_asked_for_again_is_revoked(operator, workspace):
    found = start()
    authorize(found, operator, workspace)
    secret = ask(found)["api_key"]

    assert ask(found) == {"status": "expired"}
    assert keys.recognise(secret) is None
    assert ask(found) == {"status": "expired"}
    assert ApiKey.objects.count() == 1


def test_a_key_outlives_the_code_it_was_fetched_with(operator, workspace):
    found = start()
    authorize(found, operator, workspace)
    secret = ask(found)["api_key"]

    DeviceLogin.objects.update(expires_at=clock.now())

    assert ask(found) == {"status": "expired"}
    assert keys.recognise(secret)


@pytest.mark.django_db(transaction=True)
def test_of_two_programs_that_ask_at_once_one_gets_a_key_and_it_is_revoked(operator, workspace):
    found = start()
    authorize(found, operator, workspace)

    def fetch(_):
        try:
            return ask_at_once(found)["status"]
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(fetch, range(2)))

    assert answers == ["authorized", "expired"]
    assert ApiKey.objects.get().revoked_at


def test_a_denied_login_says_so(operator):
    found = start()

    device_logins.deny(device_logins.find(found["user_code"]), operator)

    assert ask(found) == {"status": "denied"}
    assert device_logins.find(found["user_code"]) is None
    assert not ApiKey.objects.exists()


def test_who_asks_too_often_is_told_to_slow_down(db):
    found = start()

    assert ask_at_once(found) == {"status": "pending"}
    assert ask_at_once(found) == {"status": "slow_down"}
    DeviceLogin.objects.update(polled_at=clock.now() - timedelta(seconds=5))
    assert ask_at_once(found) == {"status": "pending"}


def test_a_login_expires_after_fifteen_minutes_also_an_allowed_one(operator, workspace):
    waiting, allowed = start(), start()
    authorize(allowed, operator, workspace)
    late = clock.now() - timedelta(seconds=1)
    assert DeviceLogin.objects.first().expires_at - clock.now() <= timedelta(minutes=15)

    DeviceLogin.objects.update(expires_at=late)

    assert ask(waiting) == ask(allowed) == {"status": "expired"}
    assert device_logins.find(waiting["user_code"]) is None
    assert not ApiKey.objects.exists()


@cases("code", ["x", "a" * 43, "\N{SNOWMAN}", "' OR 1=1", "a" * 200])
def test_a_code_that_never_was_has_expired(db, code):
    assert ask({"device_code": code}) == {"status": "expired"}


@cases(
    ("path", "body"),
    [
        ("/auth/device/token", {}),
        ("/auth/device/token", {"device_code": None}),
        ("/auth/device/token", {"device_code": 5}),
        ("/auth/device/token", {"device_code": ""}),
        ("/auth/device/token", {"device_code": "a" * 201}),
        ("/auth/device/token", {"device_code": "a\x00"}),
        ("/auth/device/token", [1]),
        ("/auth/device", {"client_name": 5}),
        ("/auth/device", {"client_name": " "}),
        ("/auth/device", {"client_name": "a" * 256}),
        ("/auth/device", {"client_name": "a\nb"}),
        ("/auth/device", {"client_name": "\N{RIGHT-TO-LEFT OVERRIDE}a"}),
        ("/auth/device", {"name": "a"}),
        ("/auth/device", [1]),
    ],
)
def test_what_cannot_be_meant_is_refused_and_stores_nothing(db, path, body):
    answer = call(path, body)

    assert refused(answer, 400, answer.json()["error"]["code"])["message"]
    assert not DeviceLogin.objects.exists()


@cases("name", [None, "x" * 255, "<script>alert(1)</script>", "\N{SNOWMAN}"])
def test_a_program_may_call_itself_anything_of_bounded_length(db, name):
    assert call("/auth/device", {"client_name": name}).status_code == 200

    shown = DeviceLogin.objects.get().client_name
    assert shown == ((name or "A program without a name")[:100])


def test_one_address_begins_ten_logins_a_minute(db):
    address = {"REMOTE_ADDR": somewhere()}
    for _ in range(10):
        start(**address)

    answer = call("/auth/device", {}, **address)

    error = refused(answer, 429, "rate_limit_exceeded")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "from this address" in error["message"]
    assert DeviceLogin.objects.count() == 10
    start(REMOTE_ADDR=somewhere())


def test_one_address_that_asks_all_the_time_is_told_to_slow_down(db):
    address = {"REMOTE_ADDR": somewhere()}
    answers = [ask_at_once({"device_code": "a"}, **address) for _ in range(121)]

    assert answers[119:] == [{"status": "expired"}, {"status": "slow_down"}]


def test_all_addresses_of_one_network_begin_only_so_many_logins(db):
    network = f"2001:db8:{random.randrange(2**16):x}"
    for number in range(30):
        start(REMOTE_ADDR=f"{network}:{number:x}::1")

    answer = call("/auth/device", {}, REMOTE_ADDR=f"{network}:ffff::1")

    assert "from this network" in answer.json()["error"]["message"]


def test_a_flood_of_logins_makes_place_for_itself_and_locks_no_other_out(db, monkeypatch):
    monkeypatch.setattr(device_logins, "MOST_PENDING", 5)
    waiting, flood = start(), somewhere()
    for _ in range(9):
        start(REMOTE_ADDR=flood)
    other = start()

    assert DeviceLogin.objects.count() <= device_logins.MOST_PENDING
    assert device_logins.find(waiting["user_code"])
    assert device_logins.find(other["user_code"])


def test_what_is_over_is_forgotten(db, operator):
    first, _ = start(), start()
    device_logins.deny(device_logins.find(first["user_code"]), operator)
    DeviceLogin.objects.update(expires_at=clock.now() - timedelta(hours=2))
    start()
    assert sorted(DeviceLogin.objects.values_list("state", flat=True)) == ["denied", "pending"]


def test_a_key_counts_to_the_ten_when_it_is_fetched(operator, workspace):
    found = start()
    authorize(found, operator, workspace)
    others = [make_caller(workspace, str(n)) for n in range(10)]

    answer = call("/auth/device/token", {"device_code": found["device_code"]})

    error = refused(answer, 409, "key_limit_reached")
    assert "at most 10 active keys" in error["message"]
    keys.revoke(others[0].key)
    assert ask(found)["status"] == "authorized"


@cases("lost", ["right", "active"])
def test_an_operator_who_may_make_no_keys_any_more_gives_none(operator, workspace, lost):
    found = start()
    authorize(found, operator, workspace)
    if lost == "right":
        operator.user_permissions.clear()
    else:
        User.objects.update(is_active=False)

    assert ask(found) == ask(found) == {"status": "denied"}
    assert not ApiKey.objects.exists()


def test_a_key_for_some_accounts_is_never_one_for_all(operator, workspace):
    mine, other = make_account(workspace), make_account(workspace)
    first, second = start(), start()
    for each in (first, second):
        authorize(each, operator, workspace, accounts=[mine])

    key = keys.recognise(ask(first)["api_key"])
    assert key.reach.only == {mine.pk}
    key.accounts.clear()
    mine.delete()

    assert ask(second) == {"status": "denied"}
    assert ApiKey.objects.count() == 1
    assert other.pk


def test_a_login_is_decided_once(operator, workspace):
    found = start()
    login = authorize(found, operator, workspace)

    for again in (
        lambda: device_logins.deny(login, operator),
        lambda: authorize_again(login, operator, workspace),
    ):
        with pytest.raises(device_logins.RequestRefused, match="in the meantime"):
            again()
    assert ask(found)["status"] == "authorized"


def authorize_again(login, operator, workspace):
    grant = {"name": "b", "scopes": ["write"], "expires_at": None, "accounts": []}
    device_logins.authorize(login, operator, {"workspace": workspace, **grant})


def test_a_code_is_found_as_people_write_it(db):
    code = start()["user_code"]

    for written in (code, code.lower(), code.replace("-", ""), f"  {code[:4]} {code[5:]} "):
        assert device_logins.find(written)
    for odd in (
        "",
        "A",
        code[:-1],
        code + "B",
        "AEIO-UAEI",
        "\x00" * 8,
        "B" * 10_000,
        "\N{CYRILLIC CAPITAL LETTER VE}CDF-GHJK",
    ):
        assert device_logins.find(odd) is None
