"""Texts of all scripts, with links, mentions, hashtags and signs between them."""

import random
from collections.abc import Iterator

#: Words of many scripts, and what stands between them unseen.
SCRIPTS = (
    *("Doves", "naïve", "\u0422\u0443\u0440\u043c\u0430\u043d", "鳩が飛ぶ", "비둘기"),
    *("حمامة", "יונה"),
    *("यात्रा क्षेत्र", "ကောင်း", "นกพิราบ", "ক্ষমা", "\U0001f54a\ufe0f", "\U0001f1e9\U0001f1ea"),
    *("\U0001f468\u200d\U0001f469\u200d\U0001f467", "1\ufe0f\u20e3", "e\u0301", "\u200b", "\u00ad"),
    *("\u2060", "\u200e", "\ufeff", "\r\n", "\n", "\u3000"),
)  # fmt: skip
SIGNS = (*"#@$.,;:!?()[]{}|/_-~&='*<>\\^`\"\uff03\u2019\u300c\u300d\u3002", "%20")
LINKS = (
    *("https://example.com", "http://bücher.example.de/a_(b)", "HTTPS://日本.co.uk", "xn--p1ai"),
    *("example.com", "https://localhost/a", "https://a.music/b", "gemini://example.org/a?b=c#d"),
    *("@dora@example.com", "@dora.bsky.social", "#doves", "\uff03鳩", "$AAPL", "a.рф/ж"),
    "https://t.co/abc",
)  # fmt: skip


def texts(seed: int, count: int = 1500, most: int = 12) -> Iterator[str]:
    """Yield texts of up to so many pieces, the same ones for the same seed."""
    chosen = random.Random(seed)
    for _ in range(count):
        parts = [chosen.choice(chosen.choice((SCRIPTS, SIGNS, LINKS, (" ",)))) for _ in range(most)]
        yield "".join(parts[: chosen.randint(1, most)])
