"""All work that runs in the sandbox can run there."""

from dataclasses import asdict, replace

import pytest

from platforms import sandbox
from platforms.bluesky import card
from platforms.limits import Form
from platforms.sandbox import ResourceLimits
from posts.features.ai import generate
from posts.features.feeds import fetch as feeds
from posts.media import inspection
from posts.media.convert import jobs
from tests.posts.factories import png
from tests.posts.features.feeds.documents import numbered
from tests.posts.media import in_process, videos
from tests.posts.media.test_uploads import PDF

pytestmark = pytest.mark.usefixtures("real_sandbox")

LIMITS = ResourceLimits(seconds=20, cpu_seconds=20, memory_bytes=10**9)
READING, MAKING = "posts.media.inspection_sandboxed", "posts.media.convert.sandboxed"


def converting(content_type: str, **form) -> dict:
    return {"form": asdict(Form(content_type, **form)), "strips": False}


@pytest.mark.parametrize(
    ("module", "content", "request_", "limits"),
    [
        (READING, png(), {"type": "image/png", "reader": "images"}, inspection.LIMITS),
        (READING, videos.make(), {"type": "video/mp4", "reader": "videos"}, inspection.LIMITS),
        (READING, PDF, {"type": "application/pdf", "reader": "documents"}, inspection.LIMITS),
        (MAKING, png(), converting("image/jpeg"), jobs.LANES["image"].limits),
        (MAKING, videos.make(), converting("video/mp4"), jobs.LANES["video"].limits),
        ("posts.features.ai.crop_sandboxed", png(), {"width": 1, "height": 1}, generate.LIMITS),
        ("platforms.bluesky.card.thumb_sandboxed", png(), {"most_bytes": 10**6}, card.SCALING),
        (
            "posts.features.feeds.parse_sandboxed",
            numbered(1, 2),
            {"url": "", "type": ""},
            feeds.LIMITS,
        ),
    ],
    ids=["image", "video", "document", "image made", "video made", "image cropped", "card", "feed"],
)
def test_each_work_has_what_it_needs_there(tmp_path, module, content, request_, limits):
    """Most other tests do it in their own process."""
    source = tmp_path / "source"
    source.write_bytes(content)
    places = dict.fromkeys(("path", "source"), str(source))
    places |= {name: str(tmp_path / name) for name in ("target", "thumbnail")}

    # How long it takes is the machine's.
    answer = sandbox.run(module, {**places, **request_}, replace(limits, seconds=120))

    assert answer == in_process.run(module, {**places, **request_}, limits)
    assert not {"cannot", "unreadable"} & answer.keys()
