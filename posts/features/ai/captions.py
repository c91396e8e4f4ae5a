"""Captions for a topic, each within its network's limit."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from platforms.http.foreign.stated import read_json
from platforms.registry import ADAPTERS
from platforms.text import is_blank
from posts.errors import try_again
from posts.features.ai import provider

log = structlog.get_logger()

TONES = ("professional", "casual", "witty", "enthusiastic", "urgent", "inspirational")
#: About how many characters each has.
LENGTHS = {"short": 80, "medium": 180, "long": 400}
#: The largest caption for no certain network.
MOST_CHARS = 2000
#: How often the provider is asked again for captions that it did not give in usable form.
TRIES = 2
_SYSTEM = (
    "You write captions for social media. Answer with a JSON array of strings and nothing else: "
    "no Markdown, no numbers, no comments."
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """A request for captions. `platform` blank: for any network."""

    topic: str
    platform: str = ""
    tone: str = "professional"
    length: str = "medium"
    include_hashtags: bool = True
    include_emojis: bool = True
    count: int = 1


def write(wanted: CaptionRequest) -> list[str]:
    """Return one to `wanted.count` captions that fit. Raises RequestRefused."""
    found: list[str] = []
    for _ in range(TRIES):
        said = provider.complete(_SYSTEM, _request(wanted, wanted.count - len(found)))
        found += [fitted(text, wanted.platform) for text in _captions(said)]
        found = list(dict.fromkeys(text for text in found if not is_blank(text)))[: wanted.count]
        if len(found) == wanted.count:
            break
    if not found:
        log.warning("ai_captions_unusable", wanted=wanted.count)
        raise try_again("The AI provider wrote no usable caption; try again.", 5)
    return found


def fitted(text: str, platform: str) -> str:
    """Return the caption, cut at a word if it is longer than its network takes."""
    text = text.strip()
    if _fits(text, platform):
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(text[:middle] + "…", platform) else (low, middle - 1)
    cut = text[:low]
    at_word = cut.rpartition(" ")[0] or cut
    return at_word.rstrip() + "…" if cut else ""


def _fits(text: str, platform: str) -> bool:
    adapter = ADAPTERS.get(platform)
    if adapter is None:
        return len(text) <= MOST_CHARS
    return adapter.text_length(text) <= adapter.limits.text_chars


def _request(wanted: CaptionRequest, count: int) -> str:
    platform = f" for {wanted.platform}" if wanted.platform else ""
    with_or_without = {True: "with", False: "without"}
    return json.dumps(
        {
            "task": f"Write {count} different captions{platform} about the topic.",
            "topic": wanted.topic,
            "tone": wanted.tone,
            "length": f"about {LENGTHS[wanted.length]} characters each",
            "hashtags": with_or_without[wanted.include_hashtags],
            "emojis": with_or_without[wanted.include_emojis],
            "count": count,
        },
        ensure_ascii=False,
    )


def _captions(said: str) -> list[str]:
    """Return the captions of an answer. Some models wrap the array, or write a list instead."""
    for parsed in _json_in(said):
        if isinstance(parsed, dict):
            parsed = next((each for each in parsed.values() if isinstance(each, list)), None)
        if isinstance(parsed, list):
            return [text for text in map(_text, parsed) if text]
    lines = [_LIST_MARK.sub("", line) for line in said.splitlines()]
    return [line.strip() for line in lines if line.strip() and not line.startswith("```")]


def _json_in(said: str) -> Iterator[Any]:
    for start, end in (("[", "]"), ("{", "}")):
        first, last = said.find(start), said.rfind(end)
        if 0 <= first < last:
            try:
                yield read_json(said[first : last + 1])
            except ValueError:
                continue


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = next((each for each in value.values() if isinstance(each, str)), "")
    return value if isinstance(value, str) else ""
