"""The facts of Threads that tests need."""

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from tests.deploy.simulator.still_right import Right
from tests.platforms.driver import clip, media
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.meta.grants import DENIED, GRAPH
from tests.platforms.samples import LAG, PHOTO, THREAD

MB, GB = 1024**2, 1024**3
CLIP = media(clip(), "video")
CODE = "DFxk29_sQa1"

FACTS = NetworkFacts(
    account=Account("24{}".format),
    kinds={"": Kind("publish")},
    # Graph says what happened by its code; a bare 404 comes with that of its own trouble.
    statuses={404: OutcomeUnknown},
    lost={"": LostAnswer(Kind("publish"), LAG, 2, 6, 6)},
    lookups=("list_posts",),
    lags=("listing_lag_seconds", "published_lag_seconds"),
    thread=THREAD,
    deletion=Deletion("delete", scopes=("threads_basic",), is_said=True),
    numbers=("insights", {"views", "likes", "comments", "shares"}),
    links=(
        "18000000000000000",
        f"https://www.threads.net/@acme/post/{CODE}",
        f"https://www.threads.com/@acme/post/{CODE}/",
        f"threads.net/t/{CODE}?xmt=AQ",
    ),
    image=(8 * MB, 320, 0, 1440, 0),
    video=(1 * GB, 0, 5 * 60),
    has_link_cards=True,
    person=lambda *_: ("24183507894561236", {}),
    denied={"threads": DENIED},
    patterns=(("lookup.FIRST", "finditer", "body"),),
    trials=(
        Kind(
            "publish",
            Draft(
                "One",
                settings={
                    "thread": ["Two"],
                    "topicTag": "doves",
                    "replyControl": "everyone",
                    "linkAttachment": "https://example.com/",
                },
            ),
        ),
        Kind("publish", Draft("Look", (PHOTO,))),
        Kind("publish", Draft("Look", (CLIP,))),
        Kind("publish", Draft("Look", (PHOTO, CLIP))),
    ),
    still_right=(
        Right(
            r"GET graph\..*",
            "enlarge query",
            "limit since",
            f"{GRAPH}: an edge has a limit of its own, and a time is any number",
        ),
        Right("GET graph.threads.net/v1.0/.*", "drop query", "fields limit since", GRAPH),
        Right(
            "GET graph.threads.net/v1.0/debug_token",
            "alter query",
            "input_token",
            "Threads API, Debug Token: it says that the token is not valid",
        ),
        Right(
            "POST graph.threads.net/v1.0/me/threads",
            "drop body",
            "alt_text is_carousel_item link_attachment reply_control reply_to_id text topic_tag",
            "Threads API, Publishing: optional; without reply_to_id or is_carousel_item it is a "
            "post of its own",
        ),
    ),
)
