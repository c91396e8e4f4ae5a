"""The simulator is as strict as TikTok."""

from typing import Any

import pytest

from tests.conftest import Simulator
from tests.platforms.driver import image, media
from tests.platforms.tiktok.caller import (
    API,
    INBOX,
    INBOX_INIT,
    PHOTO_INIT,
    PHOTOS,
    VIDEO,
    VIDEO_INIT,
    Caller,
    changed,
)
from tests.platforms.tiktok.steps import CLIP


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return Caller(simulator)


#: A place in an init, and what TikTok does not take there; None: if it is missing.
WRONG_VIDEOS: list[tuple[tuple[str, ...], Any]] = [
    (("post_info", "privacy"), "SELF_ONLY"),
    (("post_info", "auto_add_music"), True),
    (("post_info", "privacy_level"), None),
    (("post_info", "disable_duet"), "true"),
    (("post_info", "brand_content_toggle"), None),
    (("post_info", "title"), "😀" * 1101),
    (("post_info", "title"), 7),
    (("post_info", "is_aigc"), 1),
    (("post_info", "video_cover_timestamp_ms"), -1),
    (("post_info", "video_cover_timestamp_ms"), 1.5),
    (("post_mode",), "DIRECT_POST"),
    (("source_info",), None),
    (("source_info", "source"), "EMAIL"),
    (("source_info", "video_url"), "https://example.com"),
    (("source_info", "video_size"), "1000"),
    (("source_info", "video_size"), 4_000_000_001),
    (("source_info", "chunk_size"), 999),
    (("source_info", "total_chunk_count"), 2),
]


def test_an_undocumented_video_init_is_refused(caller: Caller):
    assert caller.code(VIDEO_INIT, VIDEO) == (200, "ok")
    for path, value in WRONG_VIDEOS:
        found = caller.code(VIDEO_INIT, changed(VIDEO, *path, to=value))
        assert (path, value, found) == (path, value, (400, "invalid_params"))


@pytest.mark.parametrize("ids", [[7], ["seven"], [], "7"])
def test_ids_of_videos_are_texts_of_digits(caller: Caller, ids: Any):
    def code(ids: Any) -> tuple[int, str]:
        return caller.code("video/query/", {"filters": {"video_ids": ids}}, fields="id")

    assert code(["7"]) == (200, "ok")
    assert code(ids) == (400, "invalid_params")


def test_the_sizes_of_chunks_are_checked(caller: Caller):
    for size, chunk, count, is_taken in (
        (64_000_000, 64_000_000, 1, True),
        (64_000_001, 64_000_001, 1, False),
        (80_000_005, 16_000_000, 5, True),
        (80_000_005, 16_000_000, 6, False),
        (20_000_000, 4_999_999, 4, False),
        (10_000_000, 5_000_000, 2, True),
        (200_000_000, 65_000_000, 3, False),
    ):
        source = {"video_size": size, "chunk_size": chunk, "total_chunk_count": count}
        body = changed(VIDEO, "source_info", to={"source": "FILE_UPLOAD", **source})
        expected = (200, "ok") if is_taken else (400, "invalid_params")
        assert (source, caller.code(VIDEO_INIT, body)) == (source, expected)


WRONG_PHOTOS: list[tuple[tuple[str, ...], Any]] = [
    (("post_info", "disable_duet"), True),
    (("post_info", "auto_add_music"), None),
    (("post_info", "title"), "a" * 91),
    (("post_info", "description"), "a" * 4001),
    (("post_info", "privacy_level"), None),
    (("media_type",), "VIDEO"),
    (("post_mode",), "LATER"),
    (("is_ai",), True),
    (("source_info", "source"), "FILE_UPLOAD"),
    (("source_info", "photo_cover_index"), None),
    (("source_info", "photo_cover_index"), 1),
    (("source_info", "photo_images"), []),
    (("source_info", "photo_images"), ["https://example.com/1.jpg"] * 36),
    (("source_info", "photo_images"), ["ftp://example.com/1.jpg"]),
    (("source_info", "photo_images"), ["http://example.com/1.jpg"]),
    (("source_info", "photo_images"), ["https://93.184.216.34/1.jpg"]),
]


