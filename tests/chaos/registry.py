"""Every scenario, by its name."""

from tests.chaos import (
    answers,
    approval,
    crashes,
    customers,
    deleting,
    expiring,
    failing,
    feeds,
    importing,
    lookups,
    machines,
    outages,
    paused,
    postgres,
    processes,
    real,
    redis,
    repeating,
    restored,
    storm,
    webhooks,
)
from tests.chaos.hosts import scenarios as hosts
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
        *deleting.SCENARIOS,
        *outages.SCENARIOS,
        *failing.SCENARIOS,
        *paused.SCENARIOS,
        *repeating.SCENARIOS,
        *approval.SCENARIOS,
        *importing.SCENARIOS,
        *feeds.SCENARIOS,
        *webhooks.SCENARIOS,
        *storm.SCENARIOS,
        *real.SCENARIOS,
        *hosts.SCENARIOS,
    )
}
