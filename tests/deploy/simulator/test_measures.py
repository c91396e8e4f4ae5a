"""The simulator measures texts by code of its own, and finds what adapters find."""

import random
from collections.abc import Iterator

import pytest

from deploy.simulator import measures
from deploy.simulator.bluesky.cids import cid_of
from deploy.simulator.bluesky.rules import POST, Rules
from deploy.simulator.linkedin.rules import as_read
from deploy.simulator.mastodon.lengths import length
from deploy.simulator.x import lengths as x_lengths
from platforms.bluesky import facets, records
from platforms.linkedin.text import escape
from platforms.mastodon.text import measure
from platforms.text import graphemes, nfc, utf16_units
from platforms.text.links import url_spans
from platforms.x.length import weighted_length

#: Words of many scripts and what texts put between them.
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


def texts(seed: int, count: int = 1500) -> Iterator[str]:
    chosen = random.Random(seed)
    for _ in range(count):
        parts = [chosen.choice(chosen.choice((SCRIPTS, SIGNS, LINKS, (" ",)))) for _ in range(12)]
        yield "".join(parts[: chosen.randint(1, 12)])


@pytest.mark.parametrize("seed", range(3))
def test_texts_of_all_scripts_are_as_long_for_the_adapter_as_for_the_network(seed: int):
    for text in texts(seed):
        lengths = {
            "x": (weighted_length(text), x_lengths.weight(text)),
            "links of x": (
                [*url_spans(nfc(text))],
                [*x_lengths.links(nfc(text))],
            ),
            "mastodon": (measure(text, 500, 23).count, length(text)),
            "visible": (graphemes(text), measures.graphemes(text)),
            "units": (utf16_units(text), measures.utf16_units(text)),
            "linkedin": (nfc(text), nfc(as_read(escape(text)))),
        }
        assert (text, {name: pair for name, pair in lengths.items() if pair[0] != pair[1]}) == (
            text,
            {},
        )


@pytest.mark.parametrize("seed", range(3))
def test_the_facets_of_texts_of_all_scripts_are_taken(seed: int):
    rules, dids = Rules("did:plc:a"), {"dora.bsky.social": f"did:plc:{'a' * 24}"}
    for text in texts(seed):
        record = {"$type": POST, "text": text, "createdAt": "2026-12-03T00:00:00Z"}
        found = facets.facets(text, dids)
        record |= {"facets": found} if found else {}
        assert (text, rules.problem(POST, "3l6oveex3ii2l", record, "$")) == (text, "")
        assert cid_of(record) == records.cid_of(record)
