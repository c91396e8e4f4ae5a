"""The demo accounts and kinds of post of Pinterest."""

from deploy.simulator.demo import LINK, Demo, DemoAccount, DemoPost

TITLE = {"title": "Of doves", "link": LINK}
OWNER = {"owner": "612489876543210001"}

DEMO = Demo(
    accounts=(
        DemoAccount(
            "pinterest", "612489876543210987", "Lofts", "pigeonpost", simulator_extra=OWNER
        ),
        DemoAccount(
            "pinterest",
            "612489876543210988",
            "Feathers",
            "pigeonpost",
            simulator_extra=OWNER,
            spare=True,
        ),
    ),
    posts=(
        DemoPost("pinterest", "image", ("noon.jpg",), settings=TITLE),
        DemoPost("pinterest", "carousel", ("morning.jpg", "noon.jpg", "evening.jpg")),
        DemoPost("pinterest", "video", ("upright.mp4",), settings={"coverSeconds": 1}),
        DemoPost(
            "pinterest",
            "video with a cover",
            ("wide.mp4", "drawing.png"),
            settings={"useImageAsCover": True, **TITLE},
            account=1,
            seen=1,
        ),
    ),
)
