"""TikTok in `make demo`."""

from deploy.simulator.demo import FOUR_IMAGES, Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(
        DemoAccount(
            "tiktok",
            "723f24d7-e717-40f8-a2b6-cb8464cd23b4",
            "Pigeon Post",
            "pigeonpost",
            is_called_by_handle=True,
        ),
    ),
    posts=(
        DemoPost("tiktok", "video, uploaded", ("upright.mp4",)),
        DemoPost(
            "tiktok", "video, fetched", ("upright.mp4",), settings={"transfer": "PULL_FROM_URL"}
        ),
        DemoPost("tiktok", "photos", FOUR_IMAGES),
    ),
)
