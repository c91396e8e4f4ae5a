"""Preview a draft as Nostr's clients show it: a note, a thread, pictures, or an article.

Source: https://github.com/nostr-protocol/nips, 23.md, 27.md, 36.md, 68.md (read 2026-12-01). How a
post looks differs from client to client.
"""

from platforms.drafts import Draft
from platforms.nostr import post, text
from platforms.nostr.events import ARTICLE, PICTURE
from platforms.preview import shapes, texts
from platforms.preview.shapes import LinkCard, Preview, PreviewPart
from platforms.preview.texts import Text


def preview(draft: Draft) -> Preview:
    finders = (texts.links, texts.hashtags, text.named)
    parts = (texts.marked(text.linked(part), texts.WHOLE, *finders) for part in post.texts(draft))
    first, *others = parts
    files, settings, kind = draft.media, draft.settings, post.kind_of(draft)
    shown = (shapes.framed(files[0]),) if len(files) == 1 else shapes.grid(files)
    card = first.links[0] if first.links and not files and kind != ARTICLE else ""
    return Preview(
        kind=shapes.kind_of(files),
        layout=shapes.layout_of(files),
        parts=(PreviewPart(first, shown), *map(PreviewPart, others)),
        text_below=kind == PICTURE,
        title=Text(post.title(draft)),
        link_card=LinkCard(card) if card else None,
        labels=(
            *((f"Replies to {settings['replyTo']}",) if settings.get("replyTo") else ()),
            *((f"Quotes {settings['quote']}",) if settings.get("quote") else ()),
            *(f"Tagged #{each.lstrip('#')}" for each in settings.get("hashtags") or ()),
            *(
                (f"Hidden behind a warning: {settings['contentWarning']}",)
                if settings.get("contentWarning")
                else ()
            ),
        ),
    )
