"""Where the URLs of a text are: nothing in them is a hashtag or a mention, at any network."""

import re
from collections.abc import Iterator

#: With a protocol, or a host name with a path; up to white space, quotes, angle brackets, and the
#: punctuation of scripts that are written without spaces.
URL = re.compile(
    # A name has 127 parts at most; without a bound each part is remembered.
    r"(?:https?://|(?<![\w@.:/-])(?:[\w-]++\.){1,126}[^\W\d_]{2,}(?::\d+)?/)"
    r"[^\s<>\"«»“”\u3001-\u3011\uff01\uff08\uff09\uff0c\uff1b\uff1f]*",
    re.IGNORECASE,
)


def outside(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begin in none of the text's URLs."""
    urls = URL.finditer(text)
    url = next(urls, None)
    for found in pattern.finditer(text):
        while url and url.end() <= found.start():
            url = next(urls, None)
        if url is None or found.start() < url.start():
            yield found
