"""The facts of Mastodon that tests need."""

from platforms.drafts import Draft
from tests.conftest import Simulator
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.mastodon.account import USUAL, drive, id_of
from tests.platforms.mastodon.test_login import signed_in
from tests.platforms.samples import CLIP, LAG, PICTURE, SHAPED, THREAD, VIDEO

MB = 1024**2
METHODS = "docs.joinmastodon.org/methods"
POST_ID = "103254962155278888"
#: The account that drafts refer to, and its only post.
DOVE, POST = id_of("1000001"), "110000000000000007"
_LINK = f"https://{USUAL}/@dora/{POST}"
ABOUT = {"quote": _LINK, "replyTo": _LINK}
POLL = {"pollOptions": ["Yes", "No"], "pollSeconds": 600, "pollMultiple": True}


def prepare(simulator: Simulator) -> None:
    """Make the post that drafts refer to."""
    if not simulator.posts("mastodon", DOVE):
        token = simulator.connect("mastodon", DOVE, username=f"dora@{USUAL}")
        simulator.set("mastodon", "next_id", POST, DOVE)
        simulator.http.post(
            f"/{USUAL}/api/v1/statuses",
            json={"status": "Coo"},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "coo"},
        ).raise_for_status()


def sign_in(simulator: Simulator) -> None:
    """Connect an account by a token that its owner made."""
    signed_in(simulator, instance=USUAL, access_token=drive(simulator).account.token)


FACTS = NetworkFacts(
    account=Account(id_of),
    kinds={
        "": Kind("create_status"),
        "picture": Kind("create_status", PICTURE),
        "video": Kind("create_status", CLIP),
    },
    # The account has no other post: the list proves that it ends.
    lost={"": LostAnswer(Kind("create_status"), LAG, 2, 4, 3)},
    lookups=("list_statuses",),
    lags=("listing_lag_seconds",),
    thread=THREAD,
    deletion=Deletion("delete_status", scopes=("read",)),
    numbers=("get_status", {"likes", "comments", "shares"}),
    links=(
        POST_ID,
        f"https://mastodon.social/@acme/{POST_ID}",
        f"https://mastodon.social/@acme@example.com/{POST_ID}",
        f"mastodon.social/@acme/{POST_ID}?ref=x",
    ),
    image=(16 * MB, 0, 0, 0, 0),
    video=(99 * MB, 0, 0),
    has_link_cards=True,
    patterns=(
        ("adapter.LANGUAGE", "fullmatch", "word"),
        ("adapter.POINT", "fullmatch", "word"),
        ("login.BEFORE_HOST", "sub", "word"),
        ("login.HOST", "fullmatch", "word"),
        ("preview.MENTION", "finditer", "body"),
        ("server.ID", "fullmatch", "word"),
        ("text.TAG", "sub", "body"),
        ("text.WORD", "findall", "body"),
        ("thread.POST", "fullmatch", "word"),
    ),
    scans=(("text", "fingerprint", "body"), ("text", "plain", "body")),
    prepare=prepare,
    sign_in=sign_in,
    person=lambda person, _: (f"{person}@{USUAL}", {"username": f"acme@{USUAL}"}),
    trials=(
        Kind(
            "create_status",
            Draft(
                "One https://example.com/dovecote @dora@example.com #doves",
                settings={
                    "thread": ["Two"],
                    "visibility": "unlisted",
                    "spoilerText": "Doves",
                    "language": "en",
                    "quotePolicy": "followers",
                },
            ),
        ),
        Kind("create_status", Draft("Look", (SHAPED,), {"focus": ["0.0,0.5"], "sensitive": True})),
        Kind("create_status", Draft("Look", (VIDEO,))),
        Kind("create_status", Draft("Coo?", settings=POLL)),
        Kind("create_status", Draft("Look", settings=ABOUT)),
    ),
    still_right=(
        Right(
            "GET mastodon.social/api/v1/accounts/.*/statuses",
            "enlarge query",
            "limit max_id",
            f"{METHODS}/accounts/#statuses: 40 at most are shown; an id is any number",
        ),
        Right(
            "POST mastodon.social/api/v1/statuses",
            "empty body",
            "media_ids spoiler_text status",
            f"{METHODS}/statuses/#create: a text or a file is enough, and there is no warning",
        ),
        Right(
            "GET mastodon.social/api/v1/accounts/.*/statuses",
            "drop query",
            "limit max_id",
            f"{METHODS}/accounts/#statuses: optional; 20 posts, the newest",
        ),
        Right(
            "POST mastodon.social/api/v1/statuses",
            "alter header",
            "Idempotency-Key",
            f"{METHODS}/statuses/#create: any string",
        ),
        Right(
            "POST mastodon.social/api/v1/statuses",
            "alter body",
            r"status spoiler_text poll\.options\.0",
            f"{METHODS}/statuses/#create: free texts",
        ),
        Right(
            "POST mastodon.social/api/v1/statuses",
            "drop body",
            r"in_reply_to_id language media_ids poll poll\.(hide_totals|multiple) "
            "quote_approval_policy quoted_status_id sensitive spoiler_text status visibility",
            f"{METHODS}/statuses/#create: optional; a text or a file is enough",
        ),
        Right(
            "POST mastodon.social/api/v2/media",
            "drop body",
            "description focus",
            f"{METHODS}/media/#v2: optional",
        ),
    ),
)
