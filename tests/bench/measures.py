"""Which measures there are, in the order of the table."""

from typing import Final, NamedTuple


class Measure(NamedTuple):
    module: str
    title: str
    #: Ended after so long.
    within_seconds: int = 600
    #: Whether `SHORT=1` runs it.
    in_short: bool = True


MEASURES: Final = {
    "spike": Measure("spike", "10,000 due in one second", 1200),
    "parts": Measure("parts", "What a worker executes during a spike", in_short=False),
    "small": Measure("small", "100 due at the same moment, and single posts", in_short=False),
    "fairness": Measure(
        "fairness", "A post a second beside 50,000 due of another workspace", in_short=False
    ),
    "isolation": Measure(
        "isolation", "Beside a slow network, beside a busy account", 900, in_short=False
    ),
    "strangers": Measure(
        "strangers", "A post a second beside 100 accounts at the worst servers", in_short=False
    ),
    "order": Measure("order", "Order within an account"),
    "rows": Measure("steps", "What PostgreSQL spends on a destination", in_short=False),
    "dispatch": Measure("claims", "A claim of 500, of old statistics", 900, in_short=False),
    "http": Measure("http_client", "What a network's request costs the worker", in_short=False),
    "api": Measure("api", "CPU of API calls", 1200),
    "lists": Measure("lists", "Lists and counts of a million posts", 1800, in_short=False),
    "imports": Measure("imports", "A file of 5,000 posts", in_short=False),
    "start": Measure("start", "How long `make up` takes", in_short=False),
    "idle": Measure("idle", "`make up` while nothing is due"),
    "compact": Measure("compact", "The compact form", in_short=False),
    "admin": Measure("scale.pages", "The admin, with a year of posts", 2400, in_short=False),
    "search": Measure(
        "scale.search", "The admin's search, with a year of posts", 1800, in_short=False
    ),
    "request": Measure("floor", "What a request costs before and after its view", in_short=False),
}
