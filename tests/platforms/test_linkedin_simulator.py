"""LinkedIn's simulator refuses what LinkedIn refuses."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.driver import Drive, image
from tests.platforms.linkedin import PART_BYTES, PDF, connect, film_bytes, post_body, public, rest


@pytest.fixture(autouse=True)
def _quick(simulator: Simulator) -> None:
    simulator.set("linkedin", "processing_seconds", 0)


@pytest.fixture
def page(simulator: Simulator) -> Drive:
    return connect(simulator, "organization")


def post(simulator: Simulator, drive: Drive, headers: Any = None, **changes: Any) -> Any:
    body = post_body(drive, **changes)
    return rest(simulator, drive, "POST", "/rest/posts", json=body, headers=headers or {})


def begin(simulator: Simulator, drive: Drive, collection: str, **facts: Any) -> Any:
    asked = {"owner": drive.account.extra["author"], **facts}
    params = {"action": "initializeUpload"}
    body = {"initializeUploadRequest": asked}
    path = f"/rest/{collection}"
    return rest(simulator, drive, "POST", path, params=params, json=body)


def begin_film(simulator: Simulator, drive: Drive, size: int = PART_BYTES + 10) -> Any:
    flags = {"uploadCaptions": False, "uploadThumbnail": False}
    return begin(simulator, drive, "videos", fileSizeBytes=size, **flags)


def put(simulator: Simulator, drive: Drive, url: str, content: bytes, **headers: str) -> Any:
    bearer = {"Authorization": f"Bearer {drive.account.token}", "Content-Type": "image/png"}
    return simulator.http.put(url, content=content, headers={**bearer, **headers})


def uploaded(
    simulator: Simulator, drive: Drive, kind: str = "image", content: bytes | None = None
) -> str:
    value = begin(simulator, drive, f"{kind}s").json()["value"]
    put(simulator, drive, value["uploadUrl"], image() if content is None else content)
    return value[kind]


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
    "films in a row": (
        {"content": {"multiImage": {"images": [{"id": "urn:li:video:1"}] * 2}}},
        400,
        "INVALID_URN_TYPE",
    ),
    "untitled document": (
        {"content": {"media": {"id": "urn:li:document:1"}}},
        400,
        "MISSING_FIELD",
    ),
    "long alt text": (
        {"content": {"media": {"id": "urn:li:image:1", "altText": "x" * 4087}}},
        400,
        "FIELD_LENGTH_TOO_LONG",
    ),
    "alt text of a film": (
        {"content": {"media": {"id": "urn:li:video:1", "altText": "x"}}},
        400,
        "INVALID_VALUE_FOR_FIELD",
    ),
    "media nobody has": ({"content": {"media": {"id": "urn:li:image:1"}}}, 403, ""),
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


@pytest.mark.parametrize("name", CONTENT)
def test_a_post_that_is_not_as_documented_is_refused(simulator: Simulator, page: Drive, name: str):
    changes, status, code = CONTENT[name]
    answer = post(simulator, page, **changes)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    assert public(simulator, page) == []


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
    simulator: Simulator, page: Drive, headers: dict[str, str], status: int, code: str, call: str
):
    method, path = {"post": ("POST", "/rest/posts"), "find": ("GET", "/rest/posts")}.get(
        call, ("POST", "/rest/images")
    )
    answer = rest(simulator, page, method, path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_version_can_be_retired_while_it_is_used(simulator: Simulator, page: Drive):
    assert post(simulator, page).status_code == 201
    simulator.set("linkedin", "retired_versions", ["202608"])
    assert post(simulator, page, commentary="Again").status_code == 426


@pytest.mark.parametrize(("who", "words"), [("member", "MEMBER DAY"), ("app", "APPLICATION DAY")])
def test_a_days_calls_are_counted_until_midnight(
    simulator: Simulator, page: Drive, who: str, words: str
):
    simulator.set("linkedin", f"{who}_day_calls", 1)
    assert post(simulator, page).status_code == 201
    refusal = post(simulator, page, commentary="Again")
    assert (refusal.status_code, words in refusal.json()["message"]) == (429, True)
    assert "retry-after" not in refusal.headers
    simulator.advance(24 * 3600)
    assert post(simulator, page, commentary="Again").status_code == 201


def test_a_scope_that_was_not_granted_is_missing(simulator: Simulator):
    reader = connect(simulator, "organization", scopes=["r_organization_social"])
    assert post(simulator, reader).json()["code"] == "ACCESS_DENIED"
    writer = connect(simulator, "person", scopes=["w_member_social"])
    assert post(simulator, writer).status_code == 201
    author = writer.account.extra["author"]
    params = {"author": author, "q": "author"}
    finder = {"X-RestLi-Method": "FINDER"}
    found = rest(simulator, writer, "GET", "/rest/posts", params=params, headers=finder)
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
def test_a_finder_that_is_not_as_documented_is_refused(
    simulator: Simulator, page: Drive, change: dict[str, str], params: dict[str, str]
):
    params = {"author": page.account.extra["author"], "q": "author", **params}
    headers = {"X-RestLi-Method": "FINDER", **change}
    found = rest(simulator, page, "GET", "/rest/posts", params=params, headers=headers)
    assert found.status_code == 400


# Files


def test_a_file_is_owned_by_the_author_it_was_begun_for(simulator: Simulator, page: Drive):
    other = connect(simulator, "organization")
    urn = uploaded(simulator, other)
    assert post(simulator, page, content={"media": {"id": urn}}).status_code == 403
    assert rest(simulator, page, "GET", f"/rest/images/{urn}").status_code == 403
    assert post(simulator, other, content={"media": {"id": urn}}).status_code == 201


@pytest.mark.parametrize(
    ("kind", "readable"), [("image", False), ("document", False), ("video", True)]
)
def test_a_member_may_read_the_state_of_a_video_only(
    simulator: Simulator, kind: str, readable: bool
):
    member = connect(simulator, "person")
    if kind == "video":
        urn = begin_film(simulator, member).json()["value"]["video"]
    else:
        urn = begin(simulator, member, f"{kind}s").json()["value"][kind]
    looked = rest(simulator, member, "GET", f"/rest/{kind}s/{urn}")
    assert looked.status_code == (200 if readable else 403)


def test_a_file_is_waited_for_then_processed_then_there(simulator: Simulator, page: Drive):
    simulator.set("linkedin", "processing_seconds", 60)
    value = begin(simulator, page, "images").json()["value"]
    path = f"/rest/images/{value['image']}"
    states = [rest(simulator, page, "GET", path).json()["status"]]
    put(simulator, page, value["uploadUrl"], image())
    states.append(rest(simulator, page, "GET", path).json()["status"])
    waiting = post(simulator, page, content={"media": {"id": value["image"]}})
    assert waiting.json()["code"] == "MEDIA_ASSET_WAITING_UPLOAD"
    simulator.advance(61)
    states.append(rest(simulator, page, "GET", path).json()["status"])
    assert states == ["WAITING_UPLOAD", "PROCESSING", "AVAILABLE"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [("image", b"GIF?"), ("image", image(format="BMP")), ("document", b"%PNG")],
)
def test_a_file_that_is_something_else_cannot_be_posted(
    simulator: Simulator, page: Drive, kind: str, content: bytes
):
    urn = uploaded(simulator, page, kind, content)
    answer = post(simulator, page, content={"media": {"id": urn, "title": "x"}})
    assert answer.json()["code"] == "MEDIA_ASSET_PROCESSING_FAILED"


def test_an_address_takes_one_file_of_its_owner_for_its_time(simulator: Simulator, page: Drive):
    url = begin(simulator, page, "documents").json()["value"]["uploadUrl"]
    stranger = connect(simulator, "organization")
    assert put(simulator, stranger, url, PDF).status_code == 403
    assert put(simulator, page, url, PDF, Authorization="").status_code == 401
    assert put(simulator, page, url, PDF).status_code == 201
    assert put(simulator, page, url, PDF).json()["code"] == "UPDATING_ASSET_FAILED"
    late = begin(simulator, page, "documents").json()["value"]["uploadUrl"]
    simulator.advance(24 * 3600 + 1)
    assert put(simulator, page, late, PDF).json()["code"] == "EXPIRED_UPLOAD_URL"


@pytest.mark.parametrize(
    ("collection", "facts", "code"),
    [
        ("images", {"owner": "urn:li:person:1"}, "ACCESS_DENIED"),
        ("images", {"size": 1}, "INVALID_VALUE_FOR_FIELD"),
        ("videos", {}, "MISSING_FIELD"),
    ],
)
def test_an_upload_that_is_not_as_documented_is_not_begun(
    simulator: Simulator, page: Drive, collection: str, facts: dict[str, Any], code: str
):
    assert begin(simulator, page, collection, **facts).json()["code"] == code


@pytest.mark.parametrize("size", [75 * 1024 - 1, 5 * 1024**3 + 1, "9"])
def test_a_video_has_a_size_that_linkedin_takes(simulator: Simulator, page: Drive, size: Any):
    assert begin_film(simulator, page, size).status_code == 400


def finalize(simulator: Simulator, drive: Drive, value: dict[str, Any], etags: list[str]) -> Any:
    facts = {"video": value["video"], "uploadToken": value["uploadToken"]}
    body = {"finalizeUploadRequest": {**facts, "uploadedPartIds": etags}}
    params = {"action": "finalizeUpload"}
    return rest(simulator, drive, "POST", "/rest/videos", params=params, json=body)


SPOILED: dict[str, Callable[[dict[str, Any], list[str]], Any]] = {
    "order": lambda value, etags: etags.reverse(),
    "gap": lambda value, etags: etags.pop(),
    "quotes": lambda value, etags: etags.append(f'"{etags.pop()}"'),
    "token": lambda value, etags: value.update(uploadToken="x"),
}


@pytest.mark.parametrize("how", [*SPOILED, "short part", "nothing wrong"])
def test_a_video_is_put_together_once_from_its_parts_in_order(
    simulator: Simulator, page: Drive, how: str
):
    content = film_bytes(PART_BYTES + 10)
    value = begin_film(simulator, page).json()["value"]
    spans = [(p["firstByte"], p["lastByte"]) for p in value["uploadInstructions"]]
    assert spans == [(0, PART_BYTES - 1), (PART_BYTES, PART_BYTES + 9)]
    etags = []
    for part in value["uploadInstructions"]:
        piece = content[part["firstByte"] : part["lastByte"] + (how != "short part")]
        answer = simulator.http.put(part["uploadUrl"], content=piece)
        etags.append(answer.headers["etag"].strip('"'))
    if how in SPOILED:
        SPOILED[how](value, etags)
    answer = finalize(simulator, page, value, etags)
    assert answer.status_code == (200 if how == "nothing wrong" else 400)
    assert finalize(simulator, page, value, etags).status_code == 400


# Posts that are there


def test_the_same_content_of_an_author_is_a_duplicate_for_a_time(simulator: Simulator, page: Drive):
    urn = post(simulator, page).headers["x-restli-id"].replace("%3A", ":")
    refusal = post(simulator, page)
    assert refusal.status_code == 422
    assert refusal.json()["message"].endswith(urn)
    simulator.set("linkedin", "duplicate_names", "older")
    assert not post(simulator, page).json()["message"].endswith(urn)
    simulator.set("linkedin", "duplicate_seconds", 0)
    assert post(simulator, page).status_code == 201


def test_a_post_can_be_read_changed_and_removed_by_its_author(simulator: Simulator, page: Drive):
    made = post(simulator, page)
    assert made.content == b""
    path = f"/rest/posts/{made.headers['x-restli-id']}"
    assert rest(simulator, page, "GET", path).json()["commentary"] == "Hello"
    change = {"patch": {"$set": {"commentary": "Changed"}}}
    update = {"X-RestLi-Method": "PARTIAL_UPDATE"}
    assert rest(simulator, page, "POST", path, json=change).status_code == 400
    changed = rest(simulator, page, "POST", path, json=change, headers=update)
    assert changed.status_code == 204
    assert public(simulator, page)[0]["text"] == "Changed"
    stranger = connect(simulator, "organization")
    assert rest(simulator, stranger, "GET", path).status_code == 403
    assert rest(simulator, stranger, "DELETE", path).status_code == 403
    assert [rest(simulator, page, "DELETE", path).status_code for _ in range(2)] == [204, 204]
    assert rest(simulator, page, "GET", path).status_code == 404
    assert public(simulator, page) == []


@pytest.mark.parametrize("content", [b"{", b"[]"])
def test_a_body_that_is_no_object_is_refused(simulator: Simulator, page: Drive, content: bytes):
    kind = {"Content-Type": "application/json"}
    answer = rest(simulator, page, "POST", "/rest/posts", content=content, headers=kind)
    assert answer.json()["code"] == "INVALID_VALUE_FOR_FIELD"
    other = rest(simulator, page, "POST", "/rest/posts", data={"author": "x"})
    assert other.status_code == 415


def test_every_answer_can_be_traced(simulator: Simulator, page: Drive):
    assert post(simulator, page).headers["x-li-uuid"]
