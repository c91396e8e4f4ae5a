"""A file that a network does not take as it is, through the whole machinery."""

import io

import pytest
from PIL import Image

from tests.acceptance.stack import Stack

pytestmark = pytest.mark.xdist_group("stack")


def test_a_clear_png_reaches_instagram_as_a_jpeg_and_x_as_it_is(stack: Stack):
    team = stack.team(x=1, instagram=1)
    held = io.BytesIO()
    Image.new("RGBA", (640, 640), (200, 0, 0, 128)).save(held, "PNG")
    media = team.upload("dove.png", "image/png", held.getvalue())

    post = team.post("A dove", media_ids=[media])

    results = team.published(post)
    team.assert_each_once(results)
    sent = {}
    for public in team.wall():
        (file,) = public["media"]
        sent[public["network"]] = stack.simulator.http.get(f"/files/{file}").content
    assert sent["x"] == held.getvalue()
    with Image.open(io.BytesIO(sent["instagram"])) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (640, 640), "RGB")
    [note] = team.http.get(f"posts/{post}/results").json()["meta"]["notes"]
    assert note["note"] == "dove.png was sent as JPEG, 640 × 640."  # noqa: RUF001
    assert [result["attempts"] for result in results] == [1, 1]
