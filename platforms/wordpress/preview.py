"""Preview a draft as a blog shows it: a title, the text, and its files, each in its own shape.

Where in its text a theme shows the featured image is the theme's choice: here it stands first.
Source: https://developer.wordpress.org/themes/functionality/featured-images-post-thumbnails/ (read
2026-11-30).
"""

from platforms.drafts import Draft
from platforms.preview import shapes, texts
from platforms.preview.shapes import Cover, Preview, PreviewPart
from platforms.preview.texts import LINK, Text
from platforms.wordpress import text

_links = texts.finder("link", LINK)
CUT = f"The preview shows the first {text.PREVIEWED_CHARS} characters of the text."
LABELS = (
    ("status", "draft", "A draft: no reader sees it."),
    ("status", "pending", "It waits for a review on the site: no reader sees it."),
)


def preview(draft: Draft) -> Preview:
    files, settings = draft.media, draft.settings
    cover = next(iter(files[text.featured(draft) - 1 :]), None) if text.featured(draft) else None
    shown = tuple(item for item in files if item is not cover)
    whole = texts.marked(text.readable(draft), texts.WHOLE, _links)
    terms = {"Categories": settings.get("categories"), "Tags": settings.get("tags")}
    return Preview(
        kind=shapes.kind_of(files),
        layout=shapes.layout_of(shown),
        parts=(PreviewPart(whole, tuple(shapes.framed(item) for item in shown)),),
        title=Text(settings.get("title") or ""),
        cover=Cover(cover) if cover else None,
        visibility="public" if settings.get("status", "publish") in ("publish", "") else "private",
        labels=(
            *shapes.labels(settings, LABELS),
            *([CUT] if len(draft.text) > text.shown_chars(draft) else []),
            *(f"{name}: {', '.join(map(str, each))}" for name, each in terms.items() if each),
        ),
    )
