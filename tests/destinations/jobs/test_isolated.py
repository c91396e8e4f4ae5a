"""Of many that get the same done, one that fails holds up no other."""

import pytest
from django.db import OperationalError

from destinations.jobs import isolated


def work(*numbers: int) -> int:
    if 0 in numbers:
        raise ZeroDivisionError
    return len(numbers)


def away(*_: object) -> int:
    raise OperationalError("gone")


def test_each_is_done_but_the_one_that_fails_which_is_logged(caplog):
    assert isolated.each(work, [1, 0, 2], "counting") == 2
    assert "job_failed" in caplog.text


def test_all_are_done_together_and_alone_only_if_that_fails():
    groups = []

    def note(items) -> int:
        groups.append(list(items))
        return work(*items)

    assert isolated.together(note, [1, 2], "counting") == 2
    assert isolated.together(note, [1, 0, 2], "counting") == 2
    assert groups == [[1, 2], [1, 0, 2], [1], [0], [2]]


@pytest.mark.parametrize("do", [isolated.each, isolated.together])
def test_without_the_database_nothing_is_tried_again(do):
    with pytest.raises(OperationalError):
        do(away, [1, 2], "counting")


def test_all_functions_are_called_in_order_and_a_failure_is_raised_at_the_end():
    called = []

    def fail() -> None:
        called.append("first")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        isolated.call_all([fail, lambda: called.append("second")])

    assert called == ["first", "second"]
