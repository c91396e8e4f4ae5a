"""Every scenario, by its name."""

from tests.chaos import crashes, storm
from tests.chaos.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (*crashes.SCENARIOS, *storm.SCENARIOS)
}
