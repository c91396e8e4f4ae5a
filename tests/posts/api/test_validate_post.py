"""What POST /posts would say, and nothing stored."""

import pytest

from destinations.models import Destination, Event
from platforms.limits import ImageRule, Limits
from platforms.x.adapter import X
from posts.models import Post, Variant
from tests.factories import make_account
from tests.posts.api.cases import cases
from tests.posts.conftest import data_of, make_caller, refused
from tests.posts.factories import make_media


@pytest.fixture
def accounts(ada):
    return {key: make_account(ada.workspace, key) for key in ("x", "linkedin", "instagram")}


def test_each_account_gets_the_verdict_that_creating_would_give(ada, accounts):
    text = "a" * 300
    body = {
        "content": text,
        "account_ids": [account.pk for account in accounts.values()],
        "platform_content": {"linkedin": {"settings": {"nonsense": 1}}},
    }

    data = ada.post("/posts/validate", body).json()["data"]

    assert data["valid"] is False
    x, linkedin, instagram = data["accounts"]
    assert set(x) == {"account_id", "platform", "valid", "errors", "warnings", "notes"}
    assert (x["account_id"], x["platform"], x["valid"]) == (accounts["x"].pk, "x", False)
    [error] = x["errors"]
    assert error["code"] == "content_too_long"
    assert error["message"] in refused(ada.post("/posts", body), 400, "content_too_long")["message"]
    [error] = linkedin["errors"]
    assert error["code"] == "post_creation_failed"
    assert error["message"].startswith(f"{accounts['linkedin'].name}: LinkedIn has no option")
    assert (instagram["valid"], instagram["errors"]) == (True, [])
    assert instagram["warnings"] == ["Instagram accepts no post without a file."]


def test_a_good_post_is_valid_and_not_made(ada, accounts, monkeypatch):
    limits = Limits(280, media_items=4, image=ImageRule(("image/jpeg",), 10**7))
    monkeypatch.setattr(X, "limits", limits)
    monkeypatch.setattr(X, "limits_for", lambda self, draft: limits)
    media = make_media(ada.workspace)
    body = {"content": "Hi", "account_ids": [accounts["x"].pk], "media_ids": [str(media.pk)]}

    assert data_of(ada.post("/posts/validate", body)) == {
        "valid": True,
        "accounts": [
            {
                "account_id": accounts["x"].pk,
                "platform": "x",
                "valid": True,
                "errors": [],
                "warnings": [],
                "notes": ["a.png will be sent in another form: JPEG, up to 10 MB."],
            }
        ],
    }
    for model in (Post, Destination, Event, Variant):
        assert model.objects.count() == 0


@cases(
    ("change", "code"),
    [
        ({"content": ""}, "validation_error"),
        ({"contents": "Hi"}, "invalid_field_name"),
        ({"account_ids": [10**9]}, "invalid_accounts"),
        ({"media_ids": ["00000000-0000-4000-8000-000000000000"]}, "invalid_media"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        ({"timezone": "Mars"}, "invalid_timezone"),
    ],
)
def test_what_no_account_is_to_blame_for_is_refused_as_at_creating(ada, accounts, change, code):
    body = {"content": "Hi", "account_ids": [accounts["x"].pk], **change}

    refused(ada.post("/posts/validate", body), 400, code)
    refused(ada.post("/posts", body), 400, code)


def test_a_stranger_and_a_reader_learn_nothing(ada, cy, accounts):
    body = {"content": "Hi", "account_ids": [accounts["x"].pk]}

    refused(cy.post("/posts/validate", body), 400, "invalid_accounts")
    reader = make_caller(ada.workspace, "Reader", ("read",))
    refused(reader.post("/posts/validate", body), 403, "insufficient_scope")
    refused(ada.get("/posts/validate"), 405, "method_not_allowed")
