"""The facts of Instagram that tests need."""

import dataclasses

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from tests.deploy.simulator.still_right import Right
from tests.platforms.driver import clip, media
from tests.platforms.facts import Account, Kind, LostAnswer, NetworkFacts
from tests.platforms.meta.grants import DENIED, GRAPH, PROOF
from tests.platforms.samples import LAG, PHOTO, PICTURE

MB = 1024**2
CLIP = media(clip(), "video")
CODE = "DFxk29_sQa1"
COMMENTED = {"firstComment": "Coo!"}
TRIALS = (
    Kind(
        "publish",
        Draft(
            "Look",
            (PHOTO,),
            {
                "collaborators": ["dove"],
                "locationId": "12345",
                "isAiGenerated": True,
                **COMMENTED,
            },
        ),
    ),
    Kind("publish", Draft("Look", (PHOTO, CLIP))),
    Kind(
        "publish",
        Draft(
            "Look",
            (CLIP,),
            {"shareToFeed": True, "coverPhotoTimestamp": 500, "audioName": "Coo"},
        ),
    ),
    Kind("publish", Draft("Look", (CLIP,), {"trialGraduation": "MANUAL"}, "Trial Reel")),
    Kind("publish", Draft("", (PHOTO,), post_type="Story")),
    Kind("publish", Draft("", (CLIP,), post_type="Story")),
)
#: By the login with Facebook.
LINKED = Account("178{}".format, {"login": "facebook"})


def _person(person: str, login: str) -> tuple[str, dict[str, object]]:
    if login == "instagram":
        return "17841400008460056", {}
    linked = {"login": "facebook", "person": person}
    return f"1784{person}6", {"username": "acme6", "extra": linked}


FACTS = NetworkFacts(
    account=Account("178{}".format),
    kinds={"": Kind("publish", PICTURE)},
    # Graph says what happened by its code; a bare 404 comes with that of its own trouble.
    statuses={404: OutcomeUnknown},
    lost={"": LostAnswer(Kind("publish", PICTURE), LAG, 2, 6, 6)},
    lookups=("list_posts",),
    lags=("listing_lag_seconds", "published_lag_seconds"),
    numbers=("read", {"views", "likes", "comments", "shares"}),
    links=(
        "17900000000000000",
        f"https://www.instagram.com/p/{CODE}/",
        f"https://www.instagram.com/p/{CODE}/",
        f"https://instagram.com/reel/{CODE}?igsh=MzRl",
        f"https://www.instagram.com/acme/p/{CODE}/?img_index=2#top",
    ),
    image=(8 * MB, 320, 0, 1440, 0),
    video=(300 * MB, 3, 15 * 60),
    person=_person,
    denied={"instagram": DENIED, "facebook": {**DENIED, "error_code": "200"}},
    trials=(*(dataclasses.replace(each, account=LINKED) for each in TRIALS), *TRIALS),
    still_right=(
        Right(
            r"GET graph\..*",
            "enlarge query",
            "limit since",
            f"{GRAPH}: an edge has a limit of its own, and a time is any number",
        ),
        Right(r"GET graph\..*", "drop query", "fields limit since", GRAPH),
        Right("GET graph.facebook.com/.*", "drop query", "appsecret_proof", PROOF),
        Right(
            r"POST graph\..*/media",
            "drop body",
            "alt_text audio_name caption collaborators is_ai_generated is_carousel_item "
            "location_id media_type share_to_feed thumb_offset trial_params",
            "Instagram Platform, IG User Media: optional; without media_type it is an image, "
            "without is_carousel_item a post of its own",
        ),
        Right(
            r"POST graph\..*/media",
            "mistype body",
            "thumb_offset",
            f"{GRAPH}: a number may be a text",
        ),
        Right(
            r"POST rupload\..*",
            "drop|misspell header",
            "Content-Type",
            "Instagram Platform, Resumable Uploads: Authorization, offset and file_size are its "
            "headers",
        ),
    ),
)
