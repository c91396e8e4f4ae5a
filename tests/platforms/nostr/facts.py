"""The facts of Nostr that tests need."""

import dataclasses

from platforms.drafts import Draft
from platforms.errors import Rejected, Unauthorized
from platforms.nostr import nip19
from platforms.nostr.events import NOTE
from tests.conftest import Simulator
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.nostr.account import FACTS as SERVERS
from tests.platforms.nostr.account import FIRST, drive, id_of, key_of, token_of
from tests.platforms.nostr.steps import say, signed_in
from tests.platforms.samples import CLIP, PICTURE, SHAPED, THREAD, VIDEO

NIP01 = "github.com/nostr-protocol/nips, 01.md"
#: The account that drafts refer to, and a note of it.
PIGEON = id_of("1")
_NOTE = key_of(PIGEON).signed(NOTE, "Coo", [], 1_790_000_000)
ABOUT = nip19.nevent(_NOTE["id"], PIGEON)
_ARTICLE = {"title": "Of doves", "summary": "They coo.", "identifier": "doves"}


def prepare(simulator: Simulator) -> None:
    """Make the note that drafts refer to."""
    if not simulator.posts("nostr", PIGEON):
        simulator.connect("nostr", PIGEON, extra=SERVERS)
        say(simulator, FIRST, ["EVENT", _NOTE])


def sign_in(simulator: Simulator) -> None:
    """Connect an account by its key."""
    signed_in(drive(simulator))


FACTS = NetworkFacts(
    account=Account(id_of, SERVERS, token_of),
    kinds={
        "": Kind("publish"),
        "picture": Kind("publish", PICTURE),
        "pictures": Kind("publish", dataclasses.replace(PICTURE, post_type="Picture")),
        "article": Kind("publish", Draft("Hello", settings=_ARTICLE, post_type="Article")),
        "video": Kind("publish", CLIP),
    },
    # As relays say it: restricted; and a proof of work, which is not done.
    statuses={403: Unauthorized, 404: Rejected},
    has_statuses=False,
    # A relay does not say how long its limit lasts.
    reset_seconds=60,
    # One question by the id that was known before the call, and no waiting for a list.
    lost={"": LostAnswer(Kind("publish"), {}, 1, 1, 1)},
    lookups=("query",),
    thread=THREAD,
    # A key has no scopes.
    deletion=Deletion("delete", refusal="members only", is_said=True),
    numbers=None,
    links=(
        _NOTE["id"],
        f"https://njump.me/{nip19.npub(PIGEON)}",
        f"https://njump.me/{ABOUT}",
        f"nostr:{nip19.encode('note', bytes.fromhex(_NOTE['id']))}",
    ),
    image=(20_000_000, 0, 0, 0, 0),
    video=(100_000_000, 0, 0),
    has_link_cards=True,
    refusals=(),
    patterns=(
        ("adapter.HASHTAG", "fullmatch", "word"),
        ("events.CONTROL", "sub", "body"),
        ("events.HEX", "fullmatch", "word"),
        ("login.SERVER", "fullmatch", "word"),
        ("relays.URL", "fullmatch", "word"),
        ("text.NAMED", "finditer", "body"),
        ("text.POST", "fullmatch", "word"),
    ),
    scans=(
        ("relays", "urls_in", "body"),
        ("text", "entities", "body"),
        ("text", "hashtags", "body"),
        ("text", "linked", "body"),
        ("nip19", "read", "word"),
    ),
    prepare=prepare,
    sign_in=sign_in,
    trials=(
        Kind(
            "publish",
            Draft(
                f"One https://example.com/dovecote #doves {nip19.npub(PIGEON)}",
                settings={"thread": ["Two"], "contentWarning": "Doves", "hashtags": ["coo"]},
            ),
        ),
        Kind("publish", Draft("Look", (SHAPED, dataclasses.replace(VIDEO, alt_text="A dove")))),
        Kind("publish", Draft("Look", (SHAPED,), {"title": "Doves"}, "Picture")),
        Kind("publish", Draft("# Doves", (SHAPED, SHAPED), _ARTICLE, "Article")),
        Kind("publish", Draft("Yes", settings={"replyTo": ABOUT, "quote": f"nostr:{ABOUT}"})),
    ),
    still_right=(
        Right("WS .*", "enlarge body", r"2\.(ids|authors)", f"{NIP01}: lists of any length"),
        Right(
            "WS .*",
            "alter body",
            "1",
            f"{NIP01}: the name of a question is any text of up to 64 characters",
        ),
        Right(
            "WS .*",
            "drop body",
            r"2\.(ids|authors|kinds)",
            f"{NIP01}: every part of a filter is optional",
        ),
    ),
)
