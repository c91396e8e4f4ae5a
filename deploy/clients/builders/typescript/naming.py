"""How an operation of the API is called in TypeScript.

`get_post_results` of the tag `posts` is `posts.results`: what the tag says already is left out, and
so is `get` or `list` where more follows.
"""

import re
from collections.abc import Iterable, Mapping

#: Where the rule's name would be taken, or would mean something else.
CHOSEN: Mapping[str, str] = {
    "create_posts": "createMany",
    "resolve_destination": "resolve",
    "get_default_queue": "getDefault",
}
#: A part of the client, where it is not the tag.
PARTS: Mapping[str, str] = {"queue": "queues"}


def part(tag: str) -> str:
    """The client's property for the calls of a tag."""
    return camel(re.split(r"\W+|_", PARTS.get(tag, tag)))


def methods(tag: str, operations: Iterable[str]) -> dict[str, str]:
    """Operation → method. Two operations never share one: the later keeps its whole name."""
    named: dict[str, str] = {}
    for operation in operations:
        short = CHOSEN.get(operation) or _short(tag, operation)
        named[operation] = short if short not in named.values() else camel(operation.split("_"))
    return named


def camel(words: Iterable[str]) -> str:
    first, *others = words
    return first + "".join(word.capitalize() for word in others)


def _short(tag: str, operation: str) -> str:
    said = {word for name in re.split(r"\W+|_", tag) for word in (name, name.removesuffix("s"))}
    said |= {f"{word}s" for word in said}
    verb, *others = operation.split("_")
    left = [word for word in others if word not in said]
    return camel(left if verb in ("get", "list") and left else [verb, *left])
