"""The facts of X that tests need."""

from platforms.drafts import Draft
from tests.deploy.simulator.still_right import Right
from tests.platforms.driver import image, media
from tests.platforms.facts import Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, LAG, PHOTO, PICTURE, THREAD, VIDEO

MB = 1024**2
GIF = media(image(format="GIF"), content_type="image/gif", alt_text="A dove")
OPENAPI = "X API v2 OpenAPI 2.167"
POST_ID = "1790000000000000001"


def _refusal(words: str) -> dict[str, object]:
    error = {"message": words, "parameters": {"text": [words]}}
    return {"title": words, "detail": words, "type": "about:blank", "errors": [error]}


FACTS = NetworkFacts(
    kinds={
        "": Kind("create_post"),
        "picture": Kind("create_post", PICTURE),
        "video": Kind("create_post", CLIP),
    },
    lost={"": LostAnswer(Kind("create_post"), LAG, 1, 3, 3)},
    lookups=("list_posts",),
    lags=("listing_lag_seconds",),
    thread=THREAD,
    deletion=Deletion("delete_post", scopes=("tweet.read",), is_said=True),
    numbers=("get_posts", {"likes", "comments", "shares", "impressions"}),
    links=(
        POST_ID,
        f"https://x.com/acme/status/{POST_ID}",
        f"https://x.com/acme/status/{POST_ID}",
        f"https://x.com/acme/status/{POST_ID}?s=20&t=abc",
        f"https://mobile.twitter.com/acme/status/{POST_ID}/",
        f"https://x.com/i/web/status/{POST_ID}",
        f"x.com/acme/status/{POST_ID}/photo/1",
    ),
    image=(5 * MB, 0, 0, 0, 0),
    video=(512 * MB, 0.5, 140),
    has_link_cards=True,
    refusals=(_refusal,),
    person=lambda *_: ("77", {}),
    trials=(
        Kind(
            "create_post", Draft("One", settings={"thread": ["Two"], "replySettings": "following"})
        ),
        Kind(
            "create_post",
            Draft("Look", (PHOTO, PHOTO), {"madeWithAi": True, "paidPartnership": True}),
        ),
        Kind("create_post", Draft("Look", (GIF,))),
        Kind("create_post", Draft("Look", (VIDEO,))),
    ),
    still_right=(
        Right("GET api.x.com/2/.*", "enlarge query", "ids since_id until_id", f"{OPENAPI}: ids"),
        Right(
            "POST api.x.com/2/tweets",
            "drop body",
            "text media reply reply_settings made_with_ai paid_partnership",
            f"{OPENAPI}: no property is required; a text or a file is enough",
        ),
        Right(
            "GET api.x.com/2/.*",
            "drop query",
            "expansions exclude max_results since_id until_id post.fields user.fields",
            f"{OPENAPI}: of these calls' parameters, ids alone is required",
        ),
        Right("GET api.x.com/2/media/upload", "drop query", "command", f"{OPENAPI}: optional"),
    ),
)
