"""Facebook in `make demo`."""

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost

DEMO = Demo(
    accounts=(DemoAccount("facebook", "106188995512345", "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("facebook", "text"),
        DemoPost("facebook", "link", settings={"link": LINK}),
        DemoPost("facebook", "photo", ("noon.jpg",)),
        DemoPost("facebook", "four photos", FOUR_IMAGES),
        DemoPost("facebook", "video", ("wide.mp4",)),
        DemoPost("facebook", "reel", ("upright.mp4",), "Reels"),
        DemoPost("facebook", "story, photo", ("upright.jpg",), "Story"),
        DemoPost("facebook", "story, video", ("upright.mp4",), "Story"),
        DemoPost("facebook", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    ),
    simulator_settings={"reels_per_day": 100_000},
)
