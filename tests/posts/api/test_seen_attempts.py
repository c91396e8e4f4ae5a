"""A person's word over HTTP is about the try that they looked at, however often it arrives."""

import pytest

from destinations.dispatch import claims
from destinations.models import Destination, Event
from tests.factories import make_account, make_post
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, refused

UNKNOWN = {"status": "failed", "error": "May be live.", "error_code": "outcome_unknown"}


@pytest.fixture
def row(x) -> Destination:
    """Tried once, and may be live."""
    return make_unknown(x)


def make_unknown(account) -> Destination:
    post = make_post(account.workspace, [account], due_at=None, attempts=1, **UNKNOWN)
    return post.destinations.get()


def try_again_in_vain(row: Destination) -> None:
    """The next try goes out, and its outcome is unknown as well."""
    values = {**UNKNOWN, "attempts": row.attempts + 1, "due_at": None}
    assert Destination.objects.filter(pk=row.pk, status="queued").update(**values) == 1


def path(row: Destination, call: str) -> str:
    post = f"/posts/{row.post.public_id}"
    return {
        "retry": f"{post}/retry",
        "retry-failed": "/posts/retry-failed",
        "resolve": f"{post}/destinations/{row.public_id}/resolve",
    }[call]


def word(row: Destination, call: str, **fields) -> dict:
    """That it is not public, as a person says it to this call."""
    if call == "resolve":
        return {"outcome": "not_published", **fields}
    return {"confirm_not_published": True, **fields}


def state() -> tuple:
    return list(Destination.objects.order_by("pk").values()), Event.objects.count()


def retried(response) -> list[str]:
    assert response.status_code == 200, response.json()
    data = response.json()["data"]
    assert data["retried_count"] == len(data["destinations"])
    return [each.get("destination_id") or each["id"] for each in data["destinations"]]


@cases("call", ["retry", "retry-failed"])
def test_the_same_word_again_covers_no_try_that_was_not_checked(ada, row, call):
    [result] = ada.get(f"/posts/{row.post.public_id}/results").json()["data"]
    body = word(row, call, seen_attempts={result["id"]: result["attempts"]})
    assert retried(ada.post(path(row, call), body)) == [row.public_id]
    try_again_in_vain(row)
    before = state()

    response = ada.post(path(row, call), body)

    assert retried(response) == []
    assert state() == before
    assert claims.claim(10) == []
    if call == "retry-failed":
        assert response.json()["data"]["message"] == (
            "Retrying 0 destinations. Skipped 1 that were tried since you looked."
        )
    seen = {row.public_id: 2}
    assert retried(ada.post(path(row, call), {**body, "seen_attempts": seen})) == [row.public_id]


@cases("call", ["retry", "retry-failed"])
def test_without_it_the_word_covers_all_that_was_tried_until_it_arrives(ada, row, call):
    body = word(row, call) | ({"platform": "x"} if call == "retry-failed" else {})
    assert retried(ada.post(path(row, call), body)) == [row.public_id]
    try_again_in_vain(row)

    assert retried(ada.post(path(row, call), body)) == [row.public_id]


@cases("outcome", ["not_published", "published"])
def test_an_answer_about_an_earlier_try_is_a_conflict(ada, row, outcome):
    body = {"outcome": outcome, "seen_attempts": 1}
    if outcome == "published":
        body["platform_post_url"] = "https://x.com/acme/status/1876"
    Destination.objects.update(attempts=2)
    before = state()

    refused(ada.post(path(row, "resolve"), body), 409, "conflict")

    assert state() == before
    assert data_of(ada.post(path(row, "resolve"), {**body, "seen_attempts": 2}))["attempts"] == 2


@cases("call", ["retry", "retry-failed"])
def test_destinations_that_are_not_named_stay_as_they_are(ada, row, x, call):
    other = make_account(ada.workspace, "x")
    post = make_post(ada.workspace, [x, other], due_at=None, attempts=1, **UNKNOWN)
    named, unnamed = post.destinations.order_by("position")

    body = word(named, call, seen_attempts={named.public_id: 1})

    assert retried(ada.post(path(named, call), body)) == [named.public_id]
    for each in (row, unnamed):
        each.refresh_from_db()
        assert (each.status, each.error_code) == ("failed", "outcome_unknown")


@cases("call", ["retry", "retry-failed"])
def test_it_is_no_word_that_nothing_is_public(ada, row, call):
    before = state()

    assert retried(ada.post(path(row, call), {"seen_attempts": {row.public_id: 1}})) == []

    assert state() == before


def test_beside_account_ids_and_filters_both_must_fit(ada, row, x):
    seen = {"seen_attempts": {row.public_id: 1}, "confirm_not_published": True}

    narrowed = {**seen, "account_id": x.pk + 1}
    assert retried(ada.post(path(row, "retry-failed"), narrowed)) == []
    assert retried(ada.post(path(row, "retry"), {**seen, "account_ids": [x.pk]})) == [row.public_id]


def test_a_stranger_moves_nothing_by_naming_it(cy, row):
    body = word(row, "retry-failed", seen_attempts={row.public_id: 1})
    before = state()

    assert retried(cy.post(path(row, "retry-failed"), body)) == []
    refused(cy.post(path(row, "retry"), body), 404, "not_found")

    assert state() == before


def test_a_retry_that_names_a_destination_of_another_post_is_refused(ada, row, x):
    other = make_unknown(x)
    body = word(row, "retry", seen_attempts={row.public_id: 1, other.public_id: 1})
    before = state()

    error = refused(ada.post(path(row, "retry"), body), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "seen_attempts"
    assert other.public_id in error["message"]
    assert state() == before


@cases("call", ["retry", "retry-failed"])
@cases(
    "seen",
    [
        None,
        1,
        "1",
        True,
        [],
        {},
        [{"dest_1": 1}],
        {"dest_1": "1"},
        {"dest_1": 1.0},
        {"dest_1": True},
        {"dest_1": None},
        {"dest_1": -1},
        {"dest_1": [1]},
        {"post_1": 1},
        {"": 1},
        {"dest_1": 1, "00000000-0000-0000-0000-000000000001": 2},
        {f"dest_{number}": 1 for number in range(501)},
    ],
)
def test_what_cannot_have_been_seen_is_refused_and_changes_nothing(ada, row, call, seen):
    before = state()

    body = word(row, call, seen_attempts=seen)
    error = refused(ada.post(path(row, call), body), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"].startswith("seen_attempts")
    assert state() == before


@cases("seen", [None, "1", 1.0, True, -1, [], {}, {"dest_1": 1}])
def test_a_resolve_takes_a_number_and_nothing_that_merely_looks_like_it(ada, row, seen):
    before = state()

    body = word(row, "resolve", seen_attempts=seen)
    error = refused(ada.post(path(row, "resolve"), body), 400, "validation_error")

    assert error["details"]["validation_errors"][0]["field"] == "seen_attempts"
    assert state() == before


@cases("call", ["retry", "retry-failed", "resolve"])
@cases("count", [0, 2, 2**64])
def test_a_number_that_does_not_fit_moves_nothing(ada, row, call, count):
    seen = count if call == "resolve" else {row.public_id: count}
    before = state()

    response = ada.post(path(row, call), word(row, call, seen_attempts=seen))

    if call == "resolve":
        refused(response, 409, "conflict")
    else:
        assert retried(response) == []
    assert state() == before
