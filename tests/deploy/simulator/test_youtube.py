"""The simulated YouTube is as strict as YouTube, and its limits can be reached."""

import json
from typing import Any

import pytest

from platforms.drafts import Credentials
from platforms.errors import OutcomeUnknown, RateLimited, Rejected, Unauthorized
from platforms.outcomes import Absent, Published
from platforms.youtube.adapter import YouTube
from tests.conftest import Simulator
from tests.platforms.driver import Drive, image, padded, video
from tests.platforms.youtube.steps import CHANNEL, MIB, make_draft, make_drive

CLIP = video()
HOST = "/www.googleapis.com"


def put(drive: Drive, content: bytes, span: str) -> Any:
    headers = {"Authorization": f"Bearer {drive.account.token}", "Content-Range": span}
    return drive.simulator.http.put(drive.checkpoint["session"], content=content, headers=headers)


@pytest.fixture
def begun(simulator: Simulator) -> Drive:
    """An empty session for 1 MiB."""
    drive = make_drive(simulator)
    simulator.fault("youtube", call="put_bytes", drop="before", times=1)
    drive.raises(OutcomeUnknown, make_draft(padded(CLIP, MIB)))
    return drive


def test_the_simulator_stores_only_at_the_exact_next_offset(simulator: Simulator, begun: Drive):
    piece = bytes(256 * 1024)
    gap = put(begun, piece, f"bytes 262144-524287/{MIB}")
    assert (gap.status_code, gap.headers.get("range")) == (400, None)
    taken = put(begun, piece, f"bytes 0-262143/{MIB}")
    assert (taken.status_code, taken.headers["range"]) == (308, "bytes=0-262143")
    again = put(begun, piece, f"bytes 0-262143/{MIB}")
    assert (again.status_code, again.headers["range"]) == (308, "bytes=0-262143")


@pytest.mark.parametrize(
    ("size", "span"),
    [
        (1000, f"bytes 0-999/{MIB}"),
        (262144, "bytes 0-262143/99999999"),
        (262144, f"bytes 0-524287/{MIB}"),
        (262144, f"bytes=0-262143/{MIB}"),
        (0, "bytes */5"),
    ],
)
def test_the_simulator_refuses_a_wrong_content_range(
    simulator: Simulator, begun: Drive, size: int, span: str
):
    assert put(begun, bytes(size), span).status_code == 400


def test_the_simulator_refuses_unknown_tokens_and_bad_metadata(simulator: Simulator, begun: Drive):
    other = simulator.connect("youtube", "UCother")
    headers = {"Authorization": f"Bearer {other}", "Content-Range": f"bytes */{MIB}"}
    assert simulator.http.put(begun.checkpoint["session"], headers=headers).status_code == 404
    readonly = ["https://www.googleapis.com/auth/youtube.readonly"]
    with pytest.raises(Unauthorized):
        make_drive(simulator, scopes=readonly).publish(make_draft(CLIP))
    drive = make_drive(simulator)
    refused = drive.raises(Rejected, make_draft(CLIP, title="x" * 101))
    assert refused.platform_code == "invalidTitle"


# Starting a session

HEADERS = {
    "Content-Type": "application/json; charset=UTF-8",
    "X-Upload-Content-Length": "1000",
    "X-Upload-Content-Type": "video/mp4",
}
QUERY = {"uploadType": "resumable", "part": "snippet,status"}
SNIPPET = {"title": "Hello"}


def start(
    simulator: Simulator,
    drive: Drive,
    *,
    host: str = HOST,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    snippet: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    **parts: Any,
) -> Any:
    body = {"snippet": {**SNIPPET, **(snippet or {})}, "status": status or {}, **parts}
    token = {"Authorization": f"Bearer {drive.account.token}"}
    return simulator.http.post(
        f"{host}/upload/youtube/v3/videos",
        params={**QUERY, **(query or {})},
        headers={**HEADERS, **token, **(headers or {})},
        content=json.dumps(body),
    )


