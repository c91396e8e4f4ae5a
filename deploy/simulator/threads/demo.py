"""Threads in `make demo`."""

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(
        DemoAccount(
            "threads", "24183507894561236", "Pigeon Post", "pigeonpost", is_called_by_handle=True
        ),
    ),
    posts=(
        DemoPost("threads", "text"),
        DemoPost("threads", "image", ("morning.jpg",)),
        DemoPost("threads", "video", ("upright.mp4",)),
        DemoPost("threads", "carousel with a video", (*FOUR_IMAGES, "upright.mp4")),
        DemoPost("threads", "chain of three", parts=CHAIN),
    ),
    simulator_settings={"quota": 100_000, "reply_quota": 100_000},
)
