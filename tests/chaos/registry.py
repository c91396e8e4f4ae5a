"""Every scenario, by its name."""

from tests.chaos import (
    answers,
    crashes,
    customers,
    expiring,
    lookups,
    machines,
    postgres,
    processes,
    redis,
    restored,
    storm,
)
from tests.chaos.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *crashes.SCENARIOS,
        *expiring.SCENARIOS,
        *answers.SCENARIOS,
        *lookups.SCENARIOS,
        *redis.SCENARIOS,
        *postgres.SCENARIOS,
        *restored.SCENARIOS,
        *processes.SCENARIOS,
        *machines.SCENARIOS,
        *customers.SCENARIOS,
        *storm.SCENARIOS,
    )
}