def reason(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


@pytest.mark.parametrize("host", [HOST, "/youtube.googleapis.com"])
def test_a_session_begins_with_a_url_and_no_body(simulator: Simulator, host: str):
    answer = start(simulator, make_drive(simulator), host=host)
    assert (answer.status_code, answer.content) == (200, b"")
    assert "upload_id=" in answer.headers["location"]
    assert simulator.posts() == []


#: What is wrong with the start of a session → Google's reason.
WRONG_STARTS: list[tuple[dict[str, Any], str]] = [
    ({"query": {"uploadType": "media"}}, "badRequest"),
    ({"query": {"part": ""}}, "missingRequiredParameter"),
    ({"query": {"part": "status"}}, "unexpectedPart"),
    ({"query": {"part": "snippet,statistics"}}, "unknownPart"),
    ({"query": {"notifySubscribers": "no"}}, "invalidValue"),
    ({"query": {"notify": "true"}}, "invalidParameter"),
    ({"headers": {"Content-Type": "text/plain"}}, "badContent"),
    ({"headers": {"X-Upload-Content-Length": "0"}}, "mediaBodyRequired"),
    ({"headers": {"X-Upload-Content-Length": "274877906945"}}, "mediaBodyRequired"),
    ({"headers": {"X-Upload-Content-Type": "image/png"}}, "badContent"),
    ({"snippet": {"title": ""}}, "invalidTitle"),
    ({"snippet": {"title": "a>b"}}, "invalidTitle"),
    ({"snippet": {"description": "a<b"}}, "invalidDescription"),
    ({"snippet": {"description": "ä" * 2501}}, "invalidDescription"),
    ({"snippet": {"tags": ["a b"] * 84}}, "invalidTags"),
    ({"snippet": {"tags": "a"}}, "invalidTags"),
    ({"snippet": {"tags": ["<"]}}, "invalidTags"),
    ({"snippet": {"categoryId": 22}}, "invalidCategoryId"),
    ({"snippet": {"categoryId": "18"}}, "invalidCategoryId"),
    ({"snippet": {"defaultLanguage": "e n"}}, "invalidVideoMetadata"),
    ({"snippet": {"defaultLanguage": "klingon"}}, "invalidVideoMetadata"),
    ({"snippet": {"titel": "Hi"}}, "invalidVideoMetadata"),
    ({"status": {"privacyStatus": "friends"}}, "invalidVideoMetadata"),
    ({"status": {"license": "mine"}}, "invalidVideoMetadata"),
    ({"status": {"embeddable": "yes"}}, "invalidVideoMetadata"),
    ({"status": {"publishAt": "2030-01-01T00:00:00Z"}}, "invalidPublishAt"),
    ({"status": {"privacyStatus": "private", "publishAt": "soon"}}, "invalidPublishAt"),
    ({"madeForKids": True}, "invalidVideoMetadata"),
    ({"localizations": {"de": {"title": "Hallo"}}}, "defaultLanguageNotSet"),
]


def test_a_session_is_refused_for_what_is_wrong_with_its_start(simulator: Simulator):
    drive = make_drive(simulator)
    for wrong, word in WRONG_STARTS:
        assert (wrong, reason(start(simulator, drive, **wrong))) == (wrong, (400, word))


def test_a_part_that_is_sent_must_be_named(simulator: Simulator):
    drive = make_drive(simulator)
    begun = start(simulator, drive, query={"part": "snippet"}, status={"privacyStatus": "private"})
    assert reason(begun) == (400, "unexpectedPart")


def test_a_session_ends(simulator: Simulator, begun: Drive):
    simulator.advance(8 * 24 * 3600)
    assert put(begun, b"", f"bytes */{MIB}").status_code == 404


@pytest.mark.parametrize("status", [200, 201])
def test_the_last_byte_is_answered_by_200_or_201(simulator: Simulator, status: int):
    simulator.set("youtube", "final_status", status)
    assert isinstance(make_drive(simulator).publish(make_draft(CLIP)), Published)


# Limits of a day


def test_the_project_has_a_daily_limit_of_uploads(simulator: Simulator):
    simulator.set("youtube", "uploads_per_day", 2)
    drive = make_drive(simulator)
    for _ in range(2):
        drive.checkpoint = {}
        assert isinstance(drive.publish(make_draft(CLIP)), Published)
    drive.checkpoint = {}
    limited = drive.raises(RateLimited, make_draft(CLIP))
    assert (limited.code, limited.http_status) == ("app_quota_exhausted", 429)
    assert limited.retry_after_seconds is not None
    simulator.advance(limited.retry_after_seconds + 1)
    assert isinstance(drive.publish(make_draft(CLIP)), Published)


def test_a_channel_has_a_daily_limit_of_uploads(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.set("youtube", "channel_uploads_per_day", 1, account=CHANNEL)
    assert isinstance(drive.publish(make_draft(CLIP)), Published)
    drive.checkpoint = {}
    limited = drive.raises(RateLimited, make_draft(CLIP))
    assert (limited.code, limited.platform_code) == ("daily_limit_reached", "uploadLimitExceeded")


def test_the_project_has_a_daily_limit_of_units(simulator: Simulator):
    simulator.set("youtube", "units_per_day", 1)
    drive = make_drive(simulator)
    assert get(drive, "channels", part="id", mine="true").status_code == 200
    refused = get(drive, "channels", part="id", mine="true")
    assert reason(refused) == (403, "quotaExceeded")


# Reading


def make_other(simulator: Simulator) -> Drive:
    token = simulator.connect("youtube", "UCother")
    return Drive(YouTube(), Credentials("UCother", "other", token), simulator)


def get(drive: Drive, path: str, **params: str) -> Any:
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    return drive.simulator.http.get(f"{HOST}/youtube/v3/{path}", params=params, headers=headers)


@pytest.mark.parametrize(
    ("path", "params", "word"),
    [
        ("channels", {"part": "id"}, "missingRequiredParameter"),
        ("channels", {"mine": "true"}, "missingRequiredParameter"),
        ("channels", {"part": "everything", "mine": "true"}, "unknownPart"),
        ("channels", {"part": "id", "mine": "true", "channel": "x"}, "invalidParameter"),
        ("videos", {"part": "id"}, "missingRequiredParameter"),
        ("videos", {"part": "id", "id": ",".join("a" * 51)}, "invalidFilters"),
        ("playlistItems", {"part": "id", "playlistId": "UUother"}, "playlistNotFound"),
    ],
)
def test_a_read_is_refused_for(simulator: Simulator, path: str, params: dict[str, str], word: str):
    status = 404 if word == "playlistNotFound" else 400
    assert reason(get(make_drive(simulator), path, **params)) == (status, word)


def test_a_page_holds_fifty_at_most(simulator: Simulator):
    drive = make_drive(simulator)
    uploads = f"UU{drive.account.platform_account_id[2:]}"
    for size in ("51", "-1", "many"):
        answer = get(drive, "playlistItems", part="id", playlistId=uploads, maxResults=size)
        assert reason(answer) == (400, "invalidValue")


def test_the_categories_are_those_that_videos_may_have(simulator: Simulator):
    answer = get(make_drive(simulator), "videoCategories", part="snippet", regionCode="US")
    assert {"22", "28"} <= {item["id"] for item in answer.json()["items"]}


def test_file_details_are_for_the_owner_only(simulator: Simulator):
    drive = make_drive(simulator)
    video_id = drive.publish(make_draft(CLIP)).id
    other = make_other(simulator)
    seen = get(other, "videos", part="snippet", id=video_id).json()["items"]
    assert [item["id"] for item in seen] == [video_id]
    refused = get(other, "videos", part="fileDetails", id=video_id)
    assert reason(refused) == (403, "forbidden")


def test_only_the_owner_sees_a_private_video_until_its_time(simulator: Simulator):
    drive = make_drive(simulator)
    status = {"privacyStatus": "private", "publishAt": "2100-01-01T00:00:00Z"}
    begun = start(simulator, drive, status=status)
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    made = simulator.http.put(begun.headers["location"], content=bytes(1000), headers=headers)
    video_id = made.json()["id"]
    other = make_other(simulator)
    assert get(other, "videos", part="status", id=video_id).json()["items"] == []
    simulator.advance(80 * 365 * 24 * 3600)
    [shown] = get(other, "videos", part="status", id=video_id).json()["items"]
    assert shown["status"]["privacyStatus"] == "public"


def test_a_new_video_is_missing_from_the_list_for_a_while(simulator: Simulator):
    drive, draft = make_drive(simulator), make_draft(CLIP)
    simulator.set("youtube", "listing_lag_seconds", 600)
    simulator.fault("youtube", call="put_bytes", drop="after", times=1)
    drive.raises(OutcomeUnknown, draft)
    simulator.fault("youtube", call="ask_session", status=404)
    assert drive.find(draft) == Absent(proven=False)
    simulator.advance(601)
    assert isinstance(drive.find(draft), Published)


def test_processing_ends_on_the_networks_clock(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.set("youtube", "processing_seconds", 600)
    video_id = drive.publish(make_draft(CLIP)).id

    def standing() -> tuple[str, str]:
        parts = "status,processingDetails"
        [item] = get(drive, "videos", part=parts, id=video_id).json()["items"]
        return item["status"]["uploadStatus"], item["processingDetails"]["processingStatus"]

    assert standing() == ("uploaded", "processing")
    simulator.advance(601)
    assert standing() == ("processed", "succeeded")


def test_processing_a_file_that_is_not_a_video_fails(simulator: Simulator):
    drive = make_drive(simulator)
    simulator.set("youtube", "processing_seconds", 0)
    with pytest.raises(Rejected, match="type of file"):
        drive.publish(make_draft(b"nothing that moves" * 100))


# Thumbnails


@pytest.mark.parametrize(
    ("query", "content_type", "content", "expected"),
    [
        ({"uploadType": "resumable"}, "image/png", None, (400, "badRequest")),
        ({"videoId": "nothing"}, "image/png", None, (404, "videoNotFound")),
        ({"size": "big"}, "image/png", None, (400, "invalidParameter")),
        ({}, "image/gif", None, (400, "mediaBodyRequired")),
        ({}, "image/png", b"GIF89a", (400, "invalidImage")),
    ],
)
def test_a_thumbnail_is_refused_for(
    simulator: Simulator,
    query: dict[str, str],
    content_type: str,
    content: bytes | None,
    expected: tuple[int, str],
):
    drive = make_drive(simulator)
    video_id = drive.publish(make_draft(CLIP)).id
    answer = simulator.http.post(
        f"{HOST}/upload/youtube/v3/thumbnails/set",
        params={"videoId": video_id, "uploadType": "media", **query},
        headers={"Authorization": f"Bearer {drive.account.token}", "Content-Type": content_type},
        content=image() if content is None else content,
    )
    assert reason(answer) == expected
