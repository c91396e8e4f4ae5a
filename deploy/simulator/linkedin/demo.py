"""LinkedIn in `make demo`."""

from deploy.simulator.demo import FOUR_IMAGES, LINK, Demo, DemoAccount, DemoPost

PAGE, MEMBER = "urn:li:organization:2414183", "nq7kLdPw3e"
DEMO = Demo(
    accounts=(
        DemoAccount(
            "linkedin",
            "2414183",
            "Pigeon Post Ltd",
            "pigeon-post",
            extra={"author": PAGE},
            simulator_extra={"author": PAGE, "roles": {MEMBER: "ADMINISTRATOR"}},
        ),
        DemoAccount("linkedin", MEMBER, "Clara Columba", "clara-columba", spare=True),
    ),
    posts=(
        DemoPost("linkedin", "page: text"),
        DemoPost("linkedin", "member: text (little) [text]", account=1),
        DemoPost("linkedin", "image", ("morning.jpg",)),
        DemoPost("linkedin", "four images", FOUR_IMAGES),
        DemoPost("linkedin", "video", ("wide.mp4",)),
        DemoPost("linkedin", "PDF document", ("guide.pdf",), settings={"documentTitle": "A guide"}),
        DemoPost("linkedin", "link", settings={"link": LINK, "linkTitle": "Dovecote"}),
    ),
)
