"""The facts of Pinterest that tests need. Its accounts are boards."""

from platforms.drafts import Draft
from tests.deploy.simulator.still_right import Right
from tests.platforms.facts import Deletion, Kind, LostAnswer, NetworkFacts
from tests.platforms.pinterest import steps
from tests.platforms.samples import LAG, PICTURE

MB = 1024**2
SPECIFICATION = "github.com/pinterest/api-description 5.23.0"

FACTS = NetworkFacts(
    kinds={
        "": Kind("create_pin", PICTURE),
        "carousel": Kind("create_pin", steps.CAROUSEL),
        "video": Kind("create_pin", Draft("Hello", (steps.CLIP,))),
    },
    lost={"": LostAnswer(Kind("create_pin", PICTURE), LAG, 1, 3, 3)},
    lookups=("list_pins",),
    lags=("listing_lag_seconds",),
    deletion=Deletion("delete_pin", scopes=("boards:read", "pins:read")),
    numbers=("get_pin", {"likes", "comments", "impressions", "clicks"}),
    links=(
        "612489000000000009",
        "https://www.pinterest.com/pin/612489000000000009/",
        "https://www.pinterest.co.uk/pin/of-doves--612489000000000009/?utm_source=share",
        "pinterest.com/pin/612489000000000009",
    ),
    image=(20 * MB, 0, 0, 0, 0),
    video=(2048 * MB, 4, 900),
    refusals=(lambda words: {"code": 1, "message": words},),
    patterns=(
        ("adapter.NUMBER", "fullmatch", "word"),
        ("adapter.URL", "fullmatch", "word"),
        ("board.ID", "fullmatch", "word"),
        ("errors.WINDOW", "findall", "word"),
    ),
    scans=(("lookup", "_print", "body"),),
    trials=(
        Kind("create_pin", steps.IMAGE),
        Kind("create_pin", steps.CAROUSEL),
        Kind("create_pin", steps.MOVING),
        Kind("create_pin", steps.COVERED),
        Kind("create_pin", steps.IN_SECTION),
    ),
    still_right=(
        Right(
            "GET api.pinterest.com/v5/(boards|pins).*",
            "drop query",
            "bookmark page_size pin_metrics",
            f"{SPECIFICATION}, boards/list, boards/list_pins, pins/get: optional",
        ),
        Right(
            "POST api.pinterest.com/v5/pins",
            "drop body",
            "alt_text board_section_id description link title",
            f"{SPECIFICATION}, pins/create: optional",
        ),
        Right(
            "POST api.pinterest.com/v5/oauth/token",
            "drop body",
            "continuous_refresh",
            f"{SPECIFICATION}, oauth/token: needed by older apps alone",
        ),
    ),
)
