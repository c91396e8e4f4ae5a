"""LinkedIn's "little text" format.

An unescaped reserved character silently cuts the text. Hashtags and mentions keep their meaning,
but not in URLs, which a template would break.

Source: Microsoft Learn, "Little Text Format" (read 2026-11-24).
"""

import re

from platforms.text import nfc, outside_urls

RESERVED = re.compile(r"[\\|{}@\[\]()<>#*_~]")
HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
MENTION = re.compile(r"@\[[^\\|{}@\[\]()<>#*_~]+\]\(urn:li:(?:organization|person):[\w-]+\)")
TEMPLATE = re.compile(r"\{hashtag\|\\#\|((?:[^\\|{}]|\\.)+)\}")
_KEPT = re.compile(f"{MENTION.pattern}|{HASHTAG.pattern}")


def escape(text: str) -> str:
    parts, end = [], 0
    for kept in outside_urls(_KEPT, text):
        parts.append(_literal(text[end : kept.start()]))
        tag = kept[1]
        parts.append(rf"{{hashtag|\#|{_literal(tag)}}}" if tag else kept[0])
        end = kept.end()
    return "".join([*parts, _literal(text[end:])])


def unescape(text: str) -> str:
    """Return the text that `escape` was given, in NFC."""
    text = TEMPLATE.sub(r"\\#\1", text)
    return nfc(re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL))


def _literal(text: str) -> str:
    return RESERVED.sub(r"\\\g<0>", text)
