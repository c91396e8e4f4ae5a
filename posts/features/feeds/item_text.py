"""The text of an item's post, from the feed's template."""

import re
from collections.abc import Mapping

#: What a template may name, and what each stands for.
FIELDS = ("title", "link", "summary", "author", "feed")
#: Texts that are cut until the post fits its networks; a link is never cut.
LONG = ("title", "summary")
#: The most characters of each long text, tried in this order. None: all of it.
CUTS = (None, 1000, 500, 250, 150, 80)
_FIELD = re.compile(r"\{(\w*)\}")


def unknown(template: str) -> list[str]:
    """Return what the template names that no item has."""
    return [name for name in _FIELD.findall(template) if name not in FIELDS]


def render(template: str, values: Mapping[str, str], most: int | None) -> str:
    """Return the text, with titles and summaries of at most `most` characters."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        text = values.get(name, "")
        return shortened(text, most) if name in LONG and most is not None else text

    # Of a field that the item lacks no blank lines stay.
    return re.sub(r"\n{3,}", "\n\n", _FIELD.sub(value, template)).strip()


def shortened(text: str, most: int) -> str:
    """Cut to at most `most` characters, between words where one ends in the last third."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    whole, space, _ = kept.rpartition(" ")
    return (whole if space and len(whole) > most * 2 // 3 else kept).rstrip() + "…"


def is_wanted(values: Mapping[str, str], include: list[str], exclude: list[str]) -> bool:
    """Return whether the item's words make it a post. Parts of words count; case does not."""
    text = f"{values.get('title', '')}\n{values.get('summary', '')}".casefold()
    if any(word.casefold() in text for word in exclude):
        return False
    return not include or any(word.casefold() in text for word in include)
