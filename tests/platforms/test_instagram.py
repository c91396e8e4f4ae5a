"""Instagram by its own login, against the simulator."""

from typing import Any

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unsupported,
)
from platforms.instagram import comment
from platforms.instagram.adapter import Instagram
from platforms.outcomes import Absent, CannotTell, Processing, Published
from tests.conftest import Simulator
from tests.platforms.container_promises import (
    SHARED_PUBLISHING,
    SHARED_ROWS,
    ContainerPromises,
    Row,
    refused_creating,
    refused_publishing,
)
from tests.platforms.containers import (
    USER,
    Bench,
    bench,
    film,
    film_bytes,
    graph_error,
    photo,
    photos,
)
from tests.platforms.driver import image, media


@pytest.fixture
def b(simulator: Simulator) -> Bench:
    return bench(simulator, Instagram())


class TestPromises(ContainerPromises):
    state_field = "status_code"
    not_ready = graph_error(24, 2207008)


def reel(**settings: Any) -> Draft:
    return Draft("Moving", (film(),), settings=settings)


def story(item: Any = None, text: str = "", **fields: Any) -> Draft:
    return Draft(text, (item or photo(),), post_type="Story", **fields)


COMMENTED = photos(settings={"firstComment": "First!"})


def comments(b: Bench) -> list[str]:
    (post,) = b.public()
    answer = b.simulator.http.get(
        f"/graph.instagram.com/v26.0/{post['id']}/comments",
        params={"fields": "id,text"},
        headers={"Authorization": f"Bearer {b.drive.account.token}"},
    )
    return [entry["text"] for entry in answer.json()["data"]]


# Kinds of post


def test_a_reel_carries_its_options(b: Bench):
    b.drive.finish(
        reel(
            shareToFeed=False,
            coverPhotoTimestamp=1500,
            audioName="Our song",
            collaborators=["pigeon", "owl"],
            locationId="7640348",
        )
    )
    (post,) = b.public()
    assert post["extra"] == {
        "media_type": "VIDEO",
        "kind": "Reel",
        "alt": [""],
        "product": "REELS",
        "share_to_feed": False,
        "thumb_offset": "1500",
        "audio_name": "Our song",
        "collaborators": ["pigeon", "owl"],
        "location_id": "7640348",
    }


LABELLED = {"isAiGenerated": True}


@pytest.mark.parametrize(
    "draft",
    [
        photos(settings=LABELLED),
        photos(2, settings=LABELLED),
        reel(**LABELLED),
        story(settings=LABELLED),
        story(film(), settings=LABELLED),
    ],
    ids=["image", "carousel", "reel", "story", "video story"],
)
def test_what_was_made_with_ai_is_labelled(b: Bench, draft: Draft):
    b.drive.finish(draft)
    (post,) = b.public()
    assert post["extra"]["is_ai_generated"] is True
    answer = b.simulator.http.get(
        f"/graph.instagram.com/v26.0/{post['id']}?fields=is_ai_generated",
        headers={"Authorization": f"Bearer {b.drive.account.token}"},
    )
    assert answer.json()["is_ai_generated"] is True


def test_what_says_nothing_of_ai_is_not_labelled(b: Bench):
    b.drive.finish(photos(settings={"isAiGenerated": False}))
    assert "is_ai_generated" not in b.public()[0]["extra"]


def test_the_simulator_takes_the_label_of_a_carousel_from_its_parent_only(b: Bench):
    item = {"image_url": photo().url, "is_carousel_item": True, "is_ai_generated": True}
    answer = b.simulator.http.post(
        f"/graph.instagram.com/v26.0/{USER}/media",
        headers={"Authorization": f"Bearer {b.drive.account.token}"},
        json=item,
    )
    assert answer.json()["error"]["code"] == 100


@pytest.mark.parametrize("post_type", ["", "Post", "Reels"])
def test_every_single_video_is_a_reel(b: Bench, post_type: str):
    b.drive.finish(Draft("Moving", (film(),), post_type=post_type))
    assert b.public()[0]["extra"]["product"] == "REELS"


@pytest.mark.parametrize(
    ("options", "strategy"),
    [({}, "MANUAL"), ({"trialGraduation": "SS_PERFORMANCE"}, "SS_PERFORMANCE")],
)
def test_a_trial_reel_says_how_it_graduates(b: Bench, options: Any, strategy: str):
    b.drive.finish(Draft("Moving", (film(),), settings=options, post_type="Trial Reel"))
    assert b.public()[0]["extra"]["trial_params"] == {"graduation_strategy": strategy}


