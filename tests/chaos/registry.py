"""Every scenario, by its name."""

from tests.chaos import crashes, customers, expiring, machines, processes, storm
from tests.chaos.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *crashes.SCENARIOS,
        *storm.SCENARIOS,
        *processes.SCENARIOS,
        *expiring.SCENARIOS,
        *customers.SCENARIOS,
        *machines.SCENARIOS,
    )
}
