"""The demo account and kinds of post of WordPress."""

from deploy.simulator.demo import FOUR_IMAGES, Demo, DemoAccount, DemoPost

HOST = "blog.pigeons.example"
MARKDOWN = {"title": "Of doves", "textFormat": "markdown", "tags": ["doves", "lofts"]}

DEMO = Demo(
    accounts=(DemoAccount("wordpress", f"7@{HOST}", "Pigeon Post", "pigeonpost"),),
    posts=(
        DemoPost("wordpress", "text", settings={"title": "Coo"}),
        DemoPost("wordpress", "Markdown", settings=MARKDOWN),
        DemoPost(
            "wordpress",
            "featured image",
            ("morning.jpg", "noon.jpg"),
            settings={"title": "Morning", "featuredImage": True, "categories": ["News"]},
        ),
        DemoPost("wordpress", "four images", FOUR_IMAGES),
        DemoPost("wordpress", "video", ("wide.mp4",), settings={"format": "video"}),
        DemoPost("wordpress", "pictures and a video", ("noon.jpg", "wide.mp4")),
    ),
)
