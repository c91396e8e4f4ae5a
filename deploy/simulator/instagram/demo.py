"""Instagram in `make demo`."""

from deploy.simulator.demo import FOUR_IMAGES, Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(
        DemoAccount(
            "instagram",
            "17841400008460056",
            "Pigeon Post",
            "pigeonpost",
            is_called_by_handle=True,
        ),
        DemoAccount(
            "instagram",
            "17841400008460057",
            "Pigeon Post Studio",
            "pigeonpoststudio",
            is_called_by_handle=True,
            simulator_extra={"login": "facebook"},
            login="facebook",
            spare=True,
        ),
    ),
    posts=(
        DemoPost("instagram", "image", ("noon.jpg",)),
        DemoPost("instagram", "PNG, sent as JPEG", ("drawing.png",)),
        DemoPost("instagram", "carousel of images", FOUR_IMAGES),
        DemoPost("instagram", "carousel with a video", ("morning.jpg", "upright.mp4")),
        DemoPost("instagram", "reel", ("upright.mp4",), "Reels"),
        DemoPost("instagram", "story, image", ("upright.jpg",), "Story"),
        DemoPost("instagram", "story, video", ("upright.mp4",), "Story"),
        DemoPost("instagram", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
        DemoPost("instagram", "image, by Facebook", ("noon.jpg",), account=1),
        DemoPost("instagram", "reel, by Facebook", ("upright.mp4",), "Reels", account=1),
    ),
    simulator_settings={"quota": 100_000, "container_quota": 100_000},
)