@pytest.mark.parametrize("item", [photo(), film()])
def test_a_story_is_published_and_what_it_cannot_carry_is_noted(b: Bench, item: Any):
    result = b.drive.finish(story(item, "Words"))
    (post,) = b.public()
    assert (post["text"], post["extra"]["product"]) == ("", "STORY")
    assert result == Published(
        post["id"], post["url"], ("Instagram stories carry no caption: the text was left out.",)
    )


def test_a_story_is_free_in_its_sides(b: Bench):
    tall = media(image(90, 160, "JPEG"), content_type="image/jpeg", width=900, height=1600)
    b.drive.finish(story(tall))
    assert len(b.public()) == 1
    with pytest.raises(Unsupported):
        b.drive.publish(Draft("Hello", (tall,)))


def test_a_lost_story_is_found_among_the_stories(b: Bench):
    draft = story(text="Words")
    b.drive.finish(photos())
    b.drive.checkpoint = {}
    b.lose(draft)
    found = b.drive.find(draft)
    assert isinstance(found, Published)
    assert found.id == b.public()[0]["id"]


def test_a_story_whose_container_cannot_be_read_is_not_guessed(b: Bench):
    b.lose(story())
    b.fault(call="read", status=500)
    assert b.drive.find(story()) == CannotTell()


def test_a_story_is_not_taken_for_the_one_before_it(b: Bench):
    b.drive.finish(story())
    b.drive.checkpoint = {}
    b.lose(story(), "before")
    assert b.find_later(story(), 200) == CannotTell()
    assert len(b.public()) == 1


def test_an_alt_text_of_the_options_is_the_first_images(b: Bench):
    b.drive.finish(photos(2, settings={"altText": "A dove"}))
    assert b.public()[0]["extra"]["alt"] == ["A dove", "Photo 1"]


def test_more_hashtags_than_instagram_shows_are_noted(b: Bench):
    result = b.drive.finish(photos(text="#a #b #c #d #e #f"))
    assert isinstance(result, Published)
    assert result.notes == ("Instagram shows 5 hashtags of a post at most: this one has 6.",)


# First comment


def test_a_first_comment_follows_the_post(b: Bench):
    result = b.drive.finish(COMMENTED)
    assert isinstance(result, Published)
    assert (result.notes, comments(b)) == ((), ["First!"])
    assert b.public()[0]["extra"]["comments"] == ["First!"]


def test_a_refused_first_comment_is_noted_and_not_tried_again(b: Bench):
    b.fault(call="comment", status=403, body=graph_error(10), times=1)
    result = b.drive.finish(COMMENTED)
    assert isinstance(result, Published)
    assert "could not be written" in result.notes[0]
    assert b.drive.finish(COMMENTED) == result
    assert comments(b) == []


@pytest.mark.parametrize(("drop", "count"), [("after", 1), ("before", 0)])
def test_a_first_comment_whose_answer_is_lost_is_looked_for(b: Bench, drop: str, count: int):
    b.fault(call="comment", drop=drop, times=1)
    result = b.drive.finish(COMMENTED)
    assert isinstance(result, Published)
    assert (len(result.notes), len(comments(b))) == (1 - count, count)


def test_a_crash_around_the_first_comment_makes_no_second_one(b: Bench):
    b.drive.finish(COMMENTED)
    for save in list(b.drive.saves):
        if "comment_sent" in save.values:
            b.drive.checkpoint = dict(save.values)
            assert isinstance(b.drive.finish(COMMENTED), Published)
            assert isinstance(b.drive.find(COMMENTED), Published)
    assert comments(b) == ["First!"]


def test_a_post_that_is_found_is_published_and_says_that_its_comment_is_missing(b: Bench):
    b.lose(COMMENTED)
    found = b.drive.find(COMMENTED)
    assert isinstance(found, Published)
    assert found.notes == (comment.MISSED,)
    assert (comments(b), b.drive.sends) == ([], 1)


# Checks


@pytest.mark.parametrize(
    "draft",
    [
        Draft("Hello"),
        photos(text="#a " * 31),
        photos(text="@a " * 21),
        photos(settings={"shareToFeed": True}),
        photos(settings={"collaborators": ["a", "b", "c", "d"]}),
        photos(post_type="Reels"),
        photos(post_type="Long Video"),
        photos(2, post_type="Story"),
        Draft("Two", (film(), film()), post_type="Reels"),
        story(settings={"firstComment": "No"}),
        story(settings={"collaborators": ["a"]}),
        story(film(duration_seconds=61)),
        reel(trialGraduation="MANUAL"),
        reel(altText="A film"),
        reel(coverPhotoTimestamp="1"),
        Draft("Hello", (photo(), film(alt_text="A film"))),
        photos(11),
    ],
)
def test_what_instagram_cannot_carry_is_unsupported(b: Bench, draft: Draft):
    with pytest.raises(Unsupported):
        b.drive.publish(draft)
    assert b.drive.saves == []


