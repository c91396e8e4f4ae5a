"""What operators see of accounts and destinations, and the few things they may do to them."""

from destinations.admin import account, destination, history

__all__ = ["account", "destination", "history"]
