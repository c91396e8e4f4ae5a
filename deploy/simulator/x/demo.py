"""X in `make demo`."""

from deploy.simulator.demo import CHAIN, FOUR_IMAGES, Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(
        DemoAccount(
            "x", "1529384756102938475", "Pigeon Post", "pigeonpost", is_called_by_handle=True
        ),
    ),
    posts=(
        DemoPost("x", "text"),
        DemoPost("x", "one image", ("morning.jpg",)),
        DemoPost("x", "four images", FOUR_IMAGES),
        DemoPost("x", "GIF", ("sunrise.gif",)),
        DemoPost("x", "video", ("wide.mp4",)),
        DemoPost("x", "thread of three", ("noon.jpg",), parts=CHAIN),
        DemoPost("x", "limited replies", settings={"replySettings": "following"}),
    ),
)
