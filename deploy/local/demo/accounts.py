"""The accounts of the demo workspace: one per network, and some for what those cannot show."""

from platforms.registry import ADAPTERS

#: (network, setting, value): daily limits that a day of demos would reach.
GENEROUS = tuple(
    (key, name, value)
    for key, adapter in ADAPTERS.items()
    for name, value in adapter.demo.simulator_settings.items()
)
#: First the one of each network that newcomers post to.
DEMO_ACCOUNTS = tuple(
    sorted(
        (account for adapter in ADAPTERS.values() for account in adapter.demo.accounts),
        key=lambda account: account.spare,
    )
)
