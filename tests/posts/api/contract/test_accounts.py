"""Accounts: the list, one of them, and posts to those that cannot post."""

from datetime import timedelta

import pytest
from django.utils import timezone

from destinations.dispatch import claims
from destinations.publishing import worker
from posts.api.serializers import accounts
from tests.factories import make_account
from tests.posts.api.cases import cases

STAMP = "%Y-%m-%dT%H:%M:%SZ"
HOUR = timedelta(hours=1)


def test_get_accounts_lists_each_with_its_health_oldest_first(ada, bo, cy):
    healthy = make_account(
        ada.workspace,
        "x",
        name="@acme",
        username="acme",
        display_name="Acme Inc.",
        avatar_url="https://example.com/a.png",
    )
    expired = make_account(
        ada.workspace,
        "linkedin",
        name="Acme Ltd.",
        username="",
        needs_reconnection_since=timezone.now(),
    )
    make_account(cy.workspace)

    for caller in (ada, bo):
        found = caller.get("/accounts").json()["data"]
        assert found == {
            "accounts": [
                {
                    "id": healthy.pk,
                    "platform": "x",
                    "account_name": "@acme",
                    "username": "acme",
                    "display_name": "Acme Inc.",
                    "avatar_url": "https://example.com/a.png",
                    "is_active": True,
                    "created_at": healthy.created_at.strftime(STAMP),
                    "health": {"status": "healthy", "can_post": True},
                },
                {
                    "id": expired.pk,
                    "platform": "linkedin",
                    "account_name": "Acme Ltd.",
                    "username": None,
                    "display_name": "Acme Ltd.",
                    "avatar_url": None,
                    "is_active": True,
                    "created_at": expired.created_at.strftime(STAMP),
                    "health": {"status": "expired", "can_post": False},
                },
            ]
        }


def test_a_handle_is_no_display_name(ada):
    make_account(ada.workspace, "threads", name="@acme", username="acme")

    [account] = ada.get("/accounts").json()["data"]["accounts"]

    assert (account["username"], account["display_name"]) == ("acme", None)


def test_accounts_of_a_list_share_what_writes_their_health(ada, monkeypatch):
    """Made for each account it took ten times the CPU time: a third of a second for 500."""
    for _ in range(3):
        make_account(ada.workspace)
    monkeypatch.setattr(accounts.HealthSummarySerializer, "__init__", None)

    assert len(ada.get("/accounts").json()["data"]["accounts"]) == 3


def test_get_accounts_has_no_pages(ada):
    made = [make_account(ada.workspace).pk for _ in range(101)]

    answer = ada.get("/accounts").json()

    assert [each["id"] for each in answer["data"]["accounts"]] == made
    assert set(answer["meta"]) == {"request_id", "timestamp"}


@cases(
    ("fields", "status"),
    [
        ({}, "healthy"),
        ({"token_expires_at": timezone.now() + HOUR}, "healthy"),
        ({"token_expires_at": timezone.now() - HOUR}, "expired"),
        ({"needs_reconnection_since": timezone.now()}, "expired"),
        ({"is_active": False}, "unhealthy"),
    ],
)
def test_health_of_an_account_says_whether_it_can_post_wherever_it_is_asked(ada, fields, status):
    account = make_account(ada.workspace, **fields)

    [listed] = ada.get("/accounts").json()["data"]["accounts"]
    health = ada.get(f"/accounts/{account.pk}/health").json()["data"]

    assert listed["health"] == {"status": status, "can_post": status == "healthy"}
    assert health["can_post"] is listed["health"]["can_post"]


def test_get_accounts_id_is_one_such_object(ada, account):
    one = ada.get(f"/accounts/{account.pk}").json()["data"]

    assert [one] == ada.get("/accounts").json()["data"]["accounts"]
    assert account.credentials not in str(one)


def test_id_is_an_integer_and_is_taken_as_digits_too(ada, x):
    body = {"content": "Hi", "account_ids": [str(x.pk)], "scheduled_at": "2099-03-15T14:00:00Z"}

    post = ada.post("/posts", body).json()["data"]["post_id"]

    [to] = ada.get(f"/posts/{post}").json()["data"]["destinations"]
    one = ada.get(f"/accounts/{x.pk}").json()["data"]
    assert (to["account_id"], one["id"]) == (x.pk, x.pk)
    assert type(to["account_id"]) is type(one["id"]) is int


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"needs_reconnection_since": timezone.now()}, "no longer accepts the authorization of"),
        ({"is_active": False}, "is switched off"),
    ],
)
def test_unhealthy_account_is_accepted_and_its_destination_fails_at_once(
    ada, simulator, fields, words
):
    token = simulator.connect("x", "77", username="acme")
    well = make_account(ada.workspace, "x", token=token, platform_account_id="77")
    ill = make_account(ada.workspace, "x", **fields)

    answer = ada.post("/posts", {"content": "Hi", "account_ids": [ill.pk, well.pk]})
    worker.publish(claims.claim(10))

    assert answer.status_code == 201
    post = answer.json()["data"]["post_id"]
    failed, published = ada.get(f"/posts/{post}/results").json()["data"]
    assert (failed["status"], failed["next_retry_at"]) == ("failed", None)
    assert words in failed["error"]
    assert published["status"] == "published"
    assert ada.get(f"/posts/{post}").json()["data"]["status"] == "partial"
