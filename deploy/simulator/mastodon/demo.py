"""The demo account and kinds of post of Mastodon."""

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost

#: A server of its own, which takes longer texts than others.
HOST = "social.pigeons.example"

DEMO = Demo(
    accounts=(
        DemoAccount(
            "mastodon",
            f"110000000000000001@{HOST}",
            "Pigeon Post",
            f"pigeonpost@{HOST}",
            is_called_by_handle=True,
        ),
    ),
    posts=(
        DemoPost("mastodon", "text", settings={"language": "en"}),
        DemoPost("mastodon", "image", ("morning.jpg",), settings={"focus": ["0.0,0.5"]}),
        DemoPost("mastodon", "four images", FOUR_IMAGES),
        DemoPost("mastodon", "GIF", ("sunrise.gif",)),
        DemoPost("mastodon", "video", ("wide.mp4",)),
        DemoPost(
            "mastodon",
            "behind a warning",
            ("noon.jpg",),
            settings={"spoilerText": "Pigeons", "sensitive": True, "visibility": "unlisted"},
        ),
        DemoPost("mastodon", "poll", settings={"pollOptions": ["Coo", "Coo coo"]}),
        DemoPost("mastodon", "thread of three", parts=CHAIN),
    ),
)
