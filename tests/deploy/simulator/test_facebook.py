"""The simulated Facebook refuses what Facebook refuses."""

import json
import time
from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.driver import image
from tests.platforms.facebook.caller import API, OTHER, PAGE, Caller, code, page_caller


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return page_caller(simulator)


def test_a_dead_version_is_refused(caller: Caller):
    answer = caller.ask("GET", "/graph.facebook.com/v20.0/me")
    assert (answer.status_code, code(answer.json())) == (400, (2500, None))


REFUSED = [
    ({}, (197, None)),
    ({"message": ""}, (197, None)),
    ({"message": "x" * 63207}, (100, None)),
    ({"message": "Hello", "mesage": "typo"}, (100, None)),
    ({"link": "example.com"}, (1500, None)),
    ({"message": "Later", "scheduled_publish_time": 1}, (100, None)),
    ({"message": "Soon", "published": False, "scheduled_publish_time": "soon"}, (100, None)),
    ({"message": "Hello", "published": "maybe"}, (100, None)),
    ({"message": "Hello", "appsecret_proof": "0" * 64}, (100, None)),
    ({"attached_media": "nonsense"}, (100, None)),
    ({"attached_media": [{"media_fbid": "1"}]}, (100, None)),
]


@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_an_invalid_post_is_refused(
    caller: Caller, body: dict[str, Any], said: tuple[int, int | None]
):
    assert code(caller.post(f"{PAGE}/feed", json=body)) == said
    assert caller.public() == []


def test_a_post_has_no_views_and_its_insights_no_other_period(caller: Caller):
    post_id = caller.post(f"{PAGE}/feed", json={"message": "Hello"})["id"]
    assert "id" in caller.get(post_id, fields="shares")
    assert code(caller.get(post_id, fields="views")) == (100, None)
    asked = {"metric": "post_clicks", "period": "lifetime"}
    assert "data" in caller.get(f"{post_id}/insights", **asked)
    assert code(caller.get(f"{post_id}/insights", **asked | {"period": "ever"})) == (100, None)


def test_a_change_changes_something(caller: Caller):
    post_id = caller.post(f"{PAGE}/feed", json={"message": "Hello"})["id"]
    assert code(caller.post(post_id, json={})) == (100, None)


def test_a_schedule_between_ten_minutes_and_thirty_days_is_accepted(caller: Caller):
    body = {"message": "Later", "published": False}
    for ahead, fits in ((500, False), (700, True), (29 * 86400, True), (31 * 86400, False)):
        when = int(time.time()) + ahead
        answer = caller.post(f"{PAGE}/feed", json={**body, "scheduled_publish_time": when})
        assert ("id" in answer) is fits
    assert caller.public() == []


def test_a_list_shows_the_fields_of_its_posts(caller: Caller):
    photos = [caller.photo(), caller.photo()]
    body = {"attached_media": [{"media_fbid": photo} for photo in photos]}
    caller.post(f"{PAGE}/feed", json=body)
    caller.post(f"{PAGE}/feed", json={"link": "https://example.com/a"})
    fields = "id,attachments{media_type,target{id},subattachments{target{id}}},from"
    link, album = caller.get(f"{PAGE}/published_posts", fields=fields)["data"]
    assert link["attachments"]["data"][0]["url"] == "https://example.com/a"
    assert link["from"]["id"] == PAGE
    parts = album["attachments"]["data"][0]["subattachments"]["data"]
    assert [part["target"]["id"] for part in parts] == photos
    assert code(caller.get(f"{PAGE}/published_posts", fields="idd")) == (100, None)


@pytest.mark.parametrize("as_keys", [True, False])
def test_photos_are_attached_by_a_list_or_by_form_keys(caller: Caller, as_keys: bool):
    first, second = caller.photo(), caller.photo()
    entries = [json.dumps({"media_fbid": photo}) for photo in (first, second)]
    if as_keys:
        form = {f"attached_media[{number}]": entry for number, entry in enumerate(entries)}
        made = caller.post(f"{PAGE}/feed", data=form)
    else:
        made = caller.post(f"{PAGE}/feed", data={"attached_media": f"[{','.join(entries)}]"})
    (post,) = caller.public()
    assert (post["id"], len(post["media"])) == (made["id"], 2)


def test_a_photo_can_be_used_in_one_post_only(caller: Caller):
    photo = caller.photo()
    body = {"message": "Photo", "attached_media": [{"media_fbid": photo}]}
    assert "id" in caller.post(f"{PAGE}/feed", json=body)
    assert code(caller.post(f"{PAGE}/feed", json=body)) == (100, 1366051)
    assert code(caller.post(f"{PAGE}/photo_stories", json={"photo_id": photo})) == (100, 1366051)


def test_another_pages_photo_cannot_be_attached(caller: Caller, simulator: Simulator):
    other = Caller(simulator, simulator.connect("facebook", OTHER))
    body = {"attached_media": [{"media_fbid": caller.photo()}]}
    assert code(other.post(f"{OTHER}/feed", json=body)) == (100, None)
    assert code(other.post(f"{PAGE}/feed", json={"message": "Mine now"})) == (200, None)


@pytest.mark.parametrize("data", [b"no image", image(format="WEBP"), image() + bytes(4 << 20)])
def test_a_file_whose_bytes_are_not_a_photo_is_refused(caller: Caller, data: bytes):
    files = {"source": ("a.png", data, "image/png")}
    assert code(caller.post(f"{PAGE}/photos", files=files)) == (324, 2069019)


def test_a_single_photo_is_published_with_its_caption(caller: Caller):
    files = {"source": ("a.png", image(), "image/png")}
    made = caller.post(f"{PAGE}/photos", data={"caption": "Look"}, files=files)
    (post,) = caller.public()
    assert (post["id"], post["text"]) == (made["post_id"], "Look")


