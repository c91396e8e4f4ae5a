"""What a text names: people and posts as `nostr:` links, and hashtags.

Source: https://github.com/nostr-protocol/nips/blob/master/27.md, 21.md, 18.md, 24.md (read
2026-12-01).
"""

import re
from collections.abc import Iterator

from platforms.nostr import nip19
from platforms.nostr.nip19 import Entity
from platforms.preview import texts
from platforms.preview.texts import Mark

CODE = r"(?:npub|nprofile|note|nevent|naddr)1[ac-hj-np-z02-9]{20,1500}"
NAMED = re.compile(rf"(?<![\w/@.:=?&#%-])(?:@|nostr:)?({CODE})(?!\w)")
#: A link to a post, of any site of Nostr, or its code alone.
POST = re.compile(r"(?:nostr:|https://[^\s?#]{1,200}/)?((?:note|nevent|naddr)1[a-z0-9]{20,1500})/?")
MOST_TAGS = 100


def linked(text: str) -> str:
    """Return a text whose codes of people and posts are links."""

    def link(found: re.Match[str]) -> str:
        return f"nostr:{found[1]}" if nip19.read(found[1]) else found[0]

    return NAMED.sub(link, text)


def entities(text: str) -> list[Entity]:
    """Return the people and posts that a text names."""
    found = (nip19.read(each[1]) for each in NAMED.finditer(text))
    return [each for each in found if each][:MOST_TAGS]


def hashtags(text: str) -> list[str]:
    """Return the hashtags of a text in small letters, each once, without their signs."""
    found = (text[mark.start + 1 : mark.end].lower() for mark in texts.hashtags(text))
    return list(dict.fromkeys(found))[:MOST_TAGS]


def named(text: str) -> Iterator[Mark]:
    """Mark the people and posts that a text names, for previews."""
    for found in NAMED.finditer(text):
        if nip19.read(found[1]):
            yield Mark(found.start(), found.end(), "mention")


def code_of(link: str) -> str:
    """Return the code of the post that a link names; empty if it names none."""
    found = POST.fullmatch(link.partition("?")[0].partition("#")[0])
    return found[1] if found and nip19.read(found[1]) else ""
