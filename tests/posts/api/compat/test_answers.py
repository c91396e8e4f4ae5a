"""The other answers of the compatibility mount, row by row."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from destinations.manual_retry import MAY_BE_PUBLIC
from destinations.models import Account
from posts.models import DeviceLogin
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import announce, upload
from tests.posts.factories import make_media, png


@pytest.fixture
def failed(ada, account):
    return make_post(
        ada.workspace,
        [account],
        status="failed",
        error="Refused",
        error_code="refused",
        attempts=1,
        due_at=None,
    )


def test_results_name_their_post_beside_each_destination(compat, failed):
    found = compat.get(f"/posts/{failed.public_id}/results").json()["data"]

    row = failed.destinations.get()
    assert found["post_id"] == str(failed.pk)
    assert set(found) == {"post_id", "post_status", "content", "scheduled_for", "results"}
    (result,) = found["results"]
    assert result["id"] == str(row.pk)
    assert (result["error"], result["last_error"]) == ("Refused", "Refused")
    assert result["social_account_id"] == result["account_id"] == row.account_number


def test_meta_names_destinations_by_their_uuids_too(compat, ada):
    post = make_post(
        ada.workspace,
        [make_account(ada.workspace)],
        status="failed",
        error="Lost",
        error_code=MAY_BE_PUBLIC,
        attempts=1,
        due_at=None,
    )
    row = post.destinations.get()
    told = compat.get(f"/posts/{post.pk}/results").json()["meta"]["errors"]
    assert [each["destination_id"] for each in told] == [str(row.pk)]

    skipped = compat.post("/posts/retry-failed", {"platform": "x"}).json()["meta"]["skipped"]
    assert [(each["id"], each["post_id"]) for each in skipped] == [(str(row.pk), str(post.pk))]


def test_events_name_destinations_by_their_uuids(compat, account):
    made = compat.post("/posts", {"content": "Hello", "account_ids": [account.pk]}).json()["data"]

    events = compat.get(f"/posts/{made['id']}/events").json()["data"]

    assert {each["destination_id"] for each in events} == {made["results"][0]["id"]}


def test_a_retry_says_what_it_did_in_every_clients_words(compat, failed):
    answered = compat.post(f"/posts/{failed.pk}/retry").json()["data"]

    assert answered["post_id"] == str(failed.pk)
    assert (answered["retried_count"], answered["retried"]) == (1, 1)
    assert answered["message"] == "Retrying 1 destination."
    assert str(failed.pk) in answered["next_step"]
    assert answered["destinations"] == [
        {
            "id": str(failed.destinations.get().pk),
            "platform": "x",
            "new_status": "queued",
            "status": "queued",
        }
    ]


def test_retrying_by_filter_names_posts_and_destinations_by_uuid(compat, failed):
    answered = compat.post("/posts/retry-failed", {"post_ids": [str(failed.pk)]}).json()["data"]

    (one,) = answered["destinations"]
    assert one["destination_id"] == str(failed.destinations.get().pk)
    assert one["post_id"] == str(failed.pk)
    assert (answered["retried"], one["status"]) == (1, "queued")


def test_the_default_queue_names_its_posts_by_uuid(compat, account):
    body = {"content": "Hello", "account_ids": [account.pk], "use_queue": True}
    made = compat.post("/posts", body).json()["data"]

    (queued,) = compat.get("/queue").json()["data"]["posts"]
    assert queued["post_id"] == made["id"]
    assert made["queue_id"] == compat.get(f"/posts/{made['id']}").json()["data"]["queue_id"]


def test_an_account_has_every_clients_fields(compat, ada):
    account = make_account(ada.workspace, username="acme", name="@acme")
    listed = compat.get("/accounts").json()["data"]

    assert (listed["account_ids"], listed["total"]) == ([account.pk], 1)
    (shown,) = listed["accounts"]
    assert shown == compat.get(f"/accounts/{account.pk}").json()["data"]
    assert shown["account_id"] == shown["id"] == account.pk
    assert shown["platform_username"] == "acme"
    assert shown["platform_user_id"] == account.platform_account_id
    assert shown["display_name"] == "@acme"
    assert shown["health"] == {"status": "healthy", "can_post": True, "message": None}


def test_a_limited_account_says_until_when(compat, ada):
    until = timezone.now() + timedelta(minutes=5)
    account = make_account(ada.workspace, held_until=until)
    health = compat.get(f"/accounts/{account.pk}").json()["data"]["health"]

    assert health["status"] == "rate_limited"
    assert f"{until:%Y-%m-%dT%H:%M:%SZ}" in health["message"]


@cases(
    ("fields", "status"),
    [
        ({"is_active": False}, "unhealthy"),
        ({"needs_reconnection_since": timezone.now()}, "expired"),
    ],
)
def test_an_account_that_cannot_post_says_why(compat, account, fields, status):
    Account.objects.filter(pk=account.pk).update(**fields)
    health = compat.get(f"/accounts/{account.pk}").json()["data"]["health"]

    assert (health["status"], health["can_post"]) == (status, False)
    assert health["message"]


def test_files_are_listed_under_every_clients_names(compat, ada):
    files = [make_media(ada.workspace, width=32, height=16) for _ in range(3)]
    answer = compat.get("/media?limit=2").json()
    listed = answer["data"]

    newest = [str(file.pk) for file in reversed(files)][:2]
    assert listed["media_ids"] == [each["id"] for each in listed["media"]] == newest
    assert listed["items"] == listed["media"]
    assert listed["pagination"] == answer["meta"]["pagination"]
    assert (listed["total"], listed["pagination"]["has_more"]) == (3, True)
    one = compat.get(f"/media/{newest[0]}").json()["data"]
    assert (one["media_type"], one["upload_status"], one["aspect_ratio"]) == ("image", "ready", 2.0)


def test_an_upload_says_where_it_goes_and_what_comes_next(compat, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    announced = announce(compat, png(), "image/png")
    assert announced["media_ids"] == [announced["media_id"]]
    assert announced["media_id"] in announced["next_step"]

    done = upload(compat, png(), "image/png").json()["data"]
    assert (done["media_type"], done["upload_status"]) == ("image", "ready")
    assert done["id"] == done["media_id"]


def test_a_deleted_file_is_named_by_both_of_its_ids(compat, ada):
    file = make_media(ada.workspace)
    deleted = compat.delete(f"/media/{file.pk}").json()["data"]

    assert deleted == {
        "id": str(file.pk),
        "media_id": str(file.pk),
        "deleted": True,
        "message": "File deleted.",
    }


def test_the_user_of_a_key_is_never_null(compat, ada):
    assert compat.get("/me").json()["data"]["user"] == {
        "id": 0,
        "email": "",
        "name": ada.workspace.name,
    }
    assert ada.get("/me").json()["data"]["user"] == {"id": None, "email": None, "name": None}


def test_the_user_is_who_allowed_the_login_that_made_the_key(compat, ada):
    operator = User.objects.create_user("op", "op@example.com", first_name="Olga")
    now = timezone.now()
    DeviceLogin.objects.create(
        state="used",
        device_hash="a",
        user_code_hash="b",
        created_at=now,
        expires_at=now,
        decided_by=operator,
        api_key=ada.key,
    )

    assert compat.get("/me").json()["data"]["user"] == {
        "id": operator.pk,
        "email": "op@example.com",
        "name": "Olga",
    }


def test_a_post_of_the_reference_mount_keeps_its_short_ids(ada, failed):
    shown = ada.get(f"/posts/{failed.pk}").json()["data"]

    assert shown["id"] == failed.public_id
    assert not _uuids(shown)


def _uuids(found: object) -> list[str]:
    """Every UUID with hyphens in the values."""
    if isinstance(found, dict):
        return [each for value in found.values() for each in _uuids(value)]
    if isinstance(found, list):
        return [each for value in found for each in _uuids(value)]
    try:
        return [str(uuid.UUID(str(found)))] if "-" in str(found) else []
    except ValueError:
        return []
