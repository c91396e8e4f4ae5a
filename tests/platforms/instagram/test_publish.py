"""Instagram by its own login, against the simulator."""

from typing import Any

import pytest

from platforms.drafts import Draft
from platforms.errors import Rejected, Unsupported
from platforms.instagram import comment
from platforms.instagram.adapter import Instagram
from platforms.outcomes import Published, Undeterminable
from tests.platforms.driver import image, media, published
from tests.platforms.meta.container_promises import ContainerPromises
from tests.platforms.meta.containers import USER, Bench, clip, graph_error, photo, photos


class TestPromises(ContainerPromises):
    state_field = "status_code"
    not_ready = graph_error(24, 2207008)


def reel(**settings: Any) -> Draft:
    return Draft("Moving", (clip(),), settings=settings)


def story(item: Any = None, text: str = "", **fields: Any) -> Draft:
    return Draft(text, (item or photo(),), post_type="Story", **fields)


COMMENTED = photos(settings={"firstComment": "First!"})


def comments(b: Bench) -> list[str]:
    (post,) = b.public()
    answer = b.simulator.http.get(
        f"/graph.instagram.com/v26.0/{post['id']}/comments",
        params={"fields": "id,text"},
        headers={"Authorization": f"Bearer {b.account.token}"},
    )
    return [entry["text"] for entry in answer.json()["data"]]


# Kinds of post


def test_a_reel_carries_its_options(b: Bench):
    b.finish(
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
        story(clip(), settings=LABELLED),
    ],
    ids=["image", "carousel", "reel", "story", "video story"],
)
def test_what_was_made_with_ai_is_labelled(b: Bench, draft: Draft):
    b.finish(draft)
    (post,) = b.public()
    assert post["extra"]["is_ai_generated"] is True
    answer = b.simulator.http.get(
        f"/graph.instagram.com/v26.0/{post['id']}?fields=is_ai_generated",
        headers={"Authorization": f"Bearer {b.account.token}"},
    )
    assert answer.json()["is_ai_generated"] is True


def test_what_says_nothing_of_ai_is_not_labelled(b: Bench):
    b.finish(photos(settings={"isAiGenerated": False}))
    assert "is_ai_generated" not in b.public()[0]["extra"]


def test_the_simulator_takes_the_label_of_a_carousel_from_its_parent_only(b: Bench):
    item = {"image_url": photo().url, "is_carousel_item": True, "is_ai_generated": True}
    answer = b.simulator.http.post(
        f"/graph.instagram.com/v26.0/{USER}/media",
        headers={"Authorization": f"Bearer {b.account.token}"},
        json=item,
    )
    assert answer.json()["error"]["code"] == 100


@pytest.mark.parametrize("post_type", ["", "Post", "Reels"])
def test_every_single_video_is_a_reel(b: Bench, post_type: str):
    b.finish(Draft("Moving", (clip(),), post_type=post_type))
    assert b.public()[0]["extra"]["product"] == "REELS"


@pytest.mark.parametrize(
    ("options", "strategy"),
    [({}, "MANUAL"), ({"trialGraduation": "SS_PERFORMANCE"}, "SS_PERFORMANCE")],
)
def test_a_trial_reel_says_how_it_graduates(b: Bench, options: Any, strategy: str):
    b.finish(Draft("Moving", (clip(),), settings=options, post_type="Trial Reel"))
    assert b.public()[0]["extra"]["trial_params"] == {"graduation_strategy": strategy}


@pytest.mark.parametrize("item", [photo(), clip()])
def test_a_story_is_published_and_what_it_cannot_carry_is_noted(b: Bench, item: Any):
    result = b.finish(story(item, "Words"))
    (post,) = b.public()
    assert (post["text"], post["extra"]["product"]) == ("", "STORY")
    assert result == Published(
        post["id"], post["url"], ("Instagram stories carry no caption: the text was left out.",)
    )


def test_a_story_is_free_in_its_sides(b: Bench):
    tall = media(image(360, 640, "JPEG"), content_type="image/jpeg", width=900, height=1600)
    b.finish(story(tall))
    assert len(b.public()) == 1
    b.raises(Unsupported, Draft("Hello", (tall,)))


def test_a_lost_story_is_found_among_the_stories(b: Bench):
    draft = story(text="Words")
    b.finish(photos())
    b.checkpoint = {}
    b.lose(draft)
    assert published(b.find(draft)).id == b.public()[0]["id"]


