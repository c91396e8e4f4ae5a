"""The first comment of a Page: once, after the post, and never a reason to fail it."""

import json

import pytest

from platforms.drafts import Credentials, Draft
from platforms.errors import OutcomeUnknown
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, published

PAGE = "102938475610293"
TEXT = Draft("Hello", settings={"firstComment": "Coo!"})
CLIP = Draft("Video", (media(kind="video"),), {"firstComment": "Coo!"})
drafts = pytest.mark.parametrize("draft", [TEXT, CLIP], ids=["text", "video"])


def comments(simulator: Simulator) -> list[str]:
    (post,) = simulator.posts("facebook", PAGE)
    said: list[str] = post["extra"].get("comments", [])
    return said


@drafts
def test_the_first_comment_follows_the_post(drive: Drive, draft: Draft):
    assert published(drive.finish(draft)).notes == ()
    assert comments(drive.simulator) == ["Coo!"]
    assert drive.sends == 1


def test_a_refused_comment_is_a_note(drive: Drive):
    body = json.dumps({"error": {"code": 200, "message": "No"}})
    drive.fault(call="comment", status=403, body=body)
    (note,) = published(drive.finish(TEXT)).notes
    assert note.startswith("The first comment was not added. Facebook says a permission")
    assert comments(drive.simulator) == []


def test_a_missing_permission_to_comment_is_a_note(drive: Drive):
    scopes = ["pages_manage_posts", "pages_read_engagement"]
    token = drive.simulator.connect("facebook", PAGE, extra={"scopes": scopes})
    drive.account = Credentials(PAGE, "acme", token)
    assert len(published(drive.finish(TEXT)).notes) == 1
    assert comments(drive.simulator) == []


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_answer_of_a_comment_is_looked_up_and_not_sent_again(drive: Drive, drop: str):
    drive.fault(call="comment", drop=drop, times=1)
    notes = published(drive.finish(TEXT)).notes
    assert (len(notes), comments(drive.simulator)) == (
        (1, []) if drop == "before" else (0, ["Coo!"])
    )


@pytest.mark.parametrize("commented", [True, False])
def test_a_worker_that_died_while_commenting_never_comments_twice(drive: Drive, commented: bool):
    if not commented:
        drive.fault(call="comment", drop="before", times=1)
    drive.finish(TEXT)
    for again in (drive.finish, drive.find):
        notes = published(again(TEXT)).notes
        assert (not notes) is commented
    assert comments(drive.simulator) == ["Coo!"] * commented
    assert drive.sends == 1


def test_a_comment_by_another_person_is_not_ours(drive: Drive):
    drive.fault(call="comment", drop="before", times=1)
    entry = {"id": "1", "message": "Coo!", "from": {"id": "999", "name": "Bo"}}
    body = json.dumps({"data": [entry]})
    drive.fault(call="list_comments", status=200, body=body)
    assert len(published(drive.finish(TEXT)).notes) == 1


@pytest.mark.parametrize(("draft", "call"), [(TEXT, "change_post"), (CLIP, "finish_video")])
def test_a_post_found_after_a_lost_answer_is_published_and_says_that_its_comment_is_missing(
    drive: Drive, draft: Draft, call: str
):
    drive.fault(call=call, drop="after", times=1)
    with pytest.raises(OutcomeUnknown):
        drive.finish(draft)
    (note,) = published(drive.find_out(draft)).notes
    assert note.startswith("The first comment was not added.")
    assert (comments(drive.simulator), drive.sends) == ([], 1)
