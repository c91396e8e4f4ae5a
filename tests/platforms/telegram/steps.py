"""Steps at Telegram for the flows of all networks."""

from platforms.drafts import Draft
from tests.conftest import Simulator
from tests.platforms.driver import image, media
from tests.platforms.telegram.account import drive
from tests.platforms.telegram.test_login import signed_in

PICTURE = media(image(format="JPEG"), content_type="image/jpeg")
CLIP = media(kind="video", width=64, height=64, duration_seconds=1.0, index_first=True)
GUIDE = media(b"%PDF-1.7 coo", "document", filename='Guide to "doves".pdf')
TOLD = {
    "textFormat": "markdown",
    "buttons": ["[Read on](https://example.com/dovecote)"],
    "disableNotification": True,
    "protectContent": True,
    "disableLinkPreview": True,
}
POLL = {"pollOptions": ["Yes", "No"], "pollMultiple": True, "pollSeconds": 3600}
#: Every kind of message.
DRAFTS = {
    "text": Draft("**Coo** [on](https://example.com/)\n\n```py\ncoo()\n```", settings=TOLD),
    "photo": Draft("Look", (PICTURE,), {"buttons": TOLD["buttons"]}),
    "video": Draft("_See_", (CLIP,), {"textFormat": "markdown"}),
    "document": Draft("Read", (GUIDE,)),
    "album": Draft("**Look**", (PICTURE, CLIP), {"textFormat": "markdown", "protectContent": True}),
    "documents": Draft("", (GUIDE, GUIDE)),
    "poll": Draft("Coo?", settings=POLL),
}


def sign_in(simulator: Simulator) -> None:
    """Connect a channel by the token of its bot."""
    known = drive(simulator).account
    signed_in(simulator, known.token, known.platform_account_id)
