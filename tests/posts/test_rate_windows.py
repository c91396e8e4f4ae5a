import pytest

from posts import rate_windows
from posts.rate_windows import Window


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("60/min", (Window(60, 60),)),
        ("60/min,1000/h, 10000/day", (Window(60, 60), Window(1000, 3600), Window(10000, 86400))),
        ("50/5min", (Window(50, 300),)),
        ("5/90s", (Window(5, 90),)),
        (" none ", ()),
    ],
)
def test_limits_are_parsed(text, found):
    assert rate_windows.parse(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "60", "60/", "/min", "0/min", "5/0s", "-1/min", "60/min,", "60/week", "all", "6/٣s"],
)
def test_invalid_limits_are_refused(text):
    with pytest.raises(ValueError, match=r"not a (limit|duration)|allow nothing"):
        rate_windows.parse(text)


@pytest.mark.parametrize("text", ["60/min", "1000/h", "10000/day", "50/5min", "5/90s", "1/2day"])
def test_a_window_reads_as_it_was_written(text):
    assert str(*rate_windows.parse(text)) == text


@pytest.mark.parametrize(("text", "seconds"), [("0s", 0), ("90min", 5400), ("h", 3600)])
def test_durations_are_parsed(text, seconds):
    assert rate_windows.length(text) == seconds
