import pytest

from config.status import wording


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (2e5, "2 d")],
)
def test_ages_read_as_people_say_them(seconds, words):
    assert wording.age(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0"), (10_000, "10,000"), (10_001, "10,000+"), (3_000_000, "10,000+")]
)
def test_a_count_above_its_limit_is_shown_as_at_least(count, words):
    assert wording.number(count) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (0.001, "< 1 %"), (0.96, "96 %"), (0.999, "99 %"), (1, "100 %")],
)
def test_nearly_none_and_nearly_all_are_not_none_and_all(share, words):
    assert wording.percent(share) == words
