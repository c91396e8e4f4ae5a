from django.utils import timezone

from tests.factories import make_account
from tests.posts.conftest import _files, ada, bo, cy, refused  # noqa: F401

STAMP = "%Y-%m-%dT%H:%M:%SZ"


def test_accounts_are_listed_oldest_first_with_their_health(ada, bo, cy):  # noqa: F811
    healthy = make_account(ada.workspace, "x", avatar_url="https://example.com/a.png")
    expired = make_account(ada.workspace, "linkedin", needs_reconnection_since=timezone.now())
    make_account(cy.workspace)

    for caller in (ada, bo):
        found = caller.get("/accounts").json()["data"]
        assert found == {
            "accounts": [
                {
                    "id": healthy.pk,
                    "platform": "x",
                    "account_name": healthy.name,
                    "avatar_url": "https://example.com/a.png",
                    "is_active": True,
                    "created_at": healthy.created_at.strftime(STAMP),
                    "health": {"status": "healthy", "can_post": True},
                },
                {
                    "id": expired.pk,
                    "platform": "linkedin",
                    "account_name": expired.name,
                    "avatar_url": None,
                    "is_active": True,
                    "created_at": expired.created_at.strftime(STAMP),
                    "health": {"status": "expired", "can_post": False},
                },
            ]
        }


def test_one_account_is_found_by_its_number(ada):  # noqa: F811
    account = make_account(ada.workspace, is_active=False)

    data = ada.get(f"/accounts/{account.pk}").json()["data"]

    assert (data["id"], data["health"]) == (
        account.pk,
        {"status": "unhealthy", "can_post": False},
    )
    assert account.credentials not in str(data)


def test_a_stranger_finds_no_account(ada, cy):  # noqa: F811
    account = make_account(ada.workspace)

    refused(cy.get(f"/accounts/{account.pk}"), 404, "not_found")
    assert cy.get("/accounts").json()["data"] == {"accounts": []}


def test_a_number_that_is_none_is_not_found(ada):  # noqa: F811
    for name in ("0", "-1", "x", "9" * 19, "9" * 400, "1.0", "%D9%A3", "%00"):
        refused(ada.get(f"/accounts/{name}"), 404, "not_found")
