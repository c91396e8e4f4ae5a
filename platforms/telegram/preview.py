"""Preview a draft as a chat shows it: files first, the text below them, a card for a link, buttons.

Source: https://core.telegram.org/bots/api#sendmessage and https://telegram.org/blog/albums-saved-messages
(read 2026-11-30). Observed in its apps: a single picture keeps its shape, within 2:1 and 1:2 or so.
"""

from platforms.drafts import Draft
from platforms.preview import shapes, texts
from platforms.preview.shapes import Kind, Layout, LinkCard, Poll, Preview, PreviewPart
from platforms.telegram import post
from platforms.telegram.text import formatted

LABELS = (
    ("disableNotification", True, "Readers get it without a sound."),
    ("protectContent", True, "It cannot be forwarded or saved."),
)
LEAST, MOST = 1 / 2, 2.0
UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def preview(draft: Draft) -> Preview:
    files, settings = draft.media, draft.settings
    poll = bool(settings.get("pollOptions"))
    text = texts.marked(
        formatted(draft).text, texts.WHOLE, texts.links, texts.hashtags, texts.mentions
    )
    shown = shapes.grid(files) if len(files) > 1 else [shapes.framed(f, LEAST, MOST) for f in files]
    has_card = text.links and not (files or poll or settings.get("disableLinkPreview"))
    return Preview(
        kind="poll" if poll else _kind(draft),
        layout=_layout(draft),
        parts=(PreviewPart(text, tuple(shown)),),
        text_below=bool(files),
        link_card=LinkCard(text.links[0]) if has_card else None,
        poll=_poll(draft) if poll else None,
        labels=(
            *shapes.labels(settings, LABELS),
            *(f"Button: {words} ({url})" for words, url in post.buttons(draft)),
        ),
    )


def _kind(draft: Draft) -> Kind:
    is_document = any(item.kind == "document" for item in draft.media)
    return "document" if is_document else shapes.kind_of(draft.media)


def _layout(draft: Draft) -> Layout:
    if _kind(draft) == "document":
        return "pages"
    return "grid" if len(draft.media) > 1 else shapes.layout_of(draft.media)


def _poll(draft: Draft) -> Poll:
    seconds, answers = draft.settings.get("pollSeconds"), draft.settings["pollOptions"]
    if not seconds:
        return Poll("", tuple(answers), "until it is stopped")
    size, unit = next(each for each in UNITS if seconds >= each[0])
    count = round(seconds / size)
    return Poll("", tuple(answers), f"{count} {unit}{'s'[: count - 1]}")
