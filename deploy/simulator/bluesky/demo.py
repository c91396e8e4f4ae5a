"""The demo account and kinds of post of Bluesky."""

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost

#: A server of its own, that is not Bluesky's.
PDS = "https://pds.pigeons.example"
DID = "did:plc:pigeonpostpigeonpost2345"
FACTS = {"pds": PDS, "password": "demo-pass-word-2345"}
PAGE = "https://example.com/dovecote"

DEMO = Demo(
    accounts=(
        DemoAccount(
            "bluesky",
            DID,
            "Pigeon Post",
            "pigeons.example",
            is_called_by_handle=True,
            extra=FACTS,
            simulator_extra=FACTS,
        ),
    ),
    posts=(
        DemoPost("bluesky", "text"),
        DemoPost("bluesky", "image", ("morning.jpg",)),
        DemoPost("bluesky", "images", FOUR_IMAGES),
        DemoPost("bluesky", "gallery of five images", (*FOUR_IMAGES, "drawing.png")),
        DemoPost("bluesky", "video", ("upright.mp4",)),
        DemoPost("bluesky", "card of a link", settings={"link": PAGE, "languages": ["en"]}),
        DemoPost(
            "bluesky",
            "closed to replies",
            settings={"replyControl": "nobody", "allowQuotes": False},
        ),
        DemoPost("bluesky", "chain of three", parts=CHAIN),
    ),
)
