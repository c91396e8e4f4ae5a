"""How servers count a text, and how what they show of it is compared with what was sent.

Source: https://docs.joinmastodon.org/user/posting/#text (read 2026-11-30): a link counts as 23
characters, of a mention only the name counts. A content warning counts with the text.
`entities.py` finds both.
"""

import html
import re

from platforms.mastodon.entities import shortened, without_servers
from platforms.text import TextLength, graphemes, nfc

#: How many code points of a text are counted, as a multiple of the limit: emoji have several.
SEVERAL = 10
WORD = re.compile(r"\w+")
TAG = re.compile(r"<[^<>]*>")
#: Servers put the link of a quoted post before the text.
QUOTED = '<p class="quote-inline">'


def measure(text: str, limit: int, url_chars: int) -> TextLength:
    """Return the length of a text as servers count it; of a far too long one, of its beginning."""
    counted, links = shortened(text)
    if len(counted) <= limit * SEVERAL:
        return TextLength(graphemes(counted) + links * (url_chars - 1))
    beginning = counted[: limit * SEVERAL]
    return TextLength(max(graphemes(beginning), limit + 1), is_exact=False)


def fingerprint(text: str) -> str:
    """Return what servers leave of a text: letters and digits, or all that is seen if it has none.

    Servers link, shorten and format: they turn spaces, punctuation and markup into others, and
    write mentions without their servers.
    """
    known = nfc(without_servers(text)).casefold()
    return "".join(filter(str.isalnum, known)) or "".join(known.split())


def is_alike(sent: str, shown: str) -> bool:
    """Return whether a server may have made one text of the other: half of the words are there."""
    ours, theirs = fingerprint(sent), fingerprint(shown)
    if not ours or not theirs:
        return ours == theirs
    if ours in theirs or theirs in ours:
        return True
    words, kept = set(WORD.findall(sent.casefold())), set(WORD.findall(shown.casefold()))
    return 2 * len(words & kept) >= len(words)


def plain(content: str) -> str:
    """Return the text of a post's HTML, without what a server puts before a quote."""
    if content.startswith(QUOTED):
        content = content.partition("</p>")[2]
    return html.unescape(TAG.sub("", content))
