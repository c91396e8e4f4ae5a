"""What each network will be sent, and whether it can carry it, before anything is stored."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from platforms import base, rules
from platforms.errors import Unsupported
from platforms.registry import ADAPTERS
from posts.models import Media
from posts.refusals import Refused


@dataclass(frozen=True, slots=True)
class Target:
    """One account a post goes to. `settings` are the platform's own options."""

    number: int
    name: str
    platform: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def freeze(
    content: str, media: Sequence[Media], targets: Collection[Target]
) -> dict[int, base.Draft]:
    """The draft of each target, by account number. Raises Refused, naming every problem.

    A network that cannot do without media is not asked about a post that has none: such a post
    is accepted, and that destination alone fails.
    """
    _check_length(content, {target.platform for target in targets})
    files = tuple(_file(item) for item in media)
    drafts = {
        t.number: base.Draft(content, ADAPTERS[t.platform].pick(files), t.settings) for t in targets
    }
    problems = [
        {"account_id": target.number, "platform": target.platform, "message": message}
        for target in targets
        if (message := _problem(target.platform, drafts[target.number]))
    ]
    if problems:
        raise Refused(
            "post_creation_failed",
            " ".join(dict.fromkeys(str(problem["message"]) for problem in problems)),
            validation_errors=problems,
        )
    return drafts


def _check_length(content: str, platforms: Collection[str]) -> None:
    text = unicodedata.normalize("NFC", content)
    problems = []
    for key in sorted(platforms):
        adapter = ADAPTERS[key]
        length, limit = adapter.text_length(text), adapter.limits.text_chars
        if length > limit:
            message = f"{adapter.name} takes {limit} characters; this has {length}."
            problems.append({"platform": key, "limit": limit, "length": length, "message": message})
    if problems:
        raise Refused(
            "content_too_long",
            "content: " + " ".join(str(problem["message"]) for problem in problems),
            validation_errors=problems,
        )


def _problem(platform: str, draft: base.Draft) -> str:
    adapter = ADAPTERS[platform]
    if adapter.limits.media_required and not draft.media:
        return ""
    try:
        adapter.check(draft)
    except Unsupported as error:
        return error.message
    return ""


def _file(media: Media) -> base.Media:
    kind: rules.Kind = media.kind  # type: ignore[assignment]
    return base.Media(
        key=media.storage_key,
        kind=kind,
        content_type=media.content_type,
        filename=media.filename,
        size_bytes=media.size_bytes,
        width=media.width,
        height=media.height,
        duration_seconds=media.duration_seconds,
    )
