"""Steps and settings at Discord for the flows of all networks."""

from tests.conftest import Simulator
from tests.platforms.discord.account import drive, webhook
from tests.platforms.discord.test_login import bot_answers, hook_answers, signed_in

CARD = {
    "title": "Of doves",
    "description": "They coo.",
    "url": "https://example.com/doves",
    "color": 0x5865F2,
    "image": "https://example.com/dove.png",
    "thumbnail": "https://example.com/small.png",
    "author": "Dora",
    "footer": "Coo",
    "fields": [{"name": "Where", "value": "In the loft", "inline": True}],
}
POLL = {"pollQuestion": "Coo?", "pollOptions": ["Yes", "No"], "pollHours": 48, "pollMultiple": True}
QUIET = {"mentions": ["users", "everyone"], "silent": True, "linkPreviews": False}
THREAD = {"threadName": "Lofts", "threadTags": ["news", "701"]}


def sign_in(simulator: Simulator) -> None:
    """Connect a bot's channel, and a webhook."""
    signed_in(simulator, bot_answers(drive(simulator)))
    signed_in(simulator, hook_answers(webhook(simulator)))
