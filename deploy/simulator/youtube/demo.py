"""YouTube in `make demo`."""

from deploy.simulator.demo import Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(DemoAccount("youtube", "UCq3Wm7xK0mVb8tR5yZ1aLdQ", "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("youtube", "video", ("wide.mp4",)),
        DemoPost("youtube", "Short", ("upright.mp4",), "Short"),
        DemoPost("youtube", "unlisted", ("wide.mp4",), settings={"privacyStatus": "unlisted"}),
        DemoPost(
            "youtube",
            "thumbnail",
            ("wide.mp4", "noon.jpg"),
            settings={"useImageAsThumbnail": True},
            seen=1,
        ),
    ),
)
