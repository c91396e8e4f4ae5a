import json

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.facebook.adapter import Facebook
from platforms.outcomes import Absent, Published
from tests.platforms.driver import Drive, image, media
from tests.platforms.meta.containers import graph_error

PAGE = "102938475610293"
TEXT = Draft("Hello from the Page")


def test_a_text_becomes_one_public_post(drive: Drive):
    result = drive.finish(TEXT)
    (post,) = drive.public()
    assert result == Published(id=post["id"], url=post["url"])
    assert post["text"] == "Hello from the Page"
    assert post["id"].startswith(f"{PAGE}_")
    assert (drive.sends, drive.state) == (1, "answered")


def test_the_post_id_is_durable_before_the_post_is_shown(drive: Drive):
    result = drive.finish(TEXT)
    assert isinstance(result, Published)
    (sending,) = [save for save in drive.saves if save.sending]
    assert sending.values["post"] == result.id


def test_a_link_is_sent_with_its_text(drive: Drive):
    drive.finish(Draft("Read this", settings={"link": "https://example.com/a"}))
    (post,) = drive.public()
    assert (post["text"], post["extra"]["link"]) == ("Read this", "https://example.com/a")


def test_photos_keep_their_order_and_alt_texts(drive: Drive):
    first, second = image(), image(format="JPEG")
    draft = Draft(
        "Two photos", (media(first, alt_text="A wall"), media(second, content_type="image/jpeg"))
    )
    drive.finish(draft)
    (post,) = drive.public()
    stored = [drive.simulator.http.get(f"/files/{file}").content for file in post["media"]]
    assert stored == [first, second]
    assert post["extra"]["alt"] == ["A wall", ""]


def test_a_photo_needs_no_text(drive: Drive):
    drive.finish(Draft("", (media(),)))
    (post,) = drive.public()
    assert (post["text"], len(post["media"])) == ("", 1)


def test_a_permalink_that_cannot_be_read_does_not_fail_the_post(drive: Drive):
    drive.fault(call="read_post", status=500)
    result = drive.finish(TEXT)
    (post,) = drive.public()
    assert result == Published(id=post["id"], url=f"https://www.facebook.com/{post['id']}")


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_is_unknown_and_then_found_out(drive: Drive, drop: str):
    drive.fault(call="change_post", drop=drop, times=1)
    drive.raises(OutcomeUnknown, TEXT)
    found = drive.find(TEXT)
    if drop == "before":
        assert found == Absent(proven=True)
        assert drive.public() == []
    else:
        (post,) = drive.public()
        assert found == Published(id=post["id"], url=post["url"])


@pytest.mark.parametrize("body", [graph_error(2), graph_error(1, 99), "<html>Bad gateway</html>"])
def test_server_trouble_while_showing_is_unknown_although_it_worked(drive: Drive, body: str):
    drive.fault(call="change_post", status=500, body=body, effect=True, times=1)
    drive.raises(OutcomeUnknown, TEXT)
    (post,) = drive.public()
    assert drive.find(TEXT) == Published(id=post["id"], url=post["url"])


def test_a_readable_answer_that_does_not_say_success_is_unknown(drive: Drive):
    drive.fault(call="change_post", status=200, body='{"success":false}')
    drive.raises(OutcomeUnknown, TEXT)


def test_going_on_after_a_lost_answer_sends_nothing_again(drive: Drive):
    drive.fault(call="change_post", drop="after", times=1)
    drive.raises(OutcomeUnknown, TEXT)
    result = drive.finish(TEXT)
    (post,) = drive.public()
    assert result == Published(id=post["id"], url=post["url"])
    assert drive.sends == 1


def test_a_post_that_says_too_late_that_it_is_public_is_shown_again_and_once(drive: Drive):
    drive.simulator.set("facebook", "published_lag_seconds", 3600)
    drive.fault(call="change_post", drop="after", times=1)
    drive.raises(OutcomeUnknown, TEXT)
    assert drive.find(TEXT) == Absent(proven=True)
    result = drive.finish(TEXT)
    (post,) = drive.public()
    assert result == Published(id=post["id"], url=post["url"])
    assert drive.sends == 2


