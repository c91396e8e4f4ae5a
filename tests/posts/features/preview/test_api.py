"""POST /posts/preview: what each network will show, with the verdict of POST /posts/validate."""

import pytest

from destinations.models import Destination
from platforms.registry import ADAPTERS
from posts.models import Post
from tests.factories import make_account
from tests.platforms.facts import all_facts
from tests.posts.cases import apart
from tests.posts.conftest import data_of, refused
from tests.posts.factories import make_media, png


@pytest.fixture
def accounts(ada) -> dict[str, int]:
    return {key: make_account(ada.workspace, key).pk for key in ADAPTERS}


def shown(caller, **body):
    return data_of(caller.post("/posts/preview", body))["accounts"]


def test_each_network_cuts_the_text_where_its_feed_does(ada, accounts):
    text = "word " * 50 + "\n" + "end " * 70
    found = {
        each["platform"]: each
        for each in shown(ada, content=text, account_ids=[*accounts.values()])
    }

    seen = {
        key: len("".join(run["text"] for run in each["preview"]["parts"][0]["text"]["shown"]))
        for key, each in found.items()
    }
    assert seen["instagram"] == 125
    assert seen["linkedin"] == 210
    assert seen["facebook"] == 477
    assert seen["tiktok"] == 80
    assert seen["youtube"] == 157
    assert seen["threads"] == len(text)
    for each in found.values():
        words = each["preview"]["parts"][0]["text"]
        assert "".join(run["text"] for run in words["shown"] + words["hidden"]) == text


@pytest.mark.parametrize("mount", ["ada", "compat"])
def test_errors_warnings_and_notes_are_those_of_validate(mount, request, accounts):
    caller = request.getfixturevalue(mount)
    media = make_media(caller.workspace)
    bodies = [
        {"content": "a" * 600},
        {"content": "Hi", "media_ids": [str(media.pk)]},
        {"content": "Hi", "platform_content": {"linkedin": {"settings": {"nonsense": 1}}}},
        {"content": "Hi", "platform_content": {"x": {"settings": {"thread": ["a" * 300]}}}},
        {"content": "#a " * 40, "platform_content": {"instagram": {"contentType": "Story"}}},
    ]
    for body in bodies:
        body = {**body, "account_ids": [*accounts.values()]}
        checked = caller.post("/posts/validate", body).json()["data"]
        data = caller.post("/posts/preview", body).json()["data"]
        assert data["valid"] == checked["valid"]
        assert [
            {name: each[name] for name in verdict}
            for each, verdict in zip(data["accounts"], checked["accounts"], strict=True)
        ] == checked["accounts"]
    assert not Post.objects.exists()
    assert not Destination.objects.exists()


def test_an_account_whose_options_are_invalid_has_no_preview(ada, accounts):
    options = {"linkedin": {"settings": {"nonsense": 1}}}

    [card] = shown(ada, content="Hi", account_ids=[accounts["linkedin"]], platform_content=options)

    assert card["preview"] is None
    assert card["errors"]


def test_what_no_account_is_to_blame_for_is_refused_as_at_creating(ada, accounts):
    for change, code in (
        ({"content": ""}, "validation_error"),
        ({"contents": "Hi"}, "invalid_field_name"),
        ({"account_ids": [10**9]}, "invalid_accounts"),
        ({"media_ids": ["00000000-0000-4000-8000-000000000000"]}, "invalid_media"),
        ({"scheduled_at": "2020-01-01T00:00:00Z"}, "past_schedule_time"),
        (
            {
                "scheduled_at": "2030-01-08T09:00:00Z",
                "recurrence": {"freq": "weekly", "by_day": ["MO"], "count": 3},
            },
            "validation_error",
        ),
    ):
        with apart(change, code):
            body = {"content": "Hi", "account_ids": [accounts["x"]], **change}

            said = [
                refused(ada.post(path, body), 400, code) for path in ("/posts/preview", "/posts")
            ]

            assert said[0]["message"] == said[1]["message"]


def test_others_accounts_and_files_are_as_unknown_as_at_creating(ada, cy, accounts):
    theirs = make_media(cy.workspace)
    own = {"content": "Hi", "account_ids": [accounts["x"]]}

    refused(cy.post("/posts/preview", own), 400, "invalid_accounts")
    refused(
        ada.post("/posts/preview", {**own, "media_ids": [str(theirs.pk)]}), 400, "invalid_media"
    )
    refused(ada.get("/posts/preview"), 405, "method_not_allowed")


def test_a_file_comes_with_its_links_its_frame_and_its_alt_text(ada, accounts):
    media = make_media(ada.workspace, width=400, height=900)
    body = {"media_ids": [str(media.pk)], "alt_texts": {str(media.pk): "A loft"}}

    [card] = shown(ada, content="Hi", account_ids=[accounts["instagram"]], **body)

    [file] = card["preview"]["parts"][0]["media"]
    assert (file["media_id"], file["type"], file["alt_text"]) == (str(media.pk), "image", "A loft")
    assert (file["ratio"], file["fit"]) == (0.8, "bars")
    answer = ada.client.get(file["url"].removeprefix("http://127.0.0.1:8000"))
    assert b"".join(answer.streaming_content) == png()


def test_links_make_cards_where_the_network_makes_them(ada, accounts):
    text = "Read https://www.example.com/loft now"

    found = {
        each["platform"]: each["preview"]["link_card"]
        for each in shown(ada, content=text, account_ids=[*accounts.values()])
    }

    cards = {key: card and (card["url"], card["host"]) for key, card in found.items()}
    card = ("https://www.example.com/loft", "example.com")
    assert cards == {
        key: card if facts.has_link_cards else None for key, facts in all_facts().items()
    }


def test_bodies_of_the_published_clients_are_previewed_too(compat, accounts):
    body = {"account_ids": [accounts["threads"]]}
    own = {"platform_content": {"threads": {"content": "Hello"}}}

    [card] = shown(compat, **body, **own)

    assert card["preview"]["parts"][0]["text"]["text"] == "Hello"