def test_a_png_is_unsupported_and_refused_by_the_network(b: Bench):
    with pytest.raises(Unsupported):
        b.drive.publish(Draft("Hello", (media(),)))
    error = b.fails(Draft("Hello", (media(image(), content_type="image/jpeg"),)))
    assert (type(error), error.platform_code) == (Rejected, "36001/2207005")


def test_an_image_of_a_wrong_ratio_gets_bars(b: Bench):
    adapter = Instagram()
    tall = media(b"", content_type="image/jpeg", width=900, height=1600)
    form = adapter.form(Draft("Hello", (tall,)), tall)
    assert form is not None
    assert (form.min_ratio, form.max_ratio) == (0.8, 1.91)
    assert adapter.form(story(tall), tall) is None


# Refusals

ROWS: list[Row] = [
    (400, graph_error(25, 2207050), Unauthorized, "account_restricted"),
    (400, graph_error(9, 2207042), RateLimited, "daily_limit_reached"),
    (400, graph_error(9004, 2207077), Unavailable, "media_unreachable"),
    (400, graph_error(-2, 2207003), Unavailable, "media_unreachable"),
    (400, graph_error(-2, 2207020), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207032), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207053), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207082), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207001), Unavailable, "platform_unavailable"),
    (400, graph_error(9007, 2207027), Unavailable, "platform_unavailable"),
    (400, graph_error(24, 2207008), Unavailable, "platform_unavailable"),
    (400, graph_error(24, 2207006), Unavailable, "platform_unavailable"),
    (400, graph_error(36000, 2207004), Rejected, "media_rejected"),
    (400, graph_error(36001, 2207005), Rejected, "media_rejected"),
    (400, graph_error(36003, 2207009), Rejected, "media_rejected"),
    (400, graph_error(36004, 2207010), Rejected, "content_rejected"),
    (400, graph_error(352, 2207026), Rejected, "media_rejected"),
    (400, graph_error(1, 2207057), Rejected, "option_rejected"),
    (400, graph_error(100, 2207023), Rejected, "media_rejected"),
    (400, graph_error(100, 2207028), Rejected, "media_rejected"),
    *[
        (400, graph_error(100, subcode), Rejected, "option_rejected")
        for subcode in (2207035, 2207036, 2207037)
    ],
    (400, graph_error(100, 2207040), Rejected, "content_rejected"),
    (400, graph_error(100, 2207081), Rejected, "option_rejected"),
    (
        400,
        graph_error(100, message="INSTAGRAM_PLATFORM_API__INVALID_LOCATION_ID"),
        Rejected,
        "option_rejected",
    ),
]
PUBLISHING: list[Row] = [
    (400, graph_error(9, 2207042), RateLimited, "daily_limit_reached"),
    (400, graph_error(25, 2207050), Unauthorized, "account_restricted"),
    (400, graph_error(9007, 2207027), Unavailable, "media_processing_failed"),
    (400, graph_error(24, 2207008), Unavailable, "media_processing_failed"),
    (400, graph_error(24, 2207006), Unauthorized, "account_needs_reconnection"),
    (400, graph_error(-2, 2207020), Unavailable, "media_processing_failed"),
    (400, graph_error(-1, 2207001), OutcomeUnknown, "outcome_unknown"),
]


@pytest.mark.parametrize("row", [*SHARED_ROWS, *ROWS])
def test_a_refusal_to_make_a_container_has_its_word(b: Bench, row: Row):
    refused_creating(b, row)


@pytest.mark.parametrize("row", [*SHARED_PUBLISHING, *PUBLISHING])
def test_a_refusal_to_publish_has_its_word(b: Bench, row: Row):
    refused_publishing(b, row)


@pytest.mark.parametrize(
    ("reason", "error", "code"),
    [
        ("2207026", Rejected, "media_rejected"),
        ("2207052", Unavailable, "media_unreachable"),
        ("2207001", Unavailable, "platform_unavailable"),
        ("unknown", Unavailable, "media_processing_failed"),
    ],
)
def test_a_container_that_failed_says_why(
    b: Bench, reason: str, error: type[PlatformError], code: str
):
    b.set("processing_fails", reason)
    found = b.fails(photos())
    assert (type(found), found.code) == (error, code)


