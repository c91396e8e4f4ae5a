"""The accounts and posts of the demo, as the simulated networks declare them."""

from collections.abc import Callable
from functools import partial

from deploy.local.demo import media
from deploy.simulator.app import NETWORKS

#: (network, setting, value): daily limits that a day of demos would reach.
GENEROUS = tuple(
    (network.key, name, value)
    for network in NETWORKS
    for name, value in network.demo.simulator_settings.items()
)
CHOSEN = {network.key: dict(network.demo.chosen) for network in NETWORKS if network.demo.chosen}
#: First the one of each network that newcomers post to.
DEMO_ACCOUNTS = tuple(
    sorted(
        (account for network in NETWORKS for account in network.demo.accounts),
        key=lambda account: account.spare,
    )
)

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

KINDS = tuple(post for network in NETWORKS for post in network.demo.posts)
#: Networks that take a text alone; the others need an image or a video.
TEXT_ALONE = tuple(dict.fromkeys(post.platform for post in KINDS if not post.files))
