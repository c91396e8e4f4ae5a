"""The options of a YouTube post.

Source: YouTube Data API, videos resource, videos.insert and thumbnails.set (read 2026-11-24).
"""

from platforms.options import Boolean, Choice, Option, String, Strings

PRIVACY = ("public", "unlisted", "private")
#: The option that makes the post's first image the video's thumbnail.
THUMBNAIL = "useImageAsThumbnail"

OPTIONS: tuple[Option, ...] = (
    String("title", "The video's title. Without it the first line of the text.", max_chars=100),
    Choice("privacyStatus", "Who may see the video; public if left out.", PRIVACY),
    Strings("tags", "Keywords, up to 500 characters in all.", max_items=250, max_chars=498),
    Boolean("madeForKids", "Whether the video is made for children; false if left out."),
    Boolean("selfDeclaredMadeForKids", "The same as madeForKids, by YouTube's own name."),
    String("categoryId", "The number of a category of videos; 22 if left out.", max_chars=3),
    Boolean("containsSyntheticMedia", "Whether it holds realistic altered or generated content."),
    Boolean("notifySubscribers", "Whether subscribers are told of it; true if left out."),
    Boolean("embeddable", "Whether other sites may show it; true if left out."),
    Choice(
        "license", "The licence it is under; youtube if left out.", ("youtube", "creativeCommon")
    ),
    String("defaultLanguage", "The language of its title and text, such as en or pt-BR.", 35, 2),
    Boolean(THUMBNAIL, "Sets the post's first image as the video's thumbnail."),
)