def test_going_on_after_a_proven_absence_shows_the_same_post(drive: Drive):
    drive.fault(call="change_post", drop="before", times=1)
    drive.raises(OutcomeUnknown, TEXT)
    made = drive.checkpoint["post"]
    assert drive.find(TEXT) == Absent(proven=True)
    drive.finish(TEXT)
    assert [post["id"] for post in drive.public()] == [made]


def test_a_lost_answer_while_making_the_post_is_safe_to_repeat(drive: Drive):
    drive.fault(call="feed", drop="after", times=1)
    drive.raises(Unavailable, TEXT)
    assert (drive.sends, drive.state) == (0, "unsent")
    drive.finish(TEXT)
    assert len(drive.public()) == 1


def test_uploaded_photos_are_used_again(drive: Drive):
    draft = Draft("Two", (media(), media()))
    drive.fault(call="feed", status=503, times=1)
    drive.raises(Unavailable, draft)
    photos = drive.checkpoint["photos"]
    assert len(photos) == 2
    drive.fault(call="photos", status=500)
    drive.finish(draft)
    assert len(drive.public()) == 1


def test_photos_used_by_an_orphan_are_uploaded_again(drive: Drive):
    draft = Draft("Photo", (media(),))
    drive.fault(call="feed", drop="after", times=1)
    drive.raises(Unavailable, draft)
    # The next try meets the orphan, the one after that uploads.
    assert drive.raises(Unavailable, draft).platform_code == "100/1366051"
    drive.finish(draft)
    assert len(drive.public()) == 1


def test_a_repetition_of_another_post_is_rejected(drive: Drive):
    drive.finish(TEXT)
    drive.checkpoint = {}
    assert drive.raises(Rejected, TEXT).platform_code == "506"
    assert len(drive.public()) == 1


def test_a_repetition_that_is_our_own_post_is_published(drive: Drive):
    drive.fault(call="change_post", status=400, body=graph_error(506), effect=True, times=1)
    result = drive.publish(TEXT)
    (post,) = drive.public()
    assert result == Published(id=post["id"], url=post["url"])


LINK = Draft("Read this", settings={"link": "https://example.com/a"})


@pytest.mark.parametrize("code", [1500, 1609005])
def test_a_link_that_could_not_be_visited_is_tried_once_more(drive: Drive, code: int):
    drive.fault(call="feed", status=400, body=graph_error(code))
    drive.raises(Unavailable, LINK)
    caught = drive.raises(Rejected, LINK)
    assert (caught.code, caught.platform_code) == ("target_missing", str(code))


def test_an_id_beside_an_error_counts_for_more(drive: Drive):
    drive.publish(Draft("First"))
    drive.checkpoint = {}
    made = drive.simulator.http.post(
        f"/graph.facebook.com/v26.0/{PAGE}/feed",
        headers={"Authorization": f"Bearer {drive.account.token}"},
        json={"message": "Second", "published": False},
    ).json()
    body = json.dumps({"id": made["id"], **json.loads(graph_error(100))})
    drive.fault(call="feed", status=200, body=body, times=1)
    result = drive.publish(Draft("Second"))
    assert isinstance(result, Published)
    assert result.id == made["id"]
    assert len(drive.public()) == 2


def test_details_reach_the_customer_and_the_operator(drive: Drive):
    body = graph_error(100, 1, error_user_msg="The text is not allowed.")
    drive.fault(call="feed", status=400, body=body)
    caught = drive.raises(Rejected, TEXT)
    assert caught.message == "Facebook refused the post. It said: The text is not allowed."
    assert (caught.platform_code, caught.request_id) == ("100/1", "Abc")


def test_a_rate_limit_ends_when_the_network_says(drive: Drive):
    drive.fault(call="feed", rate_limit_reset_seconds=600)
    assert drive.raises(RateLimited, TEXT).retry_after_seconds == 600


def test_a_rate_limit_without_a_time_lasts_an_hour(drive: Drive):
    drive.fault(call="feed", status=400, body=graph_error(32))
    assert drive.raises(RateLimited, TEXT).retry_after_seconds == 3600


def test_a_token_the_network_does_not_know_must_be_reconnected(drive: Drive):
    drive.account = Credentials(PAGE, "acme", "stale-token")
    caught = drive.raises(Unauthorized, TEXT)
    assert "stale-token" not in str(caught) + caught.body


