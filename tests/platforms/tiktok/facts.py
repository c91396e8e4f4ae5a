"""The facts of TikTok that tests need."""

from platforms.drafts import Draft
from platforms.errors import OutcomeUnknown
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Account, Kind, LostAnswer, NetworkFacts
from tests.platforms.samples import CLIP, LAG, PHOTO, PICTURE, VIDEO

PULL = {"transfer": "PULL_FROM_URL"}
SHOWN_LATER = {"processing_seconds": 10_000}

FACTS = NetworkFacts(
    account=Account("723f24d7-e717-40f8-a2b6-{}".format),
    kinds={
        "": Kind("put_chunk", CLIP),
        # Where TikTok fetches the file, its init is the post.
        "pull": Kind("init", Draft("Hello", CLIP.media, PULL)),
        "photos": Kind("photo_init", PICTURE),
    },
    # Answers of the upload host prove nothing about the post: its status is asked instead.
    statuses=dict.fromkeys((400, 403, 404), OutcomeUnknown),
    # TikTok does not say when its limit ends: six requests a minute are documented.
    reset_seconds=60,
    lost={
        "": LostAnswer(Kind("put_chunk", CLIP), SHOWN_LATER, 1, 3, 1),
        "fetched": LostAnswer(Kind("photo_init", PICTURE), LAG, 1, 3, 3, end="fail"),
    },
    lookups=("status", "list_videos"),
    lags=("listing_lag_seconds",),
    publishing=("put_chunk", "photo_init"),
    numbers=("query_videos", {"views", "likes", "comments", "shares"}),
    links=(
        "7300000000000000000",
        "https://www.tiktok.com/@acme/video/x",
        "https://www.tiktok.com/@acme/video/7300000000000000000?is_from_webapp=1",
        "https://m.tiktok.com/v/7300000000000000000",
    ),
    image=(20_000_000, 0, 0, 1080, 1920),
    video=(4_000_000_000, 0, 10 * 60),
    refusals=(lambda words: {"error": {"code": "invalid_params", "message": words}},),
    person=lambda *_: ("open-id-1", {"name": "Pigeon Post", "username": "pigeonpost"}),
    patterns=(("adapter.PROFILE_LINK", "search", "word"),),
    trials=(
        Kind("put_chunk", Draft("Look", (VIDEO,), {"videoCoverTimestampMs": 500, "isAigc": True})),
        Kind("init", Draft("Look", (VIDEO,), PULL)),
        Kind(
            "photo_init",
            Draft("Look", (PHOTO, PHOTO), {"title": "Doves", "photoCoverIndex": 1, "isAigc": True}),
        ),
    ),
    still_right=(
        Right(
            "PUT open-upload.tiktokapis.com/video",
            "add query",
            "unknown",
            "Content Posting API, Media Transfer Guide: the address is TikTok's",
        ),
        Right(
            "POST open.tiktokapis.com/v2/post/publish/(video|content)/init",
            "drop body",
            r"is_aigc post_info\.(is_aigc|title|description|video_cover_timestamp_ms)",
            "Content Posting API, Direct Post and Photo Post: optional",
        ),
        Right(
            "POST open.tiktokapis.com/v2/video/list",
            "drop body",
            "max_count",
            "Display API, List Videos: optional, 10 if it is missing",
        ),
    ),
)
