"""Preview a draft on YouTube: a video or Short with title, description and thumbnail.

Source: YouTube Data API, videos resource (read 2026-11-24): titles of 100 characters. Observed:
lists cut a title after about 70 characters and a description after about 157; of a Short only the
title is shown until a viewer opens the description.
"""

from dataclasses import replace

from platforms.drafts import Draft, Media
from platforms.preview import shapes, texts
from platforms.preview.shapes import Cover, Preview, PreviewPart, Visibility, labels
from platforms.preview.texts import Fold
from platforms.youtube import metadata, post_types

TITLE = Fold(chars=70, label="…")
DESCRIPTION = Fold(chars=157, label="…more")
SHORT_DESCRIPTION = Fold(chars=0, label="Description")
VISIBILITY: dict[str, Visibility] = {
    "public": "public",
    "unlisted": "unlisted",
    "private": "private",
}
BECOMES_SHORT = "YouTube makes a Short of an upright or square video of up to three minutes."
LABELS = (
    ("containsSyntheticMedia", True, "Altered or synthetic content"),
    ("embeddable", False, "Other sites may not show it."),
    ("notifySubscribers", False, "Subscribers are not notified."),
    ("license", "creativeCommon", "Creative Commons licence"),
)


def preview(draft: Draft) -> Preview:
    videos = tuple(item for item in draft.media if item.kind == "video")
    is_short = len(videos) == 1 and _is_short(draft, videos[0])
    ratio = shapes.UPRIGHT if is_short else shapes.WIDE
    for_kids = ("Made for kids",) if metadata.made_for_kids(draft) else ()
    picture = post_types.thumbnail(draft)
    return Preview(
        kind="short" if is_short else "video",
        layout="player" if videos else "none",
        text_below=True,
        parts=(
            PreviewPart(
                texts.marked(
                    draft.text,
                    SHORT_DESCRIPTION if is_short else DESCRIPTION,
                    texts.links,
                    texts.hashtags,
                    texts.mentions,
                ),
                tuple(shapes.in_frame(item, ratio, crops=False) for item in videos),
            ),
        ),
        title=texts.marked(metadata.title(draft), TITLE, texts.hashtags),
        cover=_cover(picture) if videos else None,
        visibility=VISIBILITY.get(metadata.privacy(draft), "public"),
        labels=(*for_kids, *labels(draft.settings, LABELS)),
        left_out=(BECOMES_SHORT,) if is_short and draft.post_type == post_types.VIDEO else (),
    )


def _is_short(draft: Draft, video: Media) -> bool:
    """YouTube decides by shape and length, no matter what was asked for."""
    is_known = video.width and video.height and video.duration_seconds
    return post_types.is_short(replace(draft, post_type="") if is_known else draft)


def _cover(picture: Media | None) -> Cover:
    """Return the cover; without a picture YouTube chooses a moment of the video."""
    return Cover(media=picture)
