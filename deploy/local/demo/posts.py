"""Every kind of post that the networks take, as `make demo` publishes it."""

from collections.abc import Callable
from functools import partial

from deploy.local.demo import media
from platforms.registry import ADAPTERS

#: name → (content type, what draws it).
FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "morning.jpg": ("image/jpeg", partial(media.picture, phase=0.05)),
    "noon.jpg": ("image/jpeg", partial(media.picture, phase=0.5)),
    "afternoon.jpg": ("image/jpeg", partial(media.picture, phase=0.75)),
    "evening.jpg": ("image/jpeg", partial(media.picture, phase=0.95)),
    "upright.jpg": ("image/jpeg", partial(media.picture, width=1080, height=1920)),
    "drawing.png": ("image/png", media.drawing),
    "sunrise.gif": ("image/gif", media.animation),
    "guide.pdf": ("application/pdf", media.document),
    "upright.mp4": ("video/mp4", media.video),
    "wide.mp4": ("video/mp4", partial(media.video, size=media.WIDE)),
}

KINDS = tuple(post for adapter in ADAPTERS.values() for post in adapter.demo.posts)
#: Networks that take a text alone; the others need an image or a video.
TEXT_ALONE = tuple(dict.fromkeys(post.platform for post in KINDS if not post.files))