def test_a_story_whose_container_cannot_be_read_is_not_guessed(b: Bench):
    b.lose(story())
    b.fault(call="read", status=500)
    assert b.find(story()) == Undeterminable()


def test_a_story_is_not_taken_for_the_one_before_it(b: Bench):
    b.finish(story())
    b.checkpoint = {}
    b.lose(story(), "before")
    assert b.find_later(story(), 200) == Undeterminable()
    assert len(b.public()) == 1


def test_an_alt_text_of_the_options_is_the_first_images(b: Bench):
    b.finish(photos(2, settings={"altText": "A dove"}))
    assert b.public()[0]["extra"]["alt"] == ["A dove", "Photo 1"]


def test_more_hashtags_than_instagram_shows_are_noted(b: Bench):
    result = published(b.finish(photos(text="#a #b #c #d #e #f")))
    assert result.notes == ("Instagram shows at most 5 hashtags of a post; this one has 6.",)


# First comment


def test_a_first_comment_follows_the_post(b: Bench):
    assert (published(b.finish(COMMENTED)).notes, comments(b)) == ((), ["First!"])
    assert b.public()[0]["extra"]["comments"] == ["First!"]


def test_a_refused_first_comment_is_noted_and_not_tried_again(b: Bench):
    b.fault(call="comment", status=403, body=graph_error(10), times=1)
    result = published(b.finish(COMMENTED))
    assert "could not be written" in result.notes[0]
    assert b.finish(COMMENTED) == result
    assert comments(b) == []


@pytest.mark.parametrize(("drop", "count"), [("after", 1), ("before", 0)])
def test_a_first_comment_whose_answer_is_lost_is_looked_for(b: Bench, drop: str, count: int):
    b.fault(call="comment", drop=drop, times=1)
    result = published(b.finish(COMMENTED))
    assert (len(result.notes), len(comments(b))) == (1 - count, count)


def test_a_crash_around_the_first_comment_makes_no_second_one(b: Bench):
    b.finish(COMMENTED)
    for save in list(b.saves):
        if "comment_sent" in save.values:
            b.checkpoint = dict(save.values)
            assert isinstance(b.finish(COMMENTED), Published)
            assert isinstance(b.find(COMMENTED), Published)
    assert comments(b) == ["First!"]


def test_a_post_that_is_found_is_published_and_says_that_its_comment_is_missing(b: Bench):
    b.lose(COMMENTED)
    assert published(b.find(COMMENTED)).notes == (comment.MISSED,)
    assert (comments(b), b.sends) == ([], 1)


# Checks


UNSUPPORTED = [
    Draft("Hello"),
    photos(text="#a " * 31),
    photos(text="@a " * 21),
    photos(settings={"shareToFeed": True}),
    photos(settings={"collaborators": ["a", "b", "c", "d"]}),
    photos(post_type="Reels"),
    photos(post_type="Long Video"),
    photos(2, post_type="Story"),
    Draft("Two", (clip(), clip()), post_type="Reels"),
    story(settings={"firstComment": "No"}),
    story(settings={"collaborators": ["a"]}),
    story(clip(duration_seconds=61)),
    reel(trialGraduation="MANUAL"),
    reel(altText="A video"),
    reel(coverPhotoTimestamp="1"),
    Draft("Hello", (photo(), clip(alt_text="A video"))),
    photos(11),
]


def test_what_instagram_cannot_carry_is_unsupported(b: Bench):
    for draft in UNSUPPORTED:
        assert (draft, type(b.fails(draft))) == (draft, Unsupported)
    assert b.saves == []


def test_a_png_is_unsupported_and_refused_by_the_network(b: Bench):
    b.raises(Unsupported, Draft("Hello", (media(),)))
    error = b.fails(Draft("Hello", (media(image(), content_type="image/jpeg"),)))
    assert (type(error), error.platform_code) == (Rejected, "36001/2207005")


def test_an_image_of_a_wrong_ratio_gets_bars(b: Bench):
    adapter = Instagram()
    tall = media(b"", content_type="image/jpeg", width=900, height=1600)
    form = adapter.form(Draft("Hello", (tall,)), tall)
    assert form is not None
    assert (form.min_ratio, form.max_ratio) == (0.8, 1.91)
    assert adapter.form(story(tall), tall) is None
