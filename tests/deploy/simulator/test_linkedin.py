"""LinkedIn's simulator refuses what LinkedIn refuses."""

from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.driver import Drive
from tests.platforms.linkedin.steps import connect, post_body, rest


@pytest.fixture(autouse=True)
def _quick(simulator: Simulator) -> None:
    simulator.set("linkedin", "processing_seconds", 0)


@pytest.fixture
def page(simulator: Simulator) -> Drive:
    return connect(simulator, "organization")


def post(drive: Drive, headers: Any = None, **changes: Any) -> Any:
    body = post_body(drive, **changes)
    return rest(drive, "POST", "/rest/posts", json=body, headers=headers or {})


DISTRIBUTION = {"feedDistribution": "MAIN_FEED", "targetEntities": []}
CONTENT: dict[str, tuple[dict[str, Any], int, str]] = {
    "no author": ({"author": None}, 400, "MISSING_FIELD"),
    "no commentary": ({"commentary": None}, 400, "MISSING_FIELD"),
    "no visibility": ({"visibility": None}, 400, "MISSING_FIELD"),
    "no distribution": ({"distribution": None}, 400, "MISSING_FIELD"),
    "no lifecycle": ({"lifecycleState": None}, 400, "MISSING_FIELD"),
    "unknown key": ({"text": "Hi"}, 422, ""),
    "another author": ({"author": "urn:li:organization:1"}, 403, "ACCESS_DENIED"),
    "a draft": ({"lifecycleState": "DRAFT"}, 400, "INVALID_VALUE_FOR_FIELD"),
    "connections": ({"visibility": "CONNECTIONS"}, 400, "INVALID_VALUE_FOR_FIELD"),
    "no text": ({"commentary": 5}, 400, "INVALID_VALUE_FOR_FIELD"),
    "too long": ({"commentary": "x" * 3001}, 400, "FIELD_LENGTH_TOO_LONG"),
    "empty distribution": ({"distribution": {}}, 400, "MISSING_FIELD"),
    "odd flag": ({"isReshareDisabledByAuthor": "no"}, 400, "INVALID_VALUE_FOR_FIELD"),
    "channels as text": (
        {"distribution": {**DISTRIBUTION, "thirdPartyDistributionChannels": "TWITTER"}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "two kinds": (
        {"content": {"media": {"id": "urn:li:image:1"}, "poll": {}}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "no kind": ({"content": {}}, 400, "INVALID_VALUE_FOR_FIELD"),
    "one of many": (
        {"content": {"multiImage": {"images": [{"id": "urn:li:image:1"}]}}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "several videos": (
        {"content": {"multiImage": {"images": [{"id": "urn:li:video:1"}] * 2}}},
        400,
        "INVALID_URN_TYPE",
    ),
    "untitled document": (
        {"content": {"media": {"id": "urn:li:document:1"}}},
        400,
        "MISSING_FIELD",
    ),
    "blank alt text": (
        {"content": {"media": {"id": "urn:li:image:1", "altText": ""}}},
        400,
        "INVALID_VALUE_BLANK_FIELD",
    ),
    "long alt text": (
        {"content": {"media": {"id": "urn:li:image:1", "altText": "x" * 4087}}},
        400,
        "FIELD_LENGTH_TOO_LONG",
    ),
    "alt text of a video": (
        {"content": {"media": {"id": "urn:li:video:1", "altText": "x"}}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "unknown media": ({"content": {"media": {"id": "urn:li:image:1"}}}, 403, ""),
    "untitled link": (
        {"content": {"article": {"source": "https://example.com"}}},
        400,
        "MISSING_FIELD",
    ),
    "no link": (
        {"content": {"article": {"source": "example", "title": "x"}}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "odd poll": (
        {
            "content": {
                "poll": {
                    "question": "Which?",
                    "options": [{"text": "x" * 31}, {"text": "y"}],
                    "settings": {"duration": "ONE_DAY"},
                }
            }
        },
        400,
        "FIELD_LENGTH_TOO_LONG",
    ),
    "eternal poll": (
        {
            "content": {
                "poll": {
                    "question": "Which?",
                    "options": [{"text": "x"}, {"text": "y"}],
                    "settings": {"duration": "FOR_EVER"},
                }
            }
        },
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
}


def test_an_undocumented_post_is_refused(page: Drive):
    for name, (changes, status, code) in CONTENT.items():
        answer = post(page, **changes)
        found = (answer.status_code, answer.json().get("code", ""))
        assert (name, found) == (name, (status, code))
    assert page.public() == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"LinkedIn-Version": ""}, 400, "VERSION_MISSING"),
        ({"LinkedIn-Version": "202511"}, 426, "NONEXISTENT_VERSION"),
        ({"X-Restli-Protocol-Version": ""}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"Authorization": ""}, 401, "EMPTY_ACCESS_TOKEN"),
        ({"Authorization": "Bearer wrong"}, 401, "INVALID_ACCESS_TOKEN"),
    ],
)
@pytest.mark.parametrize("call", ["post", "find", "begin"])
def test_a_call_without_its_headers_is_refused(
    page: Drive, headers: dict[str, str], status: int, code: str, call: str
):
    method, path = {"post": ("POST", "/rest/posts"), "find": ("GET", "/rest/posts")}.get(
        call, ("POST", "/rest/images")
    )
    answer = rest(page, method, path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_version_can_be_retired_while_it_is_used(page: Drive):
    assert post(page).status_code == 201
    page.simulator.set("linkedin", "retired_versions", ["202608"])
    assert post(page, commentary="Again").status_code == 426


@pytest.mark.parametrize(("who", "words"), [("member", "MEMBER DAY"), ("app", "APPLICATION DAY")])
def test_daily_calls_are_counted_until_midnight(page: Drive, who: str, words: str):
    page.simulator.set("linkedin", f"{who}_day_calls", 1)
    assert post(page).status_code == 201
    refusal = post(page, commentary="Again")
    assert (refusal.status_code, words in refusal.json()["message"]) == (429, True)
    assert "retry-after" not in refusal.headers
    page.simulator.advance(24 * 3600)
    assert post(page, commentary="Again").status_code == 201


def test_a_call_without_its_scope_is_refused(simulator: Simulator):
    reader = connect(simulator, "organization", scopes=["r_organization_social"])
    assert post(reader).json()["code"] == "ACCESS_DENIED"
    writer = connect(simulator, "person", scopes=["w_member_social"])
    assert post(writer).status_code == 201
    author = writer.account.extra["author"]
    params = {"author": author, "q": "author"}
    finder = {"X-RestLi-Method": "FINDER"}
    found = rest(writer, "GET", "/rest/posts", params=params, headers=finder)
    assert found.json()["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("change", "params"),
    [
        ({"X-RestLi-Method": ""}, {}),
        ({}, {"count": "101"}),
        ({}, {"q": "name"}),
        ({}, {"sortBy": "LIKES"}),
    ],
)
def test_an_undocumented_finder_is_refused(
    page: Drive, change: dict[str, str], params: dict[str, str]
):
    params = {"author": page.account.extra["author"], "q": "author", **params}
    headers = {"X-RestLi-Method": "FINDER", **change}
    found = rest(page, "GET", "/rest/posts", params=params, headers=headers)
    assert found.status_code == 400


# Posts that are there


def test_the_same_content_of_an_author_is_a_duplicate_for_a_time(page: Drive):
    urn = post(page).headers["x-restli-id"].replace("%3A", ":")
    refusal = post(page)
    assert refusal.status_code == 422
    assert refusal.json()["message"].endswith(urn)
    page.simulator.set("linkedin", "duplicate_names", "older")
    assert not post(page).json()["message"].endswith(urn)
    page.simulator.set("linkedin", "duplicate_seconds", 0)
    assert post(page).status_code == 201


def test_a_post_can_be_read_changed_and_removed_by_its_author(page: Drive):
    made = post(page)
    assert made.content == b""
    path = f"/rest/posts/{made.headers['x-restli-id']}"
    assert rest(page, "GET", path).json()["commentary"] == "Hello"
    change = {"patch": {"$set": {"commentary": "Changed"}}}
    update = {"X-RestLi-Method": "PARTIAL_UPDATE"}
    assert rest(page, "POST", path, json=change).status_code == 400
    changed = rest(page, "POST", path, json=change, headers=update)
    assert changed.status_code == 204
    assert page.public()[0]["text"] == "Changed"
    other = connect(page.simulator, "organization")
    assert rest(other, "GET", path).status_code == 403
    assert rest(other, "DELETE", path).status_code == 403
    assert [rest(page, "DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert rest(page, "GET", path).status_code == 404
    assert page.public() == []


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_a_body_that_is_not_an_object_is_refused(page: Drive, content: bytes):
    kind = {"Content-Type": "application/json"}
    answer = rest(page, "POST", "/rest/posts", content=content, headers=kind)
    assert answer.json()["code"] == "INVALID_VALUE_FOR_FIELD"
    other = rest(page, "POST", "/rest/posts", data={"author": "x"})
    assert other.status_code == 415


def test_every_answer_has_a_request_id(page: Drive):
    assert post(page).headers["x-li-uuid"]


@pytest.mark.parametrize("name", ["urn:li:share:1", "1", "urn%3Ali%3Ashare%3A1x", "x%3Ay"])
def test_a_path_holds_an_encoded_urn(page: Drive, name: str):
    for method in ("GET", "DELETE"):
        assert rest(page, method, f"/rest/posts/{name}").status_code == 400
    assert rest(page, "DELETE", "/rest/posts/urn%3Ali%3Ashare%3A1").status_code == 204


@pytest.mark.parametrize(
    ("posts", "status"),
    [
        ("shares=List(urn%3Ali%3Ashare%3A1)", 200),
        ("shares[0]=urn%3Ali%3Ashare%3A1", 400),
        ("shares=urn%3Ali%3Ashare%3A1", 400),
        ("ugcPosts=List(urn%3Ali%3Ashare%3A1)", 400),
        ("share=List(urn%3Ali%3Ashare%3A1)", 400),
    ],
)
def test_statistics_are_of_a_list_of_posts_of_one_type(page: Drive, posts: str, status: int):
    urn = page.account.extra["author"].replace(":", "%3A")
    query = f"q=organizationalEntity&organizationalEntity={urn}&{posts}"
    found = rest(page, "GET", f"/rest/organizationalEntityShareStatistics?{query}")
    assert found.status_code == status
