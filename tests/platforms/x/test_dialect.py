"""X names fields of posts in one of two ways; both are understood, in lookups and in numbers."""

import pytest

from platforms.drafts import Draft
from platforms.metrics import Metrics
from platforms.outcomes import Published
from platforms.x import dialect, metrics
from tests.platforms.driver import Drive

PARAMETERS = (dialect.PRESENT, dialect.FORMER)
DRAFT = Draft("New: https://example.com/1")
#: An answer as X gives it if it does not know the parameter and says nothing.
IGNORED = '{"data": [{"id": "%s", "text": "Hi"}], "meta": {"result_count": 1}}'


def asked(drive: Drive) -> list[str]:
    return [name for _, query in drive.queries for name in PARAMETERS if name in query]


@pytest.fixture
def published(drive: Drive) -> Published:
    made = drive.finish(DRAFT)
    drive.checkpoint, drive.queries = {}, []
    return made


@pytest.mark.parametrize("only", PARAMETERS)
def test_numbers_and_lookups_speak_the_dialect_that_x_takes_and_remember_it(
    drive: Drive, published: Published, only: str
):
    drive.set("dialect", only)

    first = drive.read_metrics(published.id)[published.id]
    found = drive.find(DRAFT)

    assert None not in (first.likes, first.comments, first.shares, first.impressions)
    assert found == published
    refused = [] if only == dialect.PRESENT else [dialect.PRESENT]
    assert asked(drive) == [*refused, only, only]


def test_a_parameter_that_x_ignores_is_asked_for_by_its_other_name(
    drive: Drive, published: Published
):
    drive.fault(call="get_posts", status=200, body=IGNORED % published.id, times=1)

    assert drive.read_metrics(published.id)[published.id].likes is not None
    assert asked(drive) == [dialect.PRESENT, dialect.FORMER]


def test_a_refusal_of_both_is_an_error_and_nothing_is_learnt(drive: Drive, published: Published):
    drive.fault(call="get_posts", status=400, body='{"title": "Invalid Request"}', times=2)

    with pytest.raises(Exception, match="X"):
        drive.read_metrics(published.id)
    drive.queries = []
    drive.read_metrics(published.id)
    assert asked(drive) == [dialect.PRESENT]


@pytest.mark.parametrize(
    ("public", "shares"),
    [
        ({"repost_count": 3, "quote_count": 2}, 5),
        ({"retweet_count": 3, "quote_count": 2}, 5),
        ({"quote_count": 2}, None),
        ({"repost_count": 3}, None),
    ],
)
def test_shares_are_reposts_and_quotes_and_never_one_of_them_alone(public, shares):
    assert metrics._metrics(public) == Metrics(shares=shares)
