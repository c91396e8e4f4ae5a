"""The simulator is as strict as TikTok."""

from copy import deepcopy
from typing import Any

import pytest

from platforms.errors import OutcomeUnknown, Rejected
from tests.conftest import Simulator
from tests.platforms.driver import image, media
from tests.platforms.tiktok import FILM, OPEN_ID, make_draft, make_drive, make_photos

API = "/open.tiktokapis.com/v2"
SHARED = {
    "privacy_level": "PUBLIC_TO_EVERYONE",
    "disable_comment": True,
    "brand_content_toggle": False,
    "brand_organic_toggle": False,
}
VIDEO: dict[str, Any] = {
    "post_info": {**SHARED, "title": "Hi", "disable_duet": True, "disable_stitch": True},
    "source_info": {
        "source": "FILE_UPLOAD",
        "video_size": 1000,
        "chunk_size": 1000,
        "total_chunk_count": 1,
    },
}
PHOTOS: dict[str, Any] = {
    "media_type": "PHOTO",
    "post_mode": "DIRECT_POST",
    "post_info": {**SHARED, "description": "Hi", "auto_add_music": False},
    "source_info": {
        "source": "PULL_FROM_URL",
        "photo_cover_index": 0,
        "photo_images": [make_photos(1).media[0].url],
    },
}
INBOX = {"source_info": VIDEO["source_info"]}
VIDEO_INIT, PHOTO_INIT = "post/publish/video/init/", "post/publish/content/init/"
INBOX_INIT = "post/publish/inbox/video/init/"


class Caller:
    """Somebody with a token, without an adapter."""

    def __init__(self, simulator: Simulator, account: str = OPEN_ID, **extra: Any) -> None:
        self._http = simulator.http
        token = simulator.connect("tiktok", account, extra=extra)
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: Any = None, **query: str) -> tuple[int, str, dict[str, Any]]:
        url = f"{API}/{path}"
        answer = self._http.post(url, json=body, headers=self.headers, params=query or None)
        told = answer.json()
        assert told["error"]["log_id"]
        return answer.status_code, told["error"]["code"], told["data"]

    def code(self, path: str, body: Any = None, **query: str) -> tuple[int, str]:
        return self.post(path, body, **query)[:2]

    def creator_info(self) -> tuple[int, str]:
        return self.code("post/publish/creator_info/query/", {})

    def status(self, publish_id: str) -> dict[str, Any]:
        return self.post("post/publish/status/fetch/", {"publish_id": publish_id})[2]


@pytest.fixture
def caller(simulator: Simulator) -> Caller:
    return Caller(simulator)


def changed(body: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """The body with one value at a path; None takes it away."""
    new = deepcopy(body)
    inner = new
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    if to is None:
        del inner[path[-1]]
    return new


@pytest.mark.parametrize(
    ("path", "value"),
    [
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
    ],
)
def test_a_video_init_that_is_not_as_documented_is_refused(
    caller: Caller, path: tuple[str, ...], value: Any
):
    assert caller.code(VIDEO_INIT, VIDEO) == (200, "ok")
    assert caller.code(VIDEO_INIT, changed(VIDEO, *path, to=value)) == (400, "invalid_params")


@pytest.mark.parametrize(
    ("size", "chunk", "count", "is_taken"),
    [
        (64_000_000, 64_000_000, 1, True),
        (64_000_001, 64_000_001, 1, False),
        (80_000_005, 16_000_000, 5, True),
        (80_000_005, 16_000_000, 6, False),
        (20_000_000, 4_999_999, 4, False),
        (10_000_000, 5_000_000, 2, True),
        (200_000_000, 65_000_000, 3, False),
    ],
)
def test_a_plan_of_chunks_is_checked(
    caller: Caller, size: int, chunk: int, count: int, is_taken: bool
):
    source = {"video_size": size, "chunk_size": chunk, "total_chunk_count": count}
    body = changed(VIDEO, "source_info", to={"source": "FILE_UPLOAD", **source})
    expected = (200, "ok") if is_taken else (400, "invalid_params")
    assert caller.code(VIDEO_INIT, body) == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
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
    ],
)
def test_a_photo_init_that_is_not_as_documented_is_refused(
    caller: Caller, path: tuple[str, ...], value: Any, simulator: Simulator
):
    body = changed(PHOTOS, *path, to=value)
    assert caller.code(PHOTO_INIT, body) == (400, "invalid_params")
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
def test_only_verified_addresses_are_fetched(
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
        (FILM, "file_format_check_failed"),
        (image(1921, 1080, "JPEG"), "picture_size_check_failed"),
        (image(1200, 1200, "WEBP"), "picture_size_check_failed"),
    ],
)
def test_a_fetched_photo_is_looked_at(
    simulator: Simulator, caller: Caller, content: bytes, reason: str
):
    simulator.set("tiktok", "processing_seconds", 0)
    url = media(content, content_type="image/jpeg").url
    body = changed(PHOTOS, "source_info", "photo_images", to=[url])
    publish_id = caller.post(PHOTO_INIT, body)[2]["publish_id"]
    told = caller.status(publish_id)
    assert (told["status"], told["fail_reason"]) == ("FAILED", reason)
    assert simulator.posts() == []


