"""The body of a post: text, and at most one kind of content.

Source: Microsoft Learn, "Posts API", "MultiImage API", "Poll API" (read 2026-11-24). That an
article needs a title was seen in LinkedIn's own refusals (2025-12).
"""

from collections.abc import Mapping
from typing import Any

from platforms.drafts import Draft, Media
from platforms.errors import Unsupported
from platforms.linkedin.text import escape
from platforms.policy.options import Boolean, Choice, Option, String, Strings

#: LinkedIn documents no lengths for these; its own refusals decide.
TITLE_CHARS, DESCRIPTION_CHARS = 400, 4086
DURATIONS = ("ONE_DAY", "THREE_DAYS", "SEVEN_DAYS", "FOURTEEN_DAYS")
OPTIONS: tuple[Option, ...] = (
    Choice("visibility", "Who sees the post; CONNECTIONS for members.", ("PUBLIC", "CONNECTIONS")),
    Boolean("isReshareDisabledByAuthor", "Whether reposts are disabled."),
    String("documentTitle", "The document's title; its file name if missing.", TITLE_CHARS),
    String("videoTitle", "The video's title.", TITLE_CHARS),
    String("link", "A URL shown as a preview; one image of the post illustrates it.", 2000),
    String("linkTitle", "The preview's title; LinkedIn does not read the page.", TITLE_CHARS),
    String("linkDescription", "The preview's description.", DESCRIPTION_CHARS),
    String("pollQuestion", "Makes the post a poll.", 140),
    Strings("pollOptions", "Two to four answers.", 4, 30),
    Choice("pollDuration", "How long a poll is open; THREE_DAYS if missing.", DURATIONS),
)


def check(draft: Draft) -> None:
    """Raise Unsupported if the options do not fit each other or the media."""
    given = draft.settings
    kinds = {item.kind for item in draft.media}
    link, poll = "link" in given, "pollQuestion" in given
    if len(draft.media) > 1 and kinds != {"image"}:
        raise Unsupported("LinkedIn takes one video or one document a post.")
    if link and not str(given["link"]).startswith(("https://", "http://")):
        raise Unsupported("LinkedIn's option link must be a URL such as https://example.com.")
    if link != ("linkTitle" in given):
        raise Unsupported("LinkedIn's options link and linkTitle go together.")
    if "linkDescription" in given and not link:
        raise Unsupported("LinkedIn's option linkDescription needs a link.")
    if link and (poll or len(draft.media) > 1 or kinds - {"image"}):
        raise Unsupported("LinkedIn takes a link with at most one image, which illustrates it.")
    if poll and draft.media:
        raise Unsupported("LinkedIn takes a poll without files.")
    if poll != ("pollOptions" in given) or ("pollDuration" in given and not poll):
        raise Unsupported("LinkedIn's options pollQuestion and pollOptions go together.")
    if poll and len(given["pollOptions"]) < 2:
        raise Unsupported("LinkedIn takes polls of two to four options.")
    for name, kind in (("documentTitle", "document"), ("videoTitle", "video")):
        if name in given and kind not in kinds:
            raise Unsupported(f"LinkedIn's option {name} needs a {kind}.")


def body(draft: Draft, author: str, urns: Mapping[str, str]) -> dict[str, Any]:
    """Return the body to post, equal for each try. `urns` are the uploaded files by their keys."""
    content = _content(draft, urns)
    return {
        "author": author,
        "commentary": escape(draft.text),
        "visibility": draft.settings.get("visibility", "PUBLIC"),
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": draft.settings.get("isReshareDisabledByAuthor", False),
        **({"content": content} if content else {}),
    }


def _content(draft: Draft, urns: Mapping[str, str]) -> dict[str, Any]:
    if "link" in draft.settings:
        return {"article": _article(draft, urns)}
    if "pollQuestion" in draft.settings:
        return {"poll": _poll(draft.settings)}
    if len(draft.media) > 1:
        return {"multiImage": {"images": [_image(item, urns) for item in draft.media]}}
    return {"media": _single(draft, draft.media[0], urns)} if draft.media else {}


def _single(draft: Draft, item: Media, urns: Mapping[str, str]) -> dict[str, str]:
    if item.kind == "image":
        return _image(item, urns)
    if item.kind == "document":
        title = draft.settings.get("documentTitle") or item.filename
    else:
        title = draft.settings.get("videoTitle", "")
    return {"id": urns[item.key], **({"title": title} if title else {})}


def _image(item: Media, urns: Mapping[str, str]) -> dict[str, str]:
    # LinkedIn refuses a description that is blank.
    return {"id": urns[item.key], **({"altText": item.alt_text} if item.alt_text else {})}


def _article(draft: Draft, urns: Mapping[str, str]) -> dict[str, str]:
    names = {"source": "link", "title": "linkTitle", "description": "linkDescription"}
    article = {ours: draft.settings[name] for ours, name in names.items() if name in draft.settings}
    for item in draft.media:
        article["thumbnail"] = urns[item.key]
        if item.alt_text:
            article["thumbnailAltText"] = item.alt_text
    return article


def _poll(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "question": given["pollQuestion"],
        "options": [{"text": text} for text in given["pollOptions"]],
        "settings": {"duration": given.get("pollDuration", "THREE_DAYS")},
    }


def media_urns(content: Mapping[str, Any]) -> list[str]:
    """Return the files that a post's content names, in order."""
    images = (content.get("multiImage") or {}).get("images") or []
    one = (content.get("media") or {}).get("id") or (content.get("article") or {}).get("thumbnail")
    return [image["id"] for image in images] or ([one] if one else [])
