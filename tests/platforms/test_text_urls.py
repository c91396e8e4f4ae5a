"""No network's hashtags and mentions are looked for within URLs."""

import time

import pytest

from platforms.drafts import Draft
from platforms.errors import Unsupported
from platforms.instagram import post_types
from platforms.preview import texts
from platforms.registry import ADAPTERS
from platforms.text import outside_urls
from posts.features.hashtags import tags
from tests.platforms.driver import media

URL = "https://a.example/(b)#frag=#two/@someone"


@pytest.mark.parametrize("network", ADAPTERS)
def test_a_preview_shows_no_hashtag_and_no_mention_within_a_url(network: str):
    shown = ADAPTERS[network].preview(Draft(f"See {URL} @acme #news", settings={"title": "T"}))

    kinds = {segment.text: segment.kind for part in shown.parts for segment in part.text.shown}
    found = {text for text, kind in kinds.items() if kind in ("hashtag", "mention")}
    assert found <= {"@acme", "#news", "news"}
    assert not any("frag" in label for label in shown.labels)


def test_fragments_are_no_hashtags_that_instagram_would_count():
    many = " ".join(f"https://a.example/{n}#part/@x" for n in range(40))
    draft = Draft(many, media=(media(b""),))

    post_types.check(draft)
    with pytest.raises(Unsupported):
        post_types.check(Draft(" ".join(f"#tag{n}" for n in range(31)), media=draft.media))


def test_a_fragment_does_not_keep_a_hashtag_of_a_set_away():
    assert tags.without_known(["frag", "two"], f"See {URL}") == ["frag", "two"]
    assert tags.without_known(["frag"], "See #frag") == []


@pytest.mark.parametrize(
    "part", ["a.", "a-", "https://", "https://a.example/#", "#", "@", "a.b/", "1.", "ab.cd:"]
)
def test_the_scan_takes_time_in_proportion_to_the_text(part: str):
    def seconds(count: int) -> float:
        text = part * (count // len(part))
        began = time.process_time()
        list(outside_urls(texts.HASHTAG, text))
        return time.process_time() - began

    small, large = min(seconds(50_000) for _ in range(3)), min(seconds(200_000) for _ in range(3))
    assert large < 12 * small + 0.05
