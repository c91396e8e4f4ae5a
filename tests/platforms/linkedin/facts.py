"""The facts of LinkedIn that tests need. Its accounts are pages: members' posts cannot be read."""

from platforms.drafts import Draft
from tests.deploy.simulator.still_right import Right
from tests.platforms.driver import media, video
from tests.platforms.facts import Account, Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.linkedin import steps
from tests.platforms.samples import LAG, PHOTO

#: LinkedIn takes no smaller one.
LARGER_CLIP = Draft("Hello", (media(video() + bytes(75 * 1024), kind="video"),))
CARD = {"link": "https://example.com/", "linkTitle": "Doves", "linkDescription": "Birds"}
POLL = {"pollQuestion": "Coo?", "pollOptions": ["Yes", "No"], "pollDuration": "ONE_DAY"}
CANCELLED = {"error": "user_cancelled_authorize"}
MEMBER = Account(extra={"author": "urn:li:person:{}"})


def _duplicate(words: str) -> dict[str, object]:
    inputs = [{"code": "DUPLICATE_POST", "description": words}]
    return {"message": words, "errorDetails": {"inputErrors": inputs}}


FACTS = NetworkFacts(
    account=Account(extra={"author": "urn:li:organization:{}"}),
    kinds={
        "page": Kind("create_post"),
        "member": Kind("create_post", account=Account()),
        "video": Kind("create_post", LARGER_CLIP, Account()),
    },
    lost={
        "page": LostAnswer(Kind("create_post"), LAG, 1, 3, 3),
        "member": LostAnswer(Kind("create_post", account=MEMBER), {}, 0, 0, 0, end="fail"),
    },
    lookups=("find_posts",),
    lags=("listing_lag_seconds",),
    deletion=Deletion("delete_post", refusal='{"code": "ACCESS_DENIED"}'),
    numbers=("share_statistics", {"likes", "comments", "shares", "impressions", "clicks"}),
    links=(
        "urn:li:share:7000000",
        "https://www.linkedin.com/feed/update/x",
        "https://www.linkedin.com/feed/update/urn:li:share:7000000/",
        "https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7000000?utm_source=share",
    ),
    image=(20 * 1024**2, 0, 0, 0, 0),
    video=(500_000_000, 3, 30 * 60),
    refusals=(lambda words: {"code": "INVALID_VALUE_FOR_FIELD", "message": words}, _duplicate),
    person=lambda person, _: (f"ada{person[:7]}", {"name": "Ada Byron", "username": "ada"}),
    denied={"linkedin": CANCELLED, "linkedin_member": CANCELLED},
    patterns=(
        ("text.HASHTAG", "finditer", "body"),
        ("text.MENTION", "finditer", "body"),
        ("text.RESERVED", "finditer", "body"),
        ("text._KEPT", "finditer", "body"),
    ),
    scans=(("text", "escape", "body"),),
    trials=(
        Kind("create_post", Draft("Hello")),
        Kind("create_post", Draft("Poll", settings=POLL)),
        Kind("create_post", Draft("Card", (PHOTO,), CARD)),
        Kind("create_post", Draft("Look", (PHOTO,))),
        Kind("create_post", Draft("Look", (PHOTO, PHOTO))),
        Kind("create_post", Draft("Look", (steps.clip(),), {"videoTitle": "Doves"})),
        Kind("create_post", Draft("Read", (steps.pdf(),), {"documentTitle": "Plan"})),
    ),
    still_right=(
        Right(
            "(GET|DELETE) api.linkedin.com/rest/(posts/.|organization.*)",
            "drop|misspell header",
            "X-RestLi-Method",
            "Rest.li protocol: GET with q is a FINDER and DELETE a DELETE without the header too",
        ),
        Right(
            "GET api.linkedin.com/rest/(organizationAcls|posts)",
            "drop query",
            "count start state sortBy",
            "Organization Access Control, Posts API: optional filters and paging",
        ),
        Right(
            "GET api.linkedin.com/rest/organizationalEntityShareStatistics",
            "drop query",
            "shares",
            "Organization Share Statistics: without it, the numbers of all posts together",
        ),
        Right(
            "POST api.linkedin.com/rest/posts",
            "drop body",
            r"content isReshareDisabledByAuthor distribution\.(targetEntities|third\w+) "
            r"content\.article\.(description|thumbnail|thumbnailAltText) "
            r"content\.media\.(altText|title) content\.multiImage\.images\.0\.altText",
            "Posts API, Post Schema: optional",
        ),
        Right(
            "PUT www.linkedin.com/dms-uploads/.*",
            "mistype body",
            "",
            "Images, Videos and Documents API: a file is judged after its upload, by its status",
        ),
    ),
)
