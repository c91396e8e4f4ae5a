"""Videos, reels and stories of a Page, and the Page that they go to."""

import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import av
import pytest
from PIL import Image

from platforms.drafts import Credentials, Draft
from platforms.facebook.adapter import Facebook
from tests.conftest import Simulator
from tests.platforms.driver import Drive, media, video
from tests.platforms.facebook.caller import PAGE

LONG_AGO = datetime.now(UTC) - timedelta(minutes=6)


@cache
def upright(rate: int = 24) -> bytes:
    """A video that a reel may be: 540 by 960, a bit over three seconds."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 540, 960, "yuv420p"
        frame = av.VideoFrame.from_image(Image.new("RGB", (540, 960), (90, 160, 90)))
        for number in range(rate * 3 + 2):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


@cache
def draft(kind: str) -> Draft:
    if kind == "photo story":
        return Draft("", (media(alt_text="A dove"),), post_type="Story")
    if kind == "video":
        return Draft("A video", (media(video(), kind="video"),), {"title": "Doves"})
    clip = media(upright(), kind="video")
    if kind == "reel":
        return Draft("A reel", (clip,), {"title": "Doves"}, "Reels")
    return Draft("", (clip,), post_type="Story")


#: kind → calls of the simulator: begin, bytes, the one that publishes
CALLS = {
    "video": ("start_video", "transfer_video", "finish_video"),
    "reel": ("start_reel", "put_bytes", "finish_reel"),
    "video story": ("start_story", "put_bytes", "finish_story"),
    "photo story": ("photos", "photos", "photo_story"),
}


VIDEOS = ("video", "reel", "video story")
kinds = pytest.mark.parametrize("kind", CALLS)


videos = pytest.mark.parametrize("kind", VIDEOS)


def page_drive(simulator: Simulator) -> Drive:
    """To a Page whose network processes videos at once."""
    token = simulator.connect("facebook", PAGE)
    # Several pieces even of a small video.
    simulator.set("facebook", "chunk_bytes", 1000)
    simulator.set("facebook", "processing_seconds", 0)
    return Drive(Facebook(), Credentials(PAGE, "acme", token), simulator)


def trouble(code: int, subcode: int | None = None, **fields: Any) -> str:
    return json.dumps({"error": {"code": code, "error_subcode": subcode, **fields}})
