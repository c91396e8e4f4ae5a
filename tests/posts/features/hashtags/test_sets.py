"""Hashtag sets over HTTP."""

import uuid

from posts.features.hashtags.models import HashtagSet
from tests.factories import make_account
from tests.posts.cases import apart
from tests.posts.conftest import refused
from tests.posts.features.hashtags.hashtag_factories import make_set


def test_a_set_is_made_read_listed_changed_and_deleted(ada):
    body = {"name": " Garden ", "hashtags": ["#Spring", "garden", "SPRING"], "platforms": ["x"]}
    made = ada.post("/hashtag-sets", body).json()["data"]
    assert (made["name"], made["hashtags"]) == ("Garden", ["Spring", "garden"])
    assert made["platforms"] == ["x"]
    key = made["id"]
    assert ada.get(f"/hashtag-sets/{key}").json()["data"] == made
    assert ada.get("/hashtag-sets").json()["data"] == {"hashtag_sets": [made]}

    changed = ada.patch(f"/hashtag-sets/{key}", {"platforms": None}).json()["data"]
    assert changed["platforms"] is None
    assert changed["hashtags"] == ["Spring", "garden"]

    assert ada.delete(f"/hashtag-sets/{key}").json()["data"] == {"id": key, "deleted": True}
    refused(ada.get(f"/hashtag-sets/{key}"), 404, "not_found")


def test_sets_are_listed_by_name(ada):
    for name in ("b", "a", "c"):
        make_set(ada, name)

    rows = ada.get("/hashtag-sets").json()["data"]["hashtag_sets"]
    assert [row["name"] for row in rows] == ["a", "b", "c"]


def test_a_set_that_makes_no_sense_is_refused(ada):
    for fields, field in (
        ({"name": " "}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"hashtags": []}, "hashtags"),
        ({"hashtags": ["2030"]}, "hashtags"),
        ({"hashtags": ["two words"]}, "hashtags"),
        ({"hashtags": [1]}, "hashtags"),
        ({"hashtags": [f"a{number}" for number in range(31)]}, "hashtags"),
        ({"platforms": []}, "platforms"),
        ({"platforms": ["myspace"]}, "platforms"),
        ({"platforms": "x"}, "platforms"),
    ):
        with apart(fields, field):
            body = {"name": "Garden", "hashtags": ["spring"], **fields}

            error = refused(ada.post("/hashtag-sets", body), 400, "validation_error")

            assert field in str(error)
            assert HashtagSet.objects.count() == 0


def test_another_name_for_a_network_does(ada):
    body = {"name": "a", "hashtags": ["b"], "platforms": ["twitter", "x"]}

    assert ada.post("/hashtag-sets", body).json()["data"]["platforms"] == ["x"]


def test_a_name_is_taken_once_in_a_workspace(ada, cy):
    key = make_set(ada, "Garden")
    other = make_set(ada, "House")

    refused(ada.post("/hashtag-sets", {"name": "Garden", "hashtags": ["a"]}), 409, "conflict")
    refused(ada.patch(f"/hashtag-sets/{other}", {"name": "Garden"}), 409, "conflict")
    assert ada.patch(f"/hashtag-sets/{key}", {"name": "Garden"}).status_code == 200
    make_set(cy, "Garden")


def test_a_workspace_has_as_many_sets_as_the_setting_says(ada, cy, settings):
    settings.HASHTAG_SET_LIMIT = 1
    make_set(ada, "a")

    response = ada.post("/hashtag-sets", {"name": "b", "hashtags": ["b"]})

    assert refused(response, 409, "conflict")["details"]["limit"] == 1
    make_set(cy, "b")


def test_an_empty_change_is_refused(ada):
    refused(ada.patch(f"/hashtag-sets/{make_set(ada)}", {}), 400, "validation_error")


def test_posts_name_no_sets_of_others(ada, cy):
    key = make_set(ada)
    account = make_account(cy.workspace, "x")
    body = {"content": "Hi", "account_ids": [account.pk], "hashtag_set_ids": [key]}
    refused(cy.post("/posts", body), 400, "validation_error")


def test_an_unknown_set_is_named(ada):
    account, key = make_account(ada.workspace, "x"), str(uuid.uuid4())
    body = {"content": "Hi", "account_ids": [account.pk], "hashtag_set_ids": [key]}

    assert key in refused(ada.post("/posts", body), 400, "validation_error")["message"]
