"""Cases of a test that share its fixtures, for tests whose cases are cheaper than their world."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from tests.posts.api.walk.judged import every

Test = Callable[..., None]


def cases(names: str | tuple[str, ...], values: Iterable[Any]) -> Callable[[Test], Test]:
    """As `pytest.mark.parametrize`, but one test: what a case has written is undone before the
    next. All cases that fail are told together. For tests inside a transaction that change nothing
    else, and for tests without a database."""
    given = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    chosen = [Case(given, value) for value in values]
    assert chosen, "A list that is empty by mistake would pass."

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def all_of_them(**fixtures: Any) -> None:
            every(chosen, lambda case: test(**fixtures, **case.arguments))

        asked = inspect.signature(test)
        kept = [each for each in asked.parameters.values() if each.name not in given]
        all_of_them.__signature__ = asked.replace(parameters=kept)  # type: ignore[attr-defined]
        return all_of_them

    return decorate


class Case:
    """The values of one case, and how it is called where it fails."""

    def __init__(self, names: list[str], value: Any) -> None:
        found = getattr(value, "values", value) if hasattr(value, "marks") else value
        found = found if len(names) > 1 or hasattr(value, "marks") else [found]
        self.arguments = dict(zip(names, found, strict=True))
        self.name = ", ".join(f"{name}={each!r:.80}" for name, each in self.arguments.items())