def test_an_undocumented_photo_init_is_refused(caller: Caller, simulator: Simulator):
    for path, value in WRONG_PHOTOS:
        found = caller.code(PHOTO_INIT, changed(PHOTOS, *path, to=value))
        assert (path, value, found) == (path, value, (400, "invalid_params"))
    assert simulator.posts() == []


def test_branded_content_cannot_be_private(caller: Caller):
    paid = changed(VIDEO, "post_info", "brand_content_toggle", to=True)
    assert caller.code(VIDEO_INIT, paid) == (200, "ok")
    private = changed(paid, "post_info", "privacy_level", to="SELF_ONLY")
    assert caller.code(VIDEO_INIT, private) == (400, "invalid_params")


@pytest.mark.parametrize(
    ("verified", "url", "code"),
    [
        (None, "https://example.com/1.jpg", "url_ownership_unverified"),
        (["example.org"], "https://media.example.com/1.jpg", "url_ownership_unverified"),
        (["https://example.com/a/"], "https://example.com/b/1.jpg", "url_ownership_unverified"),
        ([], "", "invalid_params"),
        (["near"], "", "ok"),
    ],
)
def test_only_verified_urls_are_fetched(
    simulator: Simulator, caller: Caller, verified: list[str] | None, url: str, code: str
):
    near = PHOTOS["source_info"]["photo_images"][0][:-1]
    known = [near if prefix == "near" else prefix for prefix in verified or ()]
    simulator.set("tiktok", "verified", None if verified is None else known)
    body = changed(PHOTOS, "source_info", "photo_images", to=[url]) if url else PHOTOS
    assert caller.code(PHOTO_INIT, body)[1] == code


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (image(), "file_format_check_failed"),
        (CLIP, "file_format_check_failed"),
        (image(1921, 1080, "JPEG"), "picture_size_check_failed"),
        (image(1200, 1200, "WEBP"), "picture_size_check_failed"),
    ],
)
def test_a_fetched_photo_is_checked(
    simulator: Simulator, caller: Caller, content: bytes, reason: str
):
    simulator.set("tiktok", "processing_seconds", 0)
    url = media(content, content_type="image/jpeg").url
    body = changed(PHOTOS, "source_info", "photo_images", to=[url])
    publish_id = caller.post(PHOTO_INIT, body)[2]["publish_id"]
    told = caller.status(publish_id)
    assert (told["status"], told["fail_reason"]) == ("FAILED", reason)
    assert simulator.posts() == []


def test_a_fetched_video_is_checked(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "processing_seconds", 0)
    source = {"source": "PULL_FROM_URL", "video_url": media(b"not a video", "video").url}
    publish_id = caller.post(VIDEO_INIT, changed(VIDEO, "source_info", to=source))[2]["publish_id"]
    assert caller.status(publish_id)["fail_reason"] == "file_format_check_failed"


def test_a_status_goes_from_processing_to_a_post_id(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "processing_seconds", 60)
    simulator.set("tiktok", "listing_lag_seconds", 60)
    publish_id = caller.post(PHOTO_INIT, PHOTOS)[2]["publish_id"]
    told = caller.status(publish_id)
    assert (told["status"], told["downloaded_bytes"] > 0) == ("PROCESSING_DOWNLOAD", True)
    simulator.advance(61)
    told = caller.status(publish_id)
    assert (told["status"], told["publicaly_available_post_id"]) == ("PUBLISH_COMPLETE", [])
    simulator.advance(61)
    (post,) = simulator.posts()
    assert caller.status(publish_id)["publicaly_available_post_id"] == [int(post["id"])]
    assert len(post["id"]) == 19


def test_a_fetched_post_can_be_cancelled_until_it_is_public(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "processing_seconds", 60)
    publish_id = caller.post(PHOTO_INIT, PHOTOS)[2]["publish_id"]
    cancel = "post/publish/cancel/"
    assert caller.code(cancel, {"publish_id": publish_id}) == (200, "ok")
    assert caller.status(publish_id)["fail_reason"] == "publish_cancelled"
    assert simulator.posts() == []
    late = (400, "publish_not_cancellable")
    assert caller.code(cancel, {"publish_id": publish_id}) == late
    upload = caller.post(VIDEO_INIT, VIDEO)[2]["publish_id"]
    assert caller.code(cancel, {"publish_id": upload}) == late


