"""Refusals stay small: problems are listed up to a number, the rest is counted."""

import json

import pytest

from posts.api import renderers
from posts.api.idempotency import middleware
from posts.errors import RequestRefused
from posts.models import IdempotencyRecord, Post
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.api.idempotency.requests import create, is_replay
from tests.posts.conftest import refused


def test_twenty_problems_are_listed_and_the_others_counted(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ["wrong"] * 100}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    problems = error["details"]["validation_errors"]
    assert [each["field"] for each in problems] == [f"media_ids[{n}]" for n in range(20)]
    assert error["details"]["more_validation_errors"] == 80
    assert error["message"].endswith("80 more problems are not listed.")


def test_few_problems_are_listed_and_none_is_counted(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ["wrong"] * 20}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert len(error["details"].pop("validation_errors")) == 20
    assert error["details"] == {}
    assert "more" not in error["message"]


@cases("count", [501, 40_000])
def test_a_list_that_is_too_long_is_one_problem_with_any_content(ada, count):
    body = {"content": "Hi", "account_ids": [""] * count}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    said = f"Takes at most 500 items; these are {count}."
    assert error["details"] == {"validation_errors": [{"field": "account_ids", "message": said}]}


def test_alt_texts_of_more_files_than_a_post_may_have_are_one_problem(ada, x):
    body = {"content": "Hi", "account_ids": [x.pk], "alt_texts": {f"{n}": 5 for n in range(101)}}

    error = refused(ada.post("/posts", body), 400, "validation_error")

    assert error["details"]["validation_errors"] == [
        {"field": "alt_texts", "message": "Describes at most 100 files."}
    ]


@cases(
    "body",
    [
        b"[" + b",".join([b"[]"] * 5_001) + b"]",
        b"[" + b",".join([b"1"] * 50_002) + b"]",
        b'{"a":' * 5_001 + b"1" + b"}" * 5_001,
    ],
)
def test_a_body_of_more_values_than_any_call_takes_is_not_even_read(ada, body):
    answer = ada.client.post(
        "/api/v1/posts",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {ada.secret}"},
    )

    assert "more than 5000 lists and objects" in refused(answer, 400, "invalid_json")["message"]


def test_brackets_and_commas_within_texts_are_not_counted(ada, x):
    text = "[,{" * 20 + '\\"' * 10
    body = {
        "content": text,
        "account_ids": [x.pk],
        "platform_content": {"x": {"content": "[" * 50}},
    }

    assert ada.post("/posts", body).status_code == 201


def test_the_problems_of_many_accounts_share_what_a_refusal_may_take(ada):
    names = ["\u0001" * 190 + str(number) for number in range(60)]
    accounts = [make_account(ada.workspace, "linkedin", name=name) for name in names]
    own = {"linkedin": {"settings": {"linkTitle": "A page"}}}
    body = {
        "content": "Hi",
        "account_ids": [account.pk for account in accounts],
        "platform_content": own,
    }

    response = ada.post("/posts", body)

    error = refused(response, 400, "post_creation_failed")
    assert len(response.content) < 2 * renderers.MOST_BYTES
    listed = len(error["details"]["validation_errors"])
    assert listed <= renderers.MOST_PROBLEMS
    assert error["details"]["more_validation_errors"] == 60 - listed
    assert Post.objects.count() == 0


def test_a_bulk_call_in_which_everything_is_wrong_is_answered_in_64_kilobytes(ada, x):
    wrong = {"content": "Hi", "account_ids": [x.pk], "media_ids": ["\u0001" * 30] * 100}

    response = ada.post("/posts/bulk", {"posts": [wrong] * 50})

    assert response.status_code == 422
    assert len(response.content) <= 65_536
    results = response.json()["data"]["results"]
    for each in results:
        details = each["error"]["details"]
        assert details["more_validation_errors"] == 100 - len(details["validation_errors"])
    assert len(results) == 50


def test_one_wrong_post_of_a_bulk_call_is_told_as_much_as_by_itself(ada, x):
    wrong = {"content": "Hi", "account_ids": [x.pk], "media_ids": ["wrong"] * 100}

    alone = ada.post("/posts", wrong).json()["error"]
    [result] = ada.post("/posts/bulk", {"posts": [wrong]}).json()["data"]["results"]

    assert result["error"]["details"] == alone["details"]
    assert result["error"]["message"] == alone["message"]


@cases("count", [10, 50])
def test_a_bulk_call_for_too_many_destinations_makes_nothing(ada, x, count):
    post = {"content": "Hi", "account_ids": [x.pk] * (1_000 // count + 1)}

    error = refused(ada.post("/posts/bulk", {"posts": [post] * count}), 400, "bulk_limit_exceeded")

    assert error["details"] == {"limit": 1000}
    assert Post.objects.count() == 0


def test_a_text_too_long_for_so_many_copies_of_it_is_refused_for_one_post_and_for_many(ada):
    accounts = [make_account(ada.workspace, "facebook").pk for _ in range(200)]
    post = {"content": "a" * 63_000, "account_ids": accounts}

    error = refused(ada.post("/posts", post), 400, "validation_error")
    bulk = refused(ada.post("/posts/bulk", {"posts": [post]}), 400, "bulk_limit_exceeded")

    assert error["details"]["validation_errors"][0]["field"] == "account_ids"
    assert bulk["details"] == {"limit": 6_000_000}
    assert Post.objects.count() == 0


def test_a_large_refusal_is_not_kept_and_a_repeat_is_judged_anew(ada, x, monkeypatch):
    monkeypatch.setattr(middleware, "KEPT_REFUSAL_BYTES", 500)
    body = {"content": "Hi", "account_ids": [x.pk], "media_ids": ["wrong"] * 100}

    first, again = create(ada, body), create(ada, body)
    small = create(ada, {**body, "media_ids": ["wrong"]})

    assert first.json()["error"] == again.json()["error"]
    assert not is_replay(again)
    refused(small, 400, "validation_error")
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.parametrize("text", ["a" * 5_000, "\u0001" * 5_000, "\U0001f600" * 5_000, '"' * 5_000])
@pytest.mark.parametrize("most_bytes", [100, 1_000, renderers.MOST_BYTES])
def test_an_error_is_never_larger_than_asked_for(text, most_bytes):
    problem = {"field": text, "message": text}
    given = RequestRefused("validation_error", text, validation_errors=[problem] * 500, field=text)

    made = renderers.bounded(given, most_bytes)

    shown = {"message": made.message, "details": made.details}
    # Names, counts and brackets beside.
    assert len(json.dumps(shown, ensure_ascii=False).encode()) <= most_bytes + 1_000
    listed = made.details["validation_errors"]
    assert made.details["more_validation_errors"] == 500 - len(listed)
