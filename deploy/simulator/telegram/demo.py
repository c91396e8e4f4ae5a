"""The demo account and kinds of post of Telegram."""

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost

CHANNEL = "-1001234567890"
MARKDOWN = {
    "textFormat": "markdown",
    "buttons": [f"[Read on]({LINK})"],
    "disableNotification": True,
}

DEMO = Demo(
    accounts=(DemoAccount("telegram", CHANNEL, "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("telegram", "text"),
        DemoPost("telegram", "Markdown with a button", settings=MARKDOWN),
        DemoPost("telegram", "photo", ("morning.jpg",), settings={"protectContent": True}),
        DemoPost("telegram", "album of four", FOUR_IMAGES),
        DemoPost("telegram", "video", ("wide.mp4",)),
        DemoPost("telegram", "document", ("guide.pdf",)),
        DemoPost(
            "telegram",
            "poll",
            settings={"pollOptions": ["Coo", "Coo coo"], "pollSeconds": 86_400},
        ),
    ),
)
