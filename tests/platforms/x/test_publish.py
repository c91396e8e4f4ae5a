"""X: posts, their media and limits, over HTTP against the simulator."""

import time

import pytest

from platforms.drafts import Draft
from platforms.errors import Rejected, Unavailable, Unsupported
from platforms.outcomes import Published
from platforms.x.adapter import X
from tests.platforms.driver import Drive, image, media

# Publishing


def test_a_text_is_published_with_its_id_and_url(drive: Drive):
    result = drive.publish(Draft("Hello <b>world</b> & all\nexample.com"))
    [post] = drive.public()
    assert result == Published(post["id"], f"https://x.com/acme/status/{post['id']}")
    assert post["text"] == "Hello <b>world</b> & all\nexample.com"


def test_four_images_go_out_in_order_with_their_alt_texts(drive: Drive):
    files = tuple(media(image(10 + n, 10), alt_text=f"Picture {n}") for n in range(4))
    drive.publish(Draft("Look", files))
    [post] = drive.public()
    assert post["extra"]["alt"] == ["Picture 0", "Picture 1", "Picture 2", "Picture 3"]
    assert [drive.simulator.http.get(f"/files/{name}").content for name in post["media"]] == [
        image(10 + n, 10) for n in range(4)
    ]


def test_an_image_needs_no_text(drive: Drive):
    drive.publish(Draft("", (media(),)))
    assert drive.public()[0]["text"] == ""


def test_uploaded_images_are_used_again_by_a_later_try(drive: Drive):
    drive.fault(call="create_post", status=429, times=1)
    draft = Draft("Look", (media(),))
    drive.fails(draft)
    drive.fault(call="upload_media", status=500)
    drive.publish(draft)
    assert len(drive.public()) == 1


def test_forgotten_images_are_uploaded_again(drive: Drive):
    draft = Draft("Look", (media(),))
    drive.checkpoint = {
        "media": {draft.media[0].key: {"id": "123", "good_until": time.time() + 1000}}
    }
    assert type(drive.fails(draft)) is Unavailable
    drive.publish(draft)
    assert len(drive.public()) == 1


def test_expired_images_are_uploaded_again(drive: Drive):
    draft = Draft("Look", (media(),))
    drive.checkpoint = {"media": {draft.media[0].key: {"id": "123", "good_until": time.time() - 1}}}
    assert isinstance(drive.publish(draft), Published)


def test_media_that_x_refuses_is_not_uploaded_for_ever(drive: Drive):
    body = '{"errors":[{"message":"Your media IDs are invalid.","parameters":{}}]}'
    drive.fault(call="create_post", status=400, body=body)
    draft = Draft("Look", (media(),))
    assert type(drive.fails(draft)) is Unavailable
    error = drive.fails(draft)
    assert (type(error), error.code) == (Rejected, "media_rejected")


def test_a_file_that_is_no_image_is_refused_by_the_network(drive: Drive):
    error = drive.fails(Draft("Look", (media(b"no image"),)))
    assert (type(error), error.platform_code) == (Rejected, "invalid-request")
    assert drive.state == "unsent"


# What a draft may be


@pytest.mark.parametrize("sign", ["\ufeff", "\ufffe", "\uffff"])
def test_a_character_that_x_forbids_is_named_before_anything_is_sent(drive: Drive, sign: str):
    name = f"U\\+{ord(sign):04X}"
    with pytest.raises(Unsupported, match=f"^X takes no {name} in a text"):
        X().check(Draft(f"Hello{sign}"))
    with pytest.raises(Unsupported, match=f"^Part 2 of the thread: X takes no {name}"):
        X().check(Draft("Hello", settings={"thread": [f"a{sign}b"]}))
    headers = {"Authorization": f"Bearer {drive.account.token}"}
    body = {"text": f"Hello{sign}"}
    answer = drive.simulator.http.post("/api.x.com/2/tweets", json=body, headers=headers)
    assert answer.status_code == 400


def test_signs_of_direction_and_joiners_are_taken(drive: Drive):
    text = "\u202eolleH\u202c a\u200bb \u2066c\u2069 \U0001f469\u200d\U0001f4bb"
    assert isinstance(drive.publish(Draft(text)), Published)


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft("", (media(kind="document", content=b"x"),)), "does not take a document"),
        (Draft("Look", (media(),) * 5), "up to 4 files in a post"),
        (Draft("Look", (media(b"x" * (5 * 1024 * 1024 + 1)),)), "up to 5 MB"),
        (Draft("Look", (media(alt_text="x" * 1001),)), "1000 characters"),
    ],
)
def test_what_x_cannot_carry_is_refused_before_anything_is_sent(draft: Draft, words: str):
    with pytest.raises(Unsupported, match=words):
        X().check(draft)
