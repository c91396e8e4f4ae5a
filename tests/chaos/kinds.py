"""Every kind of post of every network: those of the demo, with files that are drawn in no time."""

from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from typing import Any

from deploy.local.demo import media
from deploy.local.demo.networks import KINDS as ALL
from deploy.simulator.demo import DemoPost
from tests.platforms.driver import clip, image, padded

#: By network, those that any of its accounts may publish: not every channel is of announcements.
KINDS: dict[str, list[DemoPost]] = {
    network: [
        kind
        for kind in ALL
        if (kind.platform, kind.account) == (network, 0) and "crosspost" not in kind.settings
    ]
    for network in dict.fromkeys(kind.platform for kind in ALL)
}
#: LinkedIn takes no smaller video.
VIDEO_BYTES = 100_000
#: name → (content type, what draws it). Sizes differ, so that no file is another one's copy.
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "morning.jpg": ("image/jpeg", partial(image, 640, 641, "JPEG")),
    "noon.jpg": ("image/jpeg", partial(image, 640, 642, "JPEG")),
    "afternoon.jpg": ("image/jpeg", partial(image, 640, 643, "JPEG")),
    "evening.jpg": ("image/jpeg", partial(image, 640, 644, "JPEG")),
    "upright.jpg": ("image/jpeg", partial(image, 720, 1280, "JPEG")),
    "drawing.png": ("image/png", partial(image, 640, 640, "PNG")),
    "sunrise.gif": ("image/gif", partial(media.animation, "Dovecote")),
    "guide.pdf": ("application/pdf", partial(media.document, "Dovecote")),
    "upright.mp4": ("video/mp4", lambda: padded(clip(4), VIDEO_BYTES)),
    "wide.mp4": ("video/mp4", lambda: padded(clip(4, 1280, 720), VIDEO_BYTES)),
}
#: Their text is not shown, so they have no mark: a post is recognised by its account and its id.
SILENT = ("Story",)
#: Kinds whose absence no lookup proves: TikTok lists nothing of a file that it fetches, as photos
#: always are, and a Page whose story archive is off may list no story.
UNPROVABLE = {"tiktok": ("photos", "video, fetched"), "facebook": ("story, photo",)}


@cache
def drawn(name: str) -> tuple[str, bytes]:
    """The content type and the bytes of a file."""
    content_type, draw = FILES[name]
    return content_type, draw()


def files_of(networks: Collection[str]) -> list[str]:
    """The names of all files that kinds of these networks have."""
    kinds = (kind for network in networks for kind in KINDS.get(network, ()))
    return list(dict.fromkeys(name for kind in kinds for name in kind.files))


def fields(kind: DemoPost, mark: str, media_ids: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a request for this kind; further parts have the mark, too."""
    found: dict[str, Any] = {"platform_content": kind.platform_content("")}
    if kind.parts:
        own = found["platform_content"][kind.platform]["settings"]
        own["thread"] = [f"Part {number} {mark}" for number in part_numbers(kind)]
    if kind.files:
        found["media_ids"] = [media_ids[name] for name in kind.files]
    return {name: value for name, value in found.items() if value}


def part_numbers(kind: DemoPost) -> range:
    """Of the parts that follow the first."""
    return range(2, 2 + len(kind.parts))


def facts(kind: DemoPost | None) -> dict[str, Any]:
    """Return the fields of `books.Asked` for this kind."""
    if kind is None:
        return {}
    return {
        "parts": tuple(part_numbers(kind)),
        "is_silent": kind.post_type in SILENT,
        "may_be_live": kind.what in UNPROVABLE.get(kind.platform, ()),
    }
