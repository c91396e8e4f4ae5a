"""A file that a network does not take as it is, through the whole machinery."""

import io

import pytest
from PIL import Image

from tests.acceptance.stack import Stack
from tests.posts.media import photos

pytestmark = pytest.mark.thorough


def test_a_clear_png_reaches_instagram_as_a_jpeg_and_x_as_it_is(stack: Stack):
    team = stack.team(x=1, instagram=1)
    held = io.BytesIO()
    Image.new("RGBA", (640, 640), (200, 0, 0, 128)).save(held, "PNG")
    media = team.upload("dove.png", "image/png", held.getvalue())

    post = team.post("A dove", media_ids=[media])

    results = team.published(post)
    team.assert_each_once(results)
    sent = sent_to(stack, team)
    assert sent["x"] == held.getvalue()
    with Image.open(io.BytesIO(sent["instagram"])) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (640, 640), "RGB")
    [note] = team.http.get(f"posts/{post}/results").json()["meta"]["notes"]
    assert note["note"] == "dove.png was sent as JPEG, 640 × 640."  # noqa: RUF001
    assert [result["attempts"] for result in results] == [1, 1]


def sent_to(stack: Stack, team) -> dict[str, bytes]:
    """The one file that each network has, by the network."""
    found = {}
    for public in team.wall():
        (file,) = public["media"]
        found[public["network"]] = stack.simulator.http.get(f"/files/{file}").content
    return found


@pytest.mark.parametrize(
    ("name", "kind", "make"),
    [
        (
            "home.jpg",
            "image/jpeg",
            lambda: photos.photo("JPEG", 6, picture=photos.halves(1200, 900)),
        ),
        ("home.mp4", "video/mp4", lambda: photos.video("mp4", size=(640, 640), seconds=4)),
    ],
)
def test_neither_who_is_sent_a_file_nor_who_fetches_it_learns_where_it_was_taken(
    stack: Stack, name, kind, make
):
    team, content = stack.team(x=1, instagram=1), make()
    assert not photos.is_clean(content)
    media = team.upload(name, kind, content)

    post = team.post("At home", media_ids=[media])

    results = team.published(post)
    team.assert_each_once(results)
    sent = sent_to(stack, team)
    assert {network: photos.is_clean(file) for network, file in sent.items()} == {
        "x": True,
        "instagram": True,
    }
    link = team.http.get(f"media/{media}").json()["data"]["url"]
    assert photos.is_clean(team.http.get(link).content)
    notes = team.http.get(f"posts/{post}/results").json()["meta"]["notes"]
    assert all(name in note["note"] for note in notes)
    assert [result["attempts"] for result in results] == [1, 1]
