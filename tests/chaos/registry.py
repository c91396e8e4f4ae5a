"""Every scenario, by its name."""

from tests.chaos import answers, crashes, lookups, postgres, redis, storm
from tests.chaos.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *crashes.SCENARIOS,
        *answers.SCENARIOS,
        *lookups.SCENARIOS,
        *postgres.SCENARIOS,
        *redis.SCENARIOS,
        *storm.SCENARIOS,
    )
}
