"""What counts as a stall."""

from datetime import UTC, datetime, timedelta

from tests.chaos.hosts.stall import Work, longest_stall

START = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = START + timedelta(days=1)


def work(due: float, ended: float, *, is_published: bool = True) -> Work:
    at = [START + timedelta(seconds=seconds) for seconds in (due, ended)]
    return Work(*at, is_published=is_published)


def test_a_stall_is_from_one_publication_to_the_next_while_something_is_due():
    assert longest_stall([work(0, 1), work(0, 2), work(0, 9)], FOREVER) == 7


def test_time_without_due_work_is_no_stall():
    assert longest_stall([work(0, 1), work(50, 52)], FOREVER) == 2


def test_a_failure_ends_no_stall_and_its_wait_is_work_that_is_due():
    found = [work(0, 1), work(2, 5, is_published=False), work(30, 31)]
    assert longest_stall(found, FOREVER) == 1
    found = [work(0, 1), work(2, 40, is_published=False), work(30, 31)]
    assert longest_stall(found, FOREVER) == 29


def test_what_comes_after_the_end_is_not_counted():
    assert longest_stall([work(0, 1), work(0, 100)], START + timedelta(seconds=11)) == 10


def test_without_work_there_is_no_stall():
    assert longest_stall([], FOREVER) == 0
