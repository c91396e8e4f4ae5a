"""The demo account and kinds of post of Nostr."""

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost

RELAYS = ("wss://relay.pigeons.example", "wss://relay.doves.example")
MEDIA = "https://media.pigeons.example"
#: A key of this demo alone, and what it makes: it protects nothing.
SECRET = "d0" * 32
PUBKEY = "6144373d5c39a77d1a5d1a2cb28c3ab2685d4b053440451800ae51647c399874"
FACTS = {"relays": " ".join(RELAYS), "media": MEDIA}

DEMO = Demo(
    accounts=(
        DemoAccount(
            "nostr",
            PUBKEY,
            "Pigeon Post",
            "npub1v9zrw02u8xnh6xjargkt9rp6kf596jc9x3qy2xqq4egkglpenp6qjp904r",
            extra=FACTS,
            simulator_extra=FACTS,
            token=SECRET,
        ),
    ),
    posts=(
        DemoPost("nostr", "note"),
        DemoPost("nostr", "note with an image", ("morning.jpg",)),
        DemoPost("nostr", "note with a video", ("wide.mp4",)),
        DemoPost("nostr", "pictures", FOUR_IMAGES, "Picture", {"title": "A day"}),
        DemoPost(
            "nostr",
            "article",
            ("noon.jpg",),
            "Article",
            {"title": "Of doves", "summary": "They coo.", "hashtags": ["doves"]},
        ),
        DemoPost("nostr", "behind a warning", settings={"contentWarning": "Pigeons"}),
        DemoPost("nostr", "thread of three", parts=CHAIN),
    ),
)