def test_a_lookup_that_fails_says_nothing_about_the_post(drive: Drive):
    drive.fault(call="change_post", drop="after", times=1)
    drive.raises(OutcomeUnknown, TEXT)
    drive.fault(call="read_post", status=400, body=graph_error(100, 33))
    with pytest.raises(Unavailable):
        drive.find(TEXT)


def test_nothing_was_sent_without_a_post(drive: Drive):
    assert drive.find(TEXT) == Absent(proven=True)


UNSUPPORTED = [
    Draft(""),
    Draft("Two videos", (media(b"", kind="video"),) * 2),
    Draft("Both", (media(b""), media(b"", kind="video"))),
    Draft("Link and photo", (media(),), settings={"link": "https://example.com"}),
    Draft("No link", settings={"link": "javascript:alert(1)"}),
    Draft("Bad link", settings={"link": "https://[example"}),
    Draft("Title without video", settings={"title": "Acme"}),
    Draft("Unknown", settings={"fristComment": "Coo"}),
    Draft("A text made with AI", settings={"isAiGenerated": True}),
    Draft("A photo made with AI", (media(),), settings={"isAiGenerated": True}),
    Draft("", (media(),), {"isAiGenerated": True}, post_type="Story"),
    Draft("Kind", post_type="Live"),
    Draft("Reel without a video", post_type="Reels"),
    Draft("Reel of a photo", (media(),), post_type="Reels"),
    Draft("", (media(), media()), post_type="Story"),
    Draft("", (media(),), {"firstComment": "Coo"}, "Story"),
    Draft("", (media(b"", kind="video"),), {"title": "Acme"}, "Story"),
    Draft("Alt", (media(b"", kind="video", alt_text="A dove"),)),
    Draft("Long alt", (media(alt_text="x" * 1001),)),
    Draft("Type", (media(b"", content_type="image/webp"),)),
    Draft("Many", (media(b""),) * 11),
    Draft("Large", (media(bytes(4 * 1024 * 1024 + 1)),)),
]


def test_what_a_page_cannot_carry_is_unsupported(drive: Drive):
    for draft in UNSUPPORTED:
        assert (draft, type(drive.fails(draft))) == (draft, Unsupported)
    assert drive.saves == []


def test_a_file_that_is_no_image_is_rejected(drive: Drive):
    caught = drive.raises(Rejected, Draft("Fake", (media(b"not an image"),)))
    assert caught.platform_code == "324/2069019"


def test_a_files_name_cannot_break_out_of_the_form(drive: Drive):
    name = 'a"\r\nContent-Disposition: form-data; name="published"\r\n\r\ntrue'
    drive.fault(call="feed", status=503)
    drive.raises(Unavailable, Draft("Photo", (media(filename=name, alt_text="Ärger\r\n--x"),)))
    assert len(drive.checkpoint["photos"]) == 1
    assert drive.public() == []


def test_a_webp_becomes_a_jpeg_before_it_is_sent():
    item = media(content_type="image/webp")
    form = Facebook().form(Draft("Photo", (item,)), item)
    assert form is not None
    assert form.content_type == "image/jpeg"


def test_a_landscape_video_gets_bars_to_become_a_reel():
    item = media(b"clip", kind="video", width=1920, height=1080, frames_per_second=10)
    form = Facebook().form(Draft("", (item,), post_type="Reels"), item)
    assert form is not None
    assert form.min_ratio == form.max_ratio == 9 / 16
    assert (form.min_fps, form.max_fps, form.content_type) == (24, 60, "video/mp4")


SECONDS = [("Reels", 2, False), ("Reels", 90, True), ("Reels", 91, False)]
SECONDS += [("Story", 2, False), ("Story", 60, True), ("Story", 61, False), ("", 0.5, False)]
SECONDS += [("", 4 * 3600, True), ("Post", 4 * 3600 + 1, False)]


@pytest.mark.parametrize(("post_type", "seconds", "fits"), SECONDS)
def test_a_video_has_the_length_its_kind_of_post_allows(post_type: str, seconds: float, fits: bool):
    item = media(b"clip", kind="video", duration_seconds=seconds)
    draft = Draft("", (item,), post_type=post_type)
    if fits:
        Facebook().check(draft)
        return
    with pytest.raises(Unsupported):
        Facebook().check(draft)
