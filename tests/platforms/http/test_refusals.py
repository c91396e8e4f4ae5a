"""What an error says of a network's refusal, with and without the network's own words."""

import pytest

from platforms.errors import Rejected
from platforms.http.refusals import Meaning


@pytest.mark.parametrize(
    ("said", "shown"), [("Too long.", "X refused the post: Too long."), ("", "X refused the post.")]
)
def test_a_sentence_ends_well_if_the_network_says_nothing(said: str, shown: str):
    error = Meaning(Rejected, "{name} refused the post: {said}").as_error(said, name="X")

    assert error.message == shown
