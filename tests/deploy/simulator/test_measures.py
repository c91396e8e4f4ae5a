"""The simulator measures texts by code of its own, and finds what adapters find."""

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
from tests.deploy.simulator.texts import texts


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