def test_a_lost_container_is_renewed_once_and_then_the_account_reconnected(b: Bench):
    b.fault(call="publish", status=400, body=graph_error(24, 2207006), times=2)
    assert b.drive.publish(photos()) == Processing(5)
    assert "container" not in b.drive.checkpoint
    assert type(b.fails(photos())) is Unauthorized
    assert b.public() == []


@pytest.mark.parametrize("twice", ["refuse", "not_ready", "same", "again"])
def test_whatever_a_second_publish_does_there_is_one_post(b: Bench, twice: str):
    b.set("publish_twice", twice)
    b.lose(photos())
    for seconds in (15, 60, 300):
        found = b.find_later(photos(), seconds)
        assert isinstance(found, Published)
    assert isinstance(b.drive.finish(photos()), Published)
    assert len(b.public()) == 1


@pytest.mark.parametrize("twice", ["refuse", "not_ready", "same"])
def test_a_second_publish_that_was_not_known_to_be_one_is_not_believed(b: Bench, twice: str):
    """Neither the container nor the list shows the first one yet."""
    b.set("publish_twice", twice)
    b.set("published_lag_seconds", 3600)
    b.set("listing_lag_seconds", 3600)
    b.lose(photos())
    assert b.find_later(photos(), 200) == Absent(proven=True)
    if twice == "same":
        assert isinstance(b.drive.finish(photos()), Published)
    else:
        assert type(b.fails(photos())) is OutcomeUnknown
    assert len(b.public()) == 1


# The simulator's own strictness


def ask(b: Bench, path: str, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {b.drive.account.token}"}
    url = f"/graph.instagram.com/v26.0/{path}"
    answer = b.simulator.http.post(url, headers=headers, json=body)
    return answer.json()


@pytest.mark.parametrize(
    ("body", "subcode"),
    [
        ({"image_url": "x", "colour": "red"}, None),
        ({"media_type": "VIDEO", "video_url": "x"}, 2207023),
        ({"media_type": "REELS", "is_carousel_item": True, "video_url": "x"}, 2207023),
        ({"media_type": "STORIES", "image_url": "x", "caption": "No"}, None),
        ({"image_url": "http://127.0.0.1:9/none"}, 2207052),
        ({"image_url": "x", "caption": "#a " * 31}, 2207010),
        ({"image_url": "x", "caption": "@a " * 21}, 2207040),
        ({"media_type": "REELS", "upload_type": "resumable"}, None),
        ({"media_type": "CAROUSEL", "children": "1"}, 2207028),
        ({"media_type": "CAROUSEL", "children": "1,2"}, 2207028),
        ({"media_type": "REELS", "video_url": "x", "trial_params": {}}, None),
    ],
)
def test_the_simulator_refuses_what_instagram_refuses(b: Bench, body: Any, subcode: int | None):
    error = ask(b, f"{USER}/media", **body)["error"]
    assert error.get("error_subcode") == subcode


def test_a_carousel_item_is_not_published_alone(b: Bench):
    made = ask(b, f"{USER}/media", image_url=photo().url, is_carousel_item=True)["id"]
    b.simulator.advance(10)
    assert ask(b, f"{USER}/media_publish", creation_id=made)["error"]["code"] == 100
    assert b.public() == []


def test_an_unfinished_container_is_not_published(b: Bench):
    b.set("processing_seconds", 60)
    made = ask(b, f"{USER}/media", image_url=photo().url)["id"]
    error = ask(b, f"{USER}/media_publish", creation_id=made)["error"]
    assert (error["code"], error["error_subcode"]) == (9007, 2207027)


def test_containers_are_counted_too(b: Bench):
    b.set("container_quota", 1)
    b.drive.finish(photos())
    b.drive.checkpoint = {}
    error = b.fails(photos())
    assert (type(error), error.code) == (RateLimited, "daily_limit_reached")


def test_another_accounts_container_does_not_exist(b: Bench):
    made = ask(b, f"{USER}/media", image_url=photo().url)["id"]
    other = b.simulator.connect("instagram", "17841400000000002")
    b.drive.account = Credentials("17841400000000002", "other", other)
    error = ask(b, "17841400000000002/media_publish", creation_id=made)["error"]
    assert error["error_subcode"] == 2207008


def test_a_video_of_ten_frames_a_second_is_refused(b: Bench):
    found = b.fails(Draft("Slow", (film(film_bytes(rate=10)),)))
    assert (type(found), found.platform_code) == (Rejected, "2207026")
