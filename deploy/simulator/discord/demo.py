"""The demo accounts and kinds of post of Discord."""

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost

GUILD = "1290000000000000001"
CARD = {"title": "Of doves", "url": LINK, "description": "They coo.", "color": 5793266}
POLL = {"pollQuestion": "Coo?", "pollOptions": ["Yes", "No"]}

DEMO = Demo(
    accounts=(
        DemoAccount(
            "discord",
            "1290000000000000002@1290000000000000003",
            "#announcements",
            "pigeonpost",
            simulator_extra={"type": 5},
        ),
        DemoAccount("discord", "1290000000000000006", "Pigeon Post", "Pigeon Post", spare=True),
        DemoAccount(
            "discord",
            "1290000000000000002@1290000000000000005",
            "#ideas",
            "pigeonpost",
            extra={"kind": "forum"},
            simulator_extra={"type": 15},
            spare=True,
        ),
    ),
    posts=(
        DemoPost("discord", "text"),
        DemoPost("discord", "embed", settings={"embeds": [CARD]}),
        DemoPost("discord", "poll", settings=POLL),
        DemoPost("discord", "crossposted image", ("morning.jpg",), settings={"crosspost": True}),
        DemoPost("discord", "four images and a video", (*FOUR_IMAGES, "wide.mp4")),
        DemoPost("discord", "webhook", ("noon.jpg",), account=1),
        DemoPost("discord", "forum thread", settings={"threadName": "Lofts"}, account=2),
    ),
)
