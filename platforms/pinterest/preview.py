"""Preview a draft as a Pin: its pictures or its video, the title and the description below.

A Pin keeps its own shape, and is cut at the bottom if it is taller than 1:2.1. Source:
https://docs.getlate.dev/resources/media-guidelines/pinterest (excerpts, read 2026-12-01).
"""

from platforms.drafts import Draft
from platforms.pinterest import pin
from platforms.preview import shapes, texts
from platforms.preview.shapes import Cover, Preview, PreviewPart
from platforms.preview.texts import Text

TALLEST, USUAL = 1 / 2.1, 2 / 3


def preview(draft: Draft) -> Preview:
    clip, settings = pin.video(draft), draft.settings
    shown = (clip,) if clip else pin.pictures(draft)
    target = settings.get("link")
    return Preview(
        kind="video" if clip else "carousel" if len(shown) > 1 else shapes.kind_of(shown),
        layout="carousel" if len(shown) > 1 else shapes.layout_of(shown),
        text_below=True,
        parts=(
            PreviewPart(
                texts.marked(draft.text, texts.WHOLE),
                tuple(shapes.framed(item, least=TALLEST, unknown=USUAL) for item in shown),
            ),
        ),
        title=Text(settings.get("title") or ""),
        cover=_cover(draft) if clip else None,
        # Who sees a board, only Pinterest knows.
        visibility="widest",
        labels=(f"A tap leads to {target}.",) if target else (),
    )


def _cover(draft: Draft) -> Cover:
    if images := pin.pictures(draft):
        return Cover(images[0])
    return Cover(at_ms=(draft.settings.get("coverSeconds") or 0) * 1000)
