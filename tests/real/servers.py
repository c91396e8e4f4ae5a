"""Every network whose own server can be run here."""

from tests.real.bluesky.live import BLUESKY
from tests.real.live import RealServer
from tests.real.mastodon.live import MASTODON
from tests.real.wordpress.live import WORDPRESS

SERVERS: dict[str, RealServer] = {each.network: each for each in (BLUESKY, MASTODON, WORDPRESS)}