def test_a_draft_goes_to_the_inbox_and_is_not_public(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "processing_seconds", 0)
    simulator.set("tiktok", "listing_lag_seconds", 0)
    body = changed(PHOTOS, "post_mode", to="MEDIA_UPLOAD")
    body["post_info"] = {"title": "Hi", "description": "There"}
    publish_id = caller.post(PHOTO_INIT, body)[2]["publish_id"]
    assert caller.status(publish_id)["status"] == "SEND_TO_USER_INBOX"
    assert simulator.posts() == []
    simulator.set("tiktok", "inbox_done", True)
    assert caller.status(publish_id)["status"] == "PUBLISH_COMPLETE"
    assert caller.code(INBOX_INIT, VIDEO) == (400, "invalid_params")
    assert caller.code(INBOX_INIT, INBOX) == (200, "ok")


@pytest.mark.parametrize(
    ("path", "body", "scope"),
    [
        ("post/publish/creator_info/query/", {}, "video.publish"),
        (VIDEO_INIT, VIDEO, "video.publish"),
        (PHOTO_INIT, PHOTOS, "video.publish"),
        (PHOTO_INIT, changed(PHOTOS, "post_mode", to="MEDIA_UPLOAD"), "video.upload"),
        (INBOX_INIT, INBOX, "video.upload"),
        ("video/list/?fields=id", {}, "video.list"),
    ],
)
def test_each_call_needs_its_scope(
    simulator: Simulator, path: str, body: dict[str, Any], scope: str
):
    assert Caller(simulator, scopes=[scope]).code(path, body) == (200, "ok")
    known = {"user.info.basic", "video.publish", "video.upload", "video.list"}
    others = Caller(simulator, scopes=sorted(known - {scope}))
    assert others.code(path, body) == (401, "scope_not_authorized")
    others.headers = {"Authorization": "Bearer act.unknown"}
    assert others.code(path, body) == (401, "access_token_invalid")


@pytest.mark.parametrize(
    ("fields", "scopes", "expected"),
    [
        ("open_id,union_id,display_name", ["user.info.basic"], (200, "ok")),
        ("open_id,username", ["user.info.basic"], (400, "scope_permission_missed")),
        ("open_id,username", ["user.info.basic", "user.info.profile"], (200, "ok")),
        ("open_id,shoe_size", ["user.info.basic"], (400, "invalid_params")),
        ("open_id", ["video.publish"], (401, "scope_not_authorized")),
    ],
)
def test_a_users_fields_need_their_scopes(
    simulator: Simulator, fields: str, scopes: list[str], expected: tuple[int, str]
):
    caller = Caller(simulator, scopes=scopes)
    answer = simulator.http.get(
        f"{API}/user/info/", params={"fields": fields}, headers=caller.headers
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == expected


def test_a_publish_id_belongs_to_its_account(simulator: Simulator, caller: Caller):
    publish_id = caller.post(VIDEO_INIT, VIDEO)[2]["publish_id"]
    other, path = Caller(simulator, "open-id-2"), "post/publish/status/fetch/"
    code = "token_not_authorized_for_specified_publish_id"
    assert other.code(path, {"publish_id": publish_id}) == (400, code)
    assert caller.code(path, {"publish_id": "v_pub_file~x"}) == (400, "invalid_publish_id")
    assert caller.code(path, {"id": publish_id}) == (400, "invalid_params")
    assert caller.code(path, ["x"]) == (400, "invalid_params")


def test_the_list_shows_public_posts_a_page_at_a_time(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "listing_lag_seconds", 0)
    private = changed(PHOTOS, "post_info", "privacy_level", to="SELF_ONLY")
    for text, body in (("One", PHOTOS), ("Two", private), ("Three", PHOTOS)):
        caller.post(PHOTO_INIT, changed(body, "post_info", "description", to=text))
        simulator.advance(1)
    _, code, page = caller.post("video/list/", {"max_count": 1}, fields="title,create_time")
    assert (code, page["has_more"], page["videos"][0]["title"]) == ("ok", True, "Three")
    body = {"max_count": 1, "cursor": page["cursor"]}
    _, _, page = caller.post("video/list/", body, fields="title")
    assert (page["videos"], page["has_more"]) == ([{"title": "One"}], False)
    for wrong in ({"max_count": 21}, {"page": 2}):
        assert caller.code("video/list/", wrong, fields="id") == (400, "invalid_params")
    assert caller.code("video/list/", {}, fields="likes") == (400, "invalid_params")
