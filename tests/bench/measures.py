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
    "small": Measure("small", "100 due at the same moment, and single posts", in_short=False),
    "fairness": Measure("fairness", "A post a second beside 50,000 due of another workspace"),
    "isolation": Measure("isolation", "Beside a slow network, beside a busy account", 900),
    "order": Measure("order", "Order within an account"),
}