def test_an_unpublished_post_is_not_listed_and_publishing_it_twice_changes_nothing(caller: Caller):
    made = caller.post(f"{PAGE}/feed", json={"message": "Hello", "published": False})["id"]
    assert caller.get(f"{PAGE}/published_posts", fields="id")["data"] == []
    for _ in range(2):
        assert caller.post(made, json={"is_published": True}) == {"success": True}
    assert len(caller.public()) == 1
    listed = caller.get(f"{PAGE}/published_posts", fields="id,message")["data"]
    assert listed == [{"id": made, "message": "Hello"}]


def test_lists_lag_as_configured(caller: Caller, simulator: Simulator):
    simulator.set("facebook", "listing_lag_seconds", 600)
    caller.post(f"{PAGE}/feed", json={"message": "Hello"})
    assert caller.get(f"{PAGE}/feed", fields="id")["data"] == []
    assert len(caller.public()) == 1


def test_the_same_message_again_is_a_duplicate(caller: Caller):
    caller.post(f"{PAGE}/feed", json={"message": "Hello"})
    assert code(caller.post(f"{PAGE}/feed", json={"message": "Hello"})) == (506, None)


def test_a_deleted_post_is_gone(caller: Caller):
    made = caller.post(f"{PAGE}/feed", json={"message": "Hello"})["id"]
    assert caller.ask("DELETE", made).json() == {"success": True}
    assert code(caller.get(made)) == (100, 33)
    assert caller.public() == []


@pytest.mark.parametrize("path", ["feed", "photos", "videos", "video_reels", "photo_stories"])
def test_publishing_needs_its_scope_and_the_page_task(
    caller: Caller, simulator: Simulator, path: str
):
    body = {"upload_phase": "start", "file_size": "1"} if path.startswith("video") else {}
    caller.token = simulator.connect("facebook", PAGE, extra={"scopes": ["pages_show_list"]})
    assert code(caller.post(f"{PAGE}/{path}", json=body)) == (200, None)
    caller.token = simulator.connect("facebook", PAGE, extra={"tasks": ["ANALYZE"]})
    assert code(caller.post(f"{PAGE}/{path}", json=body)) == (200, None)


def test_the_token_may_come_in_the_query_or_in_the_body(caller: Caller):
    http, body = caller.simulator.http, {"access_token": caller.token}
    url = f"{API}/{PAGE}/feed"
    assert "id" in http.post(url, params=body, json={"message": "One"}).json()
    assert "id" in http.post(url, data={**body, "message": "Two"}).json()
    assert "id" in http.post(url, json={**body, "message": "Three"}).json()
    assert code(http.post(url, json={"message": "Four"}).json()) == (190, None)


def test_a_quota_is_counted_reported_and_reset(caller: Caller, simulator: Simulator):
    simulator.set("facebook", "calls_per_hour", 2, account=PAGE)
    # The counters outlive a test, so an hour passes first.
    simulator.advance(3601)
    first = caller.ask("GET", PAGE)
    assert json.loads(first.headers["x-page-usage"])["call_count"] == 50
    assert PAGE in json.loads(first.headers["x-business-use-case-usage"])
    assert caller.ask("GET", PAGE).status_code == 200
    refused = caller.ask("GET", PAGE)
    assert code(refused.json()) == (80001, None)
    (usage,) = json.loads(refused.headers["x-business-use-case-usage"])["1"]
    assert 59 <= usage["estimated_time_to_regain_access"] <= 61
    simulator.advance(3601)
    assert caller.ask("GET", PAGE).status_code == 200


# Comments


def test_a_comment_on_a_public_post_is_listed(caller: Caller):
    made = caller.post(f"{PAGE}/feed", json={"message": "Hello"})["id"]
    said = caller.post(f"{made}/comments", json={"message": "Coo!"})
    listed = caller.get(f"{made}/comments", fields="id,message")
    assert listed["data"] == [{"id": said["id"], "message": "Coo!"}]


@pytest.mark.parametrize("message", ["", "x" * 8001, 7])
def test_an_invalid_comment_is_refused(caller: Caller, message: Any):
    made = caller.post(f"{PAGE}/feed", json={"message": "Hello"})["id"]
    assert code(caller.post(f"{made}/comments", json={"message": message})) == (100, None)


def test_an_unpublished_post_cannot_be_commented_on(caller: Caller):
    made = caller.post(f"{PAGE}/feed", json={"message": "Hello", "published": False})["id"]
    assert code(caller.post(f"{made}/comments", json={"message": "Coo!"})) == (100, 33)
    assert code(caller.get(f"{made}/comments")) == (100, 33)


# What a token is


def test_debug_token_needs_the_apps_own_token_and_inspects_only_its_tokens(
    caller: Caller, simulator: Simulator
):
    client_id, secret = simulator.app("facebook", "https://example.com/back")
    http, url = simulator.http, f"{API}/debug_token"
    own = {"input_token": caller.token, "access_token": f"{client_id}|{secret}"}
    assert code(http.get(url, params=own).json()) == (100, None)
    wrong = {**own, "access_token": f"{client_id}|wrong"}
    assert code(http.get(url, params=wrong).json()) == (190, None)


def test_an_app_gets_its_own_token(simulator: Simulator):
    client_id, secret = simulator.app("facebook", "https://example.com/back")
    form = {"client_id": client_id, "client_secret": secret, "grant_type": "client_credentials"}
    answer = simulator.http.post(f"{API}/oauth/access_token", data=form).json()
    assert answer == {"access_token": f"{client_id}|{secret}", "token_type": "bearer"}
