"""Every scenario, by its name."""

from tests.chaos import crashes, postgres, redis
from tests.chaos.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *crashes.SCENARIOS,
        *postgres.SCENARIOS,
        *redis.SCENARIOS,
    )
}
