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
class Kind:
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

KINDS: tuple[Kind, ...] = (
    Kind("x", "text"),
    Kind("x", "one image", ("morning.jpg",)),
    Kind("x", "four images", FOUR),
    Kind("x", "GIF", ("sunrise.gif",)),
    Kind("x", "video", ("wide.mp4",)),
    Kind("x", "thread of three", ("noon.jpg",), parts=CHAIN),
    Kind("x", "limited replies", settings={"replySettings": "following"}),
    Kind("instagram", "image", ("noon.jpg",)),
    Kind("instagram", "PNG, sent as JPEG", ("drawing.png",)),
    Kind("instagram", "carousel of images", FOUR),
    Kind("instagram", "carousel with a video", ("morning.jpg", "upright.mp4")),
    Kind("instagram", "reel", ("upright.mp4",), "Reels"),
    Kind("instagram", "story, image", ("upright.jpg",), "Story"),
    Kind("instagram", "story, video", ("upright.mp4",), "Story"),
    Kind("instagram", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    Kind("instagram", "image, by Facebook", ("noon.jpg",), account=1),
    Kind("instagram", "reel, by Facebook", ("upright.mp4",), "Reels", account=1),
    Kind("linkedin", "page: text"),
    Kind("linkedin", "member: text (little) [text]", account=1),
    Kind("linkedin", "image", ("morning.jpg",)),
    Kind("linkedin", "four images", FOUR),
    Kind("linkedin", "video", ("wide.mp4",)),
    Kind("linkedin", "PDF document", ("guide.pdf",), settings={"documentTitle": "A guide"}),
    Kind("linkedin", "link", settings={"link": LINK, "linkTitle": "Dovecote"}),
    Kind("facebook", "text"),
    Kind("facebook", "link", settings={"link": LINK}),
    Kind("facebook", "photo", ("noon.jpg",)),
    Kind("facebook", "four photos", FOUR),
    Kind("facebook", "video", ("wide.mp4",)),
    Kind("facebook", "reel", ("upright.mp4",), "Reels"),
    Kind("facebook", "story, photo", ("upright.jpg",), "Story"),
    Kind("facebook", "story, video", ("upright.mp4",), "Story"),
    Kind("facebook", "first comment", ("evening.jpg",), settings={"firstComment": "Coo!"}),
    Kind("tiktok", "video, uploaded", ("upright.mp4",)),
    Kind("tiktok", "video, fetched", ("upright.mp4",), settings={"transfer": "PULL_FROM_URL"}),
    Kind("tiktok", "photos", FOUR),
    Kind("youtube", "video", ("wide.mp4",)),
    Kind("youtube", "Short", ("upright.mp4",), "Short"),
    Kind("youtube", "unlisted", ("wide.mp4",), settings={"privacyStatus": "unlisted"}),
    Kind(
        "youtube",
        "thumbnail",
        ("wide.mp4", "noon.jpg"),
        settings={"useImageAsThumbnail": True},
        seen=1,
    ),
    Kind("threads", "text"),
    Kind("threads", "image", ("morning.jpg",)),
    Kind("threads", "video", ("upright.mp4",)),
    Kind("threads", "carousel with a video", (*FOUR, "upright.mp4")),
    Kind("threads", "chain of three", parts=CHAIN),
)
