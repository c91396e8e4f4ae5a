"""Every kind of post the seven networks take, as `make demo` publishes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from deploy.local.demo import media

#: name → (content type, what draws it).
FILES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "morning.jpg": ("image/jpeg", partial(media.picture, phase=0.05)),
    "noon.jpg": ("image/jpeg", partial(media.picture, phase=0.5)),
    "afternoon.jpg": ("image/jpeg", partial(media.picture, phase=0.75)),
    "evening.jpg": ("image/jpeg", partial(media.picture, phase=0.95)),
    "upright.jpg": ("image/jpeg", partial(media.picture, width=1080, height=1920)),
    "drawing.png": ("image/png", media.drawing),
    "sunrise.gif": ("image/gif", media.animation),
    "guide.pdf": ("application/pdf", media.document),
    "upright.mp4": ("video/mp4", media.video),
    "wide.mp4": ("video/mp4", partial(media.video, size=media.WIDE)),
}
FOUR = ("morning.jpg", "noon.jpg", "afternoon.jpg", "evening.jpg")


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One cell: a network, what its post is, and what the request says beside the text."""

    platform: str
    what: str
    files: tuple[str, ...] = ()
    post_type: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: The further parts of a chain, each made unique by the time.
    parts: tuple[str, ...] = ()
    #: Which of the network's demo accounts: its place among them.
    account: int = 0
    #: How many of the files the public sees in the post, where it is not all of them.
    seen: int | None = None

    @property
    def shown(self) -> int:
        return len(self.files) if self.seen is None else self.seen

    @property
    def has_alt_text(self) -> bool:
        """Whether the request describes the first file, where the network takes it."""
        is_picture = bool(self.files) and self.files[0].endswith((".jpg", ".png", ".gif"))
        return is_picture and self.post_type != "Story" and self.platform in ALT_TEXTS

    def platform_content(self, sent_at: str) -> dict[str, Any]:
        """The request's `platform_content`; empty if the kind needs none."""
        own: dict[str, Any] = {}
        if self.post_type:
            own["contentType"] = self.post_type
        if self.settings:
            own["settings"] = dict(self.settings)
        if self.parts:
            own.setdefault("settings", {})["thread"] = [f"{part} {sent_at}" for part in self.parts]
        return {self.platform: own} if own else {}


#: Networks that show a description of a picture to those who cannot see it.
ALT_TEXTS = ("x", "instagram", "linkedin", "facebook", "threads")
CHAIN = ("The second part follows the first.", "And the third one ends it.")
LINK = "https://example.com/dovecote"

KINDS: tuple[DemoPost, ...] = (
    DemoPost("x", "text"),
    DemoPost("x", "one image", ("morning.jpg",)),
    DemoPost("x", "four images", FOUR),
    DemoPost("x", "GIF", ("sunrise.gif",)),
    DemoPost("x", "video", ("wide.mp4",)),
    DemoPost("x", "thread of three", ("noon.jpg",), parts=CHAIN),
    DemoPost("x", "limited replies", settings={"replySettings": "following"}),
    DemoPost("instagram", "image", ("noon.jpg",)),
    DemoPost("instagram", "PNG, sent as JPEG", ("drawing.png",)),
    DemoPost("instagram", "carousel of images", FOUR),
    DemoPost("instagram", "carousel with a video", ("morning.jpg", "upright.mp4")),
    DemoPost("instagram", "reel", ("upright.mp4",), "Reels"),
    DemoPost("instagram", "story, image", ("upright.jpg",), "Story"),
    DemoPost("instagram", "story, video", ("upright.mp4",), "Story"),
    DemoPost("instagram", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    DemoPost("instagram", "image, by Facebook", ("noon.jpg",), account=1),
    DemoPost("instagram", "reel, by Facebook", ("upright.mp4",), "Reels", account=1),
    DemoPost("linkedin", "page: text"),
    DemoPost("linkedin", "member: text (little) [text]", account=1),
    DemoPost("linkedin", "image", ("morning.jpg",)),
    DemoPost("linkedin", "four images", FOUR),
    DemoPost("linkedin", "video", ("wide.mp4",)),
    DemoPost("linkedin", "PDF document", ("guide.pdf",), settings={"documentTitle": "A guide"}),
    DemoPost("linkedin", "link", settings={"link": LINK, "linkTitle": "Dovecote"}),
    DemoPost("facebook", "text"),
    DemoPost("facebook", "link", settings={"link": LINK}),
    DemoPost("facebook", "photo", ("noon.jpg",)),
    DemoPost("facebook", "four photos", FOUR),
    DemoPost("facebook", "video", ("wide.mp4",)),
    DemoPost("facebook", "reel", ("upright.mp4",), "Reels"),
    DemoPost("facebook", "story, photo", ("upright.jpg",), "Story"),
    DemoPost("facebook", "story, video", ("upright.mp4",), "Story"),
    DemoPost("facebook", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    DemoPost("tiktok", "video, uploaded", ("upright.mp4",)),
    DemoPost("tiktok", "video, fetched", ("upright.mp4",), settings={"transfer": "PULL_FROM_URL"}),
    DemoPost("tiktok", "photos", FOUR),
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
    DemoPost("threads", "text"),
    DemoPost("threads", "image", ("morning.jpg",)),
    DemoPost("threads", "video", ("upright.mp4",)),
    DemoPost("threads", "carousel with a video", (*FOUR, "upright.mp4")),
    DemoPost("threads", "chain of three", parts=CHAIN),
)