def test_a_fetched_film_is_looked_at(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "processing_seconds", 0)
    source = {"source": "PULL_FROM_URL", "video_url": media(b"no film", "video").url}
    publish_id = caller.post(VIDEO_INIT, changed(VIDEO, "source_info", to=source))[2]["publish_id"]
    assert caller.status(publish_id)["fail_reason"] == "file_format_check_failed"


def test_a_status_walks_from_processing_to_an_id(simulator: Simulator, caller: Caller):
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


def test_a_fetch_can_be_cancelled_until_it_is_out(simulator: Simulator, caller: Caller):
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
    stranger, path = Caller(simulator, "open-id-2"), "post/publish/status/fetch/"
    code = "token_not_authorized_for_specified_publish_id"
    assert stranger.code(path, {"publish_id": publish_id}) == (400, code)
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


# Limits


def test_calls_of_a_minute_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", "documented")
    assert [caller.code(VIDEO_INIT, VIDEO)[0] for _ in range(7)] == [200] * 6 + [429]
    assert caller.code(VIDEO_INIT, VIDEO) == (429, "rate_limit_exceeded")
    assert [caller.creator_info()[0] for _ in range(21)] == [200] * 20 + [429]
    assert Caller(simulator, "open-id-2").code(VIDEO_INIT, VIDEO) == (200, "ok")
    simulator.advance(61)
    assert caller.code(VIDEO_INIT, VIDEO) == (200, "ok")


def test_posts_of_a_day_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"posts_per_day": 2})
    for _ in range(2):
        assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")
    assert caller.code(PHOTO_INIT, PHOTOS) == (403, "spam_risk_too_many_posts")
    assert caller.creator_info() == (200, "spam_risk_too_many_posts")
    assert len(simulator.posts()) == 2
    simulator.advance(24 * 3600 + 1)
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")


def test_drafts_that_wait_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"pending_shares": 1})
    assert caller.code(INBOX_INIT, INBOX) == (200, "ok")
    assert caller.code(INBOX_INIT, INBOX) == (403, "spam_risk_too_many_pending_share")
    simulator.set("tiktok", "inbox_done", True)
    assert caller.code(INBOX_INIT, INBOX) == (200, "ok")


def test_accounts_that_post_are_counted_if_that_is_set(simulator: Simulator, caller: Caller):
    simulator.set("tiktok", "limits", {"users_per_day": 1})
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")
    stranger = Caller(simulator, "open-id-2")
    assert stranger.creator_info() == (200, "reached_active_user_cap")
    assert stranger.code(PHOTO_INIT, PHOTOS) == (403, "reached_active_user_cap")
    assert caller.code(PHOTO_INIT, PHOTOS) == (200, "ok")


@pytest.mark.parametrize(
    ("is_private", "level", "code"),
    [
        (False, "SELF_ONLY", "unaudited_client_can_only_post_to_private_accounts"),
        (True, "FOLLOWER_OF_CREATOR", "unaudited_client_can_only_post_to_private_accounts"),
        (True, "SELF_ONLY", "ok"),
    ],
)
def test_an_unaudited_app_posts_for_the_account_alone(
    simulator: Simulator, is_private: bool, level: str, code: str
):
    caller = Caller(simulator, unaudited=True, private_account=is_private)
    body = changed(PHOTOS, "post_info", "privacy_level", to=level)
    assert caller.code(PHOTO_INIT, body)[1] == code


def test_a_level_the_account_does_not_offer_is_refused(simulator: Simulator):
    caller = Caller(simulator, private_account=True)
    assert caller.code(VIDEO_INIT, VIDEO) == (403, "privacy_level_option_mismatch")


# The upload host


@pytest.mark.parametrize(
    ("size", "first", "total", "status"),
    [(10, 0, 10, 400), (10, 5, 1000, 416), (10, 0, 1000, 400)],
)
def test_only_the_exact_next_chunk_is_taken(
    simulator: Simulator, size: int, first: int, total: int, status: int
):
    drive = make_drive(simulator)
    simulator.fault("tiktok", call="put_chunk", drop="before", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.publish(make_draft(bytes(1000)))
    headers = {
        "Content-Range": f"bytes {first}-{first + size - 1}/{total}",
        "Content-Type": "video/mp4",
    }
    answer = simulator.http.put(
        drive.checkpoint["upload_url"], content=bytes(size), headers=headers
    )
    assert answer.status_code == status


def test_an_upload_url_lives_for_an_hour_and_for_one_upload(simulator: Simulator, caller: Caller):
    data = caller.post(VIDEO_INIT, VIDEO)[2]
    content = FILM[:8] + bytes(992)
    whole = {"Content-Range": "bytes 0-999/1000", "Content-Type": "video/mp4"}

    def put(url: str, **headers: str) -> int:
        return simulator.http.put(url, content=content, headers={**whole, **headers}).status_code

    assert put(data["upload_url"] + "0") == 404
    assert put(data["upload_url"], **{"Content-Type": "video/avi"}) == 400
    simulator.advance(3601)
    assert put(data["upload_url"]) == 403
    fresh = caller.post(VIDEO_INIT, VIDEO)[2]["upload_url"]
    assert put(fresh) == 201
    assert put(fresh) == 404


def test_the_bytes_are_looked_at(simulator: Simulator):
    with pytest.raises(Rejected, match="file format"):
        make_drive(simulator).finish(make_draft(b"no video at all"))
    assert simulator.posts() == []
