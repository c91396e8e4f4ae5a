"""The facts of Telegram that tests need. A bot cannot ask what became of a message."""

import dataclasses

from platforms.drafts import Draft
from platforms.errors import Unauthorized
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, PICTURE
from tests.platforms.telegram import steps
from tests.platforms.telegram.account import id_of

ALBUM = Draft("Hello", PICTURE.media + CLIP.media)

FACTS = NetworkFacts(
    account=Account(id_of),
    kinds={
        "": Kind("send"),
        "picture": Kind("send", PICTURE),
        "album": Kind("send", ALBUM),
        "poll": Kind("send", Draft("Hello", settings={"pollOptions": ["Yes", "No"]})),
    },
    # The token is a part of the address.
    statuses={404: Unauthorized},
    lost={"": LostAnswer(Kind("send"), {}, 0, 0, 0, end="fail")},
    lookups=(),
    # An album is several messages.
    thread=dataclasses.replace(ALBUM, media=(*ALBUM.media, ALBUM.media[0])),
    # A bot has no scopes.
    deletion=Deletion("delete_message", refusal='{"code": "ACCESS_DENIED"}'),
    numbers=None,
    links=(
        "4711002",
        "https://t.me/c/1234567890/x",
        "https://t.me/acme/4711002",
        "https://t.me/s/acme/4711002?single",
        "https://t.me/c/1234567890/4711002",
    ),
    image=(10_000_000, 0, 0, 5000, 5000),
    video=(50_000_000, 0, 0),
    has_link_cards=True,
    refusals=(lambda words: {"ok": False, "error_code": 400, "description": words},),
    patterns=(
        ("bot.TOKEN", "fullmatch", "word"),
        ("login.ID", "fullmatch", "word"),
        ("login.LINK", "fullmatch", "word"),
        ("login.NAME", "fullmatch", "word"),
        ("post.BUTTON", "fullmatch", "word"),
        ("post.NUMBER", "fullmatch", "word"),
    ),
    sign_in=steps.sign_in,
    trials=tuple(Kind("send", draft) for draft in steps.DRAFTS.values()),
    still_right=(
        Right(
            "POST api.telegram.org/.*",
            "empty body",
            r"entities reply_markup\.inline_keyboard(\.0)?",
            "Bot API 10.1: arrays, which may be empty",
        ),
        Right(
            "POST api.telegram.org/.*",
            "drop body",
            "allows_multiple_answers caption caption_entities disable_notification duration "
            "entities height link_preview_options(.is_disabled)? open_period protect_content "
            "reply_markup supports_streaming width",
            "Bot API 10.1, core.telegram.org/bots/api#available-methods: optional",
        ),
    ),
)
